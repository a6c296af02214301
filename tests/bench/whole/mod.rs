//! A whole run of the refresher over many tenants that are all due, against the smaller of two
//! bounds: what the CPU allows a loop by hand that signs, posts and writes once for each, and
//! what the concurrency allows at that loop's latency. The same with a thousand tenants, for the
//! memory and the units that must not grow. Simulator and table are another process.

mod hand;
mod process;

use auth::TenantId;
use auth::ports::Clock as _;
use aws::SystemClock;
use serde_json::json;

use crate::child::{Running, role};
use crate::fleet;
use crate::place::Place;
use crate::report::{note, row, table};
use crate::world::World;

pub(crate) use process::serve;
use process::{Asked, Measured};

/// What the larger fleet is compared with.
const FEW: usize = 1_000;
/// Tokens of the loop by hand.
const BY_HAND: usize = 2_000;

/// What `whole` takes.
#[derive(clap::Args)]
pub(crate) struct Wanted {
    /// Tenants that are due
    #[arg(long, default_value_t = 100_000)]
    tenants: usize,
    /// Renewals at a time (`REFRESH_CONCURRENCY`)
    #[arg(long, default_value_t = 64)]
    concurrency: usize,
}

/// Measures and prints the table.
pub(crate) async fn run(wanted: &Wanted) {
    let few = measure(wanted.tenants.min(FEW), wanted.concurrency).await;
    let many = measure(wanted.tenants, wanted.concurrency).await;
    print(&few, &many, wanted.concurrency);
}

async fn measure(tenants: usize, concurrency: usize) -> Measured {
    let world = World::start(tenants).await;
    let names = world.tenants();
    let ids: Vec<TenantId> = names.iter().map(|id| id.parse().unwrap()).collect();
    // Not by the measured process, whose memory counts.
    let store = Place::of(world.directory.path()).platform().await.store;
    fleet::connect(store.table(), &ids, SystemClock.now()).await;
    let asked = Asked {
        tenants,
        concurrency,
        by_hand: names.into_iter().take(BY_HAND).collect(),
    };
    let file = world.directory.path().join("whole.json");
    std::fs::write(&file, json!(asked).to_string()).unwrap();
    let mut command = role("whole-process");
    command.arg(world.directory.path()).arg(&file);
    let process = Running::start(command).await;
    serde_json::from_str(&process.line).unwrap()
}

fn print(few: &Measured, many: &Measured, concurrency: usize) {
    let head = row([
        "a run over tenants that are all due",
        &few.tenants.to_string(),
        &many.tenants.to_string(),
        "aim",
    ]);
    let line = |name: &str, value: &dyn Fn(&Measured) -> String, aim: &str| {
        row([name, &value(few), &value(many), aim])
    };
    let rows = [
        head,
        line("tokens a second", &|of| format!("{:.0}", of.rate()), ""),
        line(
            "bound by the CPU of a loop by hand",
            &|of| format!("{:.0}", of.cpu_bound()),
            "",
        ),
        line(
            "bound by concurrency ÷ latency",
            &|of| format!("{:.0}", of.latency_bound(concurrency)),
            "",
        ),
        line(
            "× the smaller bound",
            &|of| format!("{:.2}", of.share(concurrency)),
            "≥ 0.8",
        ),
        line(
            "CPU per token, × the loop by hand",
            &|of| format!("{:.2}", of.cpu_micros / of.hand_cpu_micros),
            "",
        ),
        line(
            "resident MiB at most",
            &|of| format!("{:.1}", of.resident_kib as f64 / 1024.0),
            &format!("≤ 1.2 × ({:.2})", ratio_of_memory(few, many)),
        ),
        line(
            "write units a renewal",
            &|of| format!("{:.3}", of.write_units / of.refreshed as f64),
            "constant",
        ),
        line(
            "read units a renewal",
            &|of| format!("{:.3}", of.read_units / of.refreshed as f64),
            "",
        ),
        line("runs", &|of| of.runs.to_string(), ""),
    ];
    table("A whole run", &rows);
    note(&format!(
        "{concurrency} at a time. The first token of a tenant leaves its place in the due index, \
         which costs two write units more than a later renewal. By hand: one signature, one POST \
         and one UpdateItem of a kilobyte through the SDK, {BY_HAND} of them at most, as many at a \
         time; its latency is the mean from the signature to the written item."
    ));
}

fn ratio_of_memory(few: &Measured, many: &Measured) -> f64 {
    many.resident_kib as f64 / few.resident_kib as f64
}
