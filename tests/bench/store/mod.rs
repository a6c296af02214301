//! Request units of the ways to know what is due: today's index, rows of their own,
//! and a scan. Each on two DynamoDB engines that share no code, with the same items.
//! The decision that rests on it is `infra/decisions/0015-what-is-due.md`.

mod dynamodb;
mod index;
mod scan;
mod slots;

use tests::Ministack;

use self::dynamodb::{Table, Units, text};
use crate::place::{self, Place};
use crate::report::{note, row, table};
use crate::world::World;

/// Requests at a time.
const AT_A_TIME: usize = 16;
/// What every token must hold.
const ROLE: &str = "ActivityFeed.Read";

/// US dollars for a million units on demand in us-east-1, since November 2024.
const WRITE_PRICE: f64 = 0.625;
const READ_PRICE: f64 = 0.125;
/// A run every five minutes, for thirty days.
const RUNS_A_MONTH: f64 = 30.0 * 288.0;
/// A token of 3,599 s is due 1,920 to 1,979 s after it was asked for (lead 1,620 s,
/// jitter up to 59 s), and the next run is the seventh: 2,100 s.
const REFRESHES_A_MONTH: f64 = 30.0 * 86_400.0 / 2_100.0;

/// What a design costs, in request units.
struct Cost {
    /// For each token, what a run that renews all of them consumes, less an empty run.
    refresh: Units,
    /// A run that finds nothing.
    empty: Units,
    /// A vend from the table.
    vend: Units,
    tenants: usize,
}

impl Cost {
    fn of(full: Units, empty: Units, vend: Units, tenants: usize) -> Self {
        let each = |full: f64, empty: f64| (full - empty) / tenants as f64;
        let refresh = Units {
            read: each(full.read, empty.read),
            write: each(full.write, empty.write),
        };
        Self {
            refresh,
            empty,
            vend,
            tenants,
        }
    }

    /// US dollars a month, storage and vends left out.
    fn month(&self) -> f64 {
        let price = |units: &Units| (units.write * WRITE_PRICE + units.read * READ_PRICE) / 1e6;
        let refreshes = REFRESHES_A_MONTH * self.tenants as f64;
        refreshes * price(&self.refresh) + RUNS_A_MONTH * price(&self.empty)
    }

    fn row(&self, engine: &str, design: &str) -> Vec<String> {
        let units = |units: &Units| format!("{:.2} W + {:.2} R", units.write, units.read);
        row([
            engine,
            &self.tenants.to_string(),
            design,
            &units(&self.refresh),
            &format!("{:.1} R", self.vend.read),
            &units(&self.empty),
            &format!("{:.2}", self.month()),
        ])
    }
}

/// Measures and prints the table.
pub(crate) async fn run(tenants: &[usize]) {
    let world = World::start(1).await;
    let place = Place::of(world.directory.path());
    let ministack = Ministack::start().await;
    let engines = [
        ("dynoxide", world.ready.table_endpoint.clone()),
        ("ministack", ministack.endpoint.clone()),
    ];
    let mut rows = vec![row([
        "engine",
        "tenants",
        "design",
        "a refresh",
        "a vend",
        "an empty run",
        "$ a month",
    ])];
    for (engine, endpoint) in &engines {
        for count in tenants {
            eprintln!("bench store: {count} tenants on {engine}");
            rows.extend(designs(&place, engine, endpoint, *count).await);
        }
    }
    table("What is due", &rows);
    note(&format!(
        "W and R are write and read request units as the engine counts them; a month has \
         30 days, {:.0} refreshes of each tenant and {RUNS_A_MONTH} runs; a million units \
         cost {WRITE_PRICE} (W) and {READ_PRICE} (R) US dollars.",
        REFRESHES_A_MONTH
    ));
}

async fn designs(place: &Place, engine: &str, endpoint: &str, tenants: usize) -> Vec<Vec<String>> {
    let name = format!("index-{tenants}");
    let index = place::store(endpoint, &name).await.table().clone();
    let index = index::measure(place, index, tenants).await;
    // The others hold the very same items, but for what puts them into the index.
    let mut items = Table::new(endpoint, &name).all().await;
    for item in &mut items {
        item.remove("due_shard");
    }
    let is_token = |item: &&dynamodb::Item| text(item, "sk").starts_with("TOKEN#");
    let tokens: Vec<_> = items.iter().filter(is_token).cloned().collect();
    let table = Table::create(endpoint, &format!("slots-{tenants}")).await;
    let slots = slots::measure(&table, &items, &tokens).await;
    let table = Table::create(endpoint, &format!("scan-{tenants}")).await;
    let scan = scan::measure(&table, &items, &tokens).await;
    vec![
        index.row(engine, "(a) sharded index"),
        slots.row(engine, "(b) rows by slot, with TTL"),
        scan.row(engine, "(c) segmented scan"),
    ]
}
