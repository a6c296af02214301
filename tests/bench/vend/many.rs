//! Vends with many tenants in the table against vends with a hundred: from memory and
//! with a look at the table each time. Both processes take turns.

use std::time::Duration;

use auth::TenantId;
use auth::ports::Clock as _;
use aws::SystemClock;
use tokio::time::timeout;

use super::load::{AT_A_TIME, Load};
use super::{ROUNDS, TENANTS};
use crate::fleet;
use crate::place::Place;
use crate::policy_text;
use crate::report::{median, note, ratio, row, table};
use crate::world::World;
use tests::issuer::Issuer;

/// For everything: a table that takes longer to fill is not worth waiting for.
const PATIENCE: Duration = Duration::from_secs(20 * 60);

/// Measures with `many` tenants and prints the table.
pub(crate) async fn run(many: usize, requests: usize) {
    let measured = timeout(PATIENCE, measure(many, requests / ROUNDS)).await;
    measured.expect("it ends in time");
}

/// A table, the process over it, and its turns.
struct Side {
    _world: World,
    tenants: usize,
    load: Load,
    /// Resident once every tenant is in its memory, in MiB.
    memory: f64,
    from_memory: Vec<f64>,
    from_table: Vec<f64>,
}

async fn measure(many: usize, each: usize) {
    let issuer = Issuer::start().await;
    let few = Side::open(TENANTS, &issuer, each).await;
    let mut sides = [few, Side::open(many, &issuer, each).await];
    for _ in 0..ROUNDS {
        for side in &mut sides {
            side.turn().await;
        }
    }
    print(&sides, each * ROUNDS);
}

impl Side {
    async fn open(tenants: usize, issuer: &Issuer, each: usize) -> Self {
        let world = World::start(1).await;
        let ids = fleet::tenants(tenants);
        fill(&world, &ids, &issuer.url).await;
        let names = ids.iter().map(ToString::to_string).collect();
        let load = Load::start(&world, issuer, names, each).await;
        load.ask_for_all(&load.addresses.signed).await;
        Self {
            _world: world,
            tenants,
            memory: load.memory(),
            load,
            from_memory: Vec::new(),
            from_table: Vec::new(),
        }
    }

    async fn turn(&mut self) {
        let at = &self.load.addresses;
        let from_memory = self.load.signed(&at.signed).await;
        let from_table = self.load.signed(&at.signed_from_table).await;
        self.from_memory.push(from_memory);
        self.from_table.push(from_table);
    }
}

/// Each tenant with a token that lives an hour.
async fn fill(world: &World, ids: &[TenantId], issuer: &str) {
    let place = Place::of(world.directory.path());
    let store = place.platform().await.store;
    let table = store.table().clone();
    let now = SystemClock.now();
    let later = now + Duration::from_secs(3_000);
    fleet::connect_labelled(&table, ids, later).await;
    policy_text::put(store.policies.as_ref(), policy_text::mixed(issuer)).await;
    fleet::settle(&place.tokens(table).await, ids, now, later).await;
}

fn print(sides: &[Side; 2], requests: usize) {
    let [few, many] = sides;
    let mut rows = vec![row([
        "tenants",
        "from memory, CPU µs",
        "× few",
        "from the table, CPU µs",
        "× few",
        "resident MiB",
        "aim",
    ])];
    for (side, aim) in [(few, ""), (many, "≤ 1.10")] {
        let times_few = |own: &[f64], few: &[f64]| format!("{:.2}", ratio(own, few));
        rows.push(row([
            &side.tenants.to_string(),
            &format!("{:.1}", median(&side.from_memory)),
            &times_few(&side.from_memory, &few.from_memory),
            &format!("{:.0}", median(&side.from_table)),
            &times_few(&side.from_table, &few.from_table),
            &format!("{:.0}", side.memory),
            aim,
        ]));
    }
    table("Many tenants", &rows);
    note(&format!(
        "{requests} signed requests of each kind in {ROUNDS} turns, {AT_A_TIME} at a time, for all \
         tenants of the table one after another; each was asked for once before. The CPU time is \
         the function's own, not the table's."
    ));
}
