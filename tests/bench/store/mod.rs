//! Request units of renewals, runs and vends. On two DynamoDB engines that share no code, with
//! the same items. The decision that rests on it is
//! `infra/decisions/0050-one-write-unit-a-renewal.md`.

mod index;

use tests::Ministack;

use crate::meter::Units;
use crate::place::{self, Place};
use crate::report::{note, row, table};
use crate::world::World;

/// What every token must hold.
const ROLE: &str = "ActivityFeed.Read";

/// US dollars for a million units on demand in us-east-1, since November 2024.
const WRITE_PRICE: f64 = 0.625;
const READ_PRICE: f64 = 0.125;
/// A run every five minutes, for thirty days.
const RUNS_A_MONTH: f64 = 30.0 * 288.0;
/// Of each tenant: once in a cycle of 1,979 s.
const REFRESHES_A_MONTH: f64 = 30.0 * 86_400.0 / 1_979.0;

fn dollars(units: Units) -> f64 {
    (units.write * WRITE_PRICE + units.read * READ_PRICE) / 1e6
}

/// What a fleet costs, in request units.
struct Cost {
    tenants: usize,
    /// The first token of a tenant that was connected.
    first: Units,
    /// Each renewal after it.
    refresh: Units,
    /// A run beside its renewals: marks, queries, leases.
    run: Units,
    /// A run that finds nothing.
    empty: Units,
    /// A vend from the table.
    vend: Units,
}

impl Cost {
    /// US dollars a month, storage and vends left out.
    fn month(&self) -> f64 {
        let refreshes = REFRESHES_A_MONTH * self.tenants as f64;
        refreshes * dollars(self.refresh) + RUNS_A_MONTH * dollars(self.run)
    }

    fn row(&self, engine: &str) -> Vec<String> {
        row([
            engine,
            &self.tenants.to_string(),
            &self.first.text(),
            &self.refresh.text(),
            &self.run.text(),
            &self.empty.text(),
            &format!("{:.1} R", self.vend.read),
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
        "a first token",
        "a renewal",
        "a run besides",
        "an empty run",
        "a vend",
        "$ a month",
    ])];
    for (engine, endpoint) in &engines {
        for count in tenants {
            eprintln!("bench store: {count} tenants on {engine}");
            let store = place::store(endpoint, &format!("index-{count}")).await;
            let cost = index::measure(&place, store.table().clone(), *count).await;
            rows.push(cost.row(engine));
        }
    }
    table("Units of the table", &rows);
    note(&format!(
        "W and R are write and read request units as the engine counts them; a month has \
         30 days, {REFRESHES_A_MONTH:.0} renewals of each tenant and {RUNS_A_MONTH} runs; a \
         million units cost {WRITE_PRICE} (W) and {READ_PRICE} (R) US dollars.",
    ));
}
