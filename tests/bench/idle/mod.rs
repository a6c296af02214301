//! What tenants where nothing happens cost: listings, vends and request units, counted on two
//! DynamoDB engines that share no code. Days of busier tenants are counted in `shared/feed/tests/days.rs`.

mod fleet;
mod outside;

use tests::Ministack;

use self::fleet::measure;
use crate::meter::Units;
use crate::place;
use crate::report::{note, row, table};
use crate::world::World;

/// How long it is counted, and for whom.
#[derive(Debug, clap::Args)]
pub(crate) struct Wanted {
    /// Numbers of tenants; ministack, which is slow, has the first alone
    #[arg(long, value_delimiter = ',', default_values_t = [100, 1_000])]
    tenants: Vec<usize>,
    /// Hours of the clock
    #[arg(long, default_value_t = 24)]
    hours: u32,
}

/// What so many idle tenants took.
struct Cost {
    tenants: usize,
    types: usize,
    days: f64,
    turns: u32,
    runs: u32,
    listings: u64,
    /// Requests to the Activity API that are no listing.
    others: u64,
    vends: u64,
    /// Of the tenants' rows and batches.
    rows: Units,
    /// Of the list of tenants, the due index and the leases.
    besides: Units,
}

/// Counts and prints the table.
pub(crate) async fn run(wanted: &Wanted) {
    let world = World::start(1).await;
    let ministack = Ministack::start().await;
    let mut rows = vec![row([
        "engine",
        "tenants",
        "listings a type and day",
        "other requests a day",
        "vends a day",
        "a turn",
        "rows written, W a day",
        "a run besides",
        "all, a tenant and day",
    ])];
    let engines = [
        (
            "dynoxide",
            &world.ready.table_endpoint,
            wanted.tenants.len(),
        ),
        ("ministack", &ministack.endpoint, 1),
    ];
    for (engine, endpoint, sizes) in engines {
        for tenants in wanted.tenants.iter().take(sizes) {
            eprintln!("bench idle: {tenants} tenants on {engine}");
            let store = place::store(endpoint, &format!("idle-{tenants}")).await;
            let cost = measure(&store, (*tenants, wanted.hours)).await;
            rows.push(cost.row(engine));
        }
    }
    table("Idle tenants", &rows);
    note(
        "Listings, requests, vends and rows are those of one tenant. W and R are request units as the engine counts \
         them; \"a turn\" is what a tenant's turn reads, \"a run besides\" the list of tenants, the due index \
         and the leases. The clock is moved: a week to begin with, then the hours that are counted, with a run every 300 s.",
    );
}

impl Cost {
    fn row(&self, engine: &str) -> Vec<String> {
        let tenant_days = self.tenants as f64 * self.days;
        let a_day = |count: u64| format!("{:.1}", count as f64 / tenant_days);
        let all = Units {
            read: self.rows.read + self.besides.read,
            write: self.rows.write + self.besides.write,
        };
        row([
            engine,
            &self.tenants.to_string(),
            &format!(
                "{:.1}",
                self.listings as f64 / tenant_days / self.types as f64
            ),
            &a_day(self.others),
            &a_day(self.vends),
            &format!("{:.2} R", self.rows.read / f64::from(self.turns)),
            &format!("{:.2}", self.rows.write / tenant_days),
            &self.besides.each(f64::from(self.runs)).text(),
            &all.each(tenant_days).text(),
        ])
    }
}
