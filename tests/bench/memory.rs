//! Resident memory of the one-machine run: the release binary as `cargo run --release`
//! starts it, idle, and with many tenants in its table and in its memory.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use auth::ports::Clock as _;
use aws::SystemClock;
use futures::StreamExt as _;
use tests::{Broker, ReadyLine};
use tokio::process::Command;

use crate::child::{Running, beside};
use crate::cpu::memory_of;
use crate::fleet;
use crate::place::Place;
use crate::report::{note, row, table};

/// Vends at a time.
const AT_A_TIME: usize = 16;

/// Measures and prints the table.
pub(crate) async fn run(tenants: usize) {
    let directory = tempfile::tempdir().unwrap();
    let first = start(directory.path()).await;
    vend_nothing(&first).await;
    let idle = memory_of(first.id(), "VmRSS");
    fill(directory.path(), tenants).await;
    let filled = memory_of(first.id(), "VmRSS");
    first.interrupt().await;

    // A new process: what filling the table left behind is not what serving it takes.
    let second = start(directory.path()).await;
    let started = memory_of(second.id(), "VmRSS");
    vend_each(&second, tenants).await;
    let vended = memory_of(second.id(), "VmRSS");
    let line =
        |what: &str, kib: u64, aim: &str| row([what, &format!("{:.1}", kib as f64 / 1024.0), aim]);
    let rows = [
        row(["the one-machine run", "resident MiB", "aim"]),
        line("idle, after its first answer", idle, "≤ 32"),
        line(
            &format!("started with {tenants} tenants in the table"),
            started,
            "",
        ),
        line(
            &format!("{tenants} tenants in the table and in memory"),
            vended,
            "≤ 80",
        ),
        line(
            &format!("the process that {tenants} tenants were written through"),
            filled,
            "",
        ),
    ];
    table("Memory", &rows);
    note(&format!(
        "Each tenant was vended once, {AT_A_TIME} at a time; tokens of 1,400 bytes."
    ));
}

pub(crate) async fn start(data_dir: &Path) -> Running {
    let mut command = Command::new(beside("local"));
    command
        .args(["--ready-json", "--port", "0", "--entra-port", "0"])
        .args(["--refresh-every", "3600", "--data-dir"])
        .arg(data_dir)
        .env("RUST_LOG", "error")
        // The audit lines of ten thousand vends.
        .stderr(Stdio::null());
    Running::start(command).await
}

/// A run that never answered anything is not one that anybody has.
async fn vend_nothing(run: &Running) {
    let health = Broker::of(&ready(run)).get("/health").await;
    assert_eq!(health.status, 200);
}

pub(crate) async fn fill(data_dir: &Path, tenants: usize) {
    let place = Place::of(data_dir);
    let table = place.platform().await.store.table().clone();
    let (ids, now) = (fleet::tenants(tenants), SystemClock.now());
    let later = now + Duration::from_secs(3_000);
    fleet::connect(&table, &ids, later).await;
    fleet::settle(&place.tokens(table).await, &ids, now, later).await;
}

async fn vend_each(run: &Running, tenants: usize) {
    let broker = Broker::of(&ready(run));
    futures::stream::iter(fleet::tenants(tenants))
        .for_each_concurrent(AT_A_TIME, async |id| {
            let vended = broker.vend(&id.to_string()).await;
            assert_eq!(vended.status, 200, "{}", vended.body);
        })
        .await;
}

fn ready(run: &Running) -> ReadyLine {
    serde_json::from_str(&run.line).unwrap()
}
