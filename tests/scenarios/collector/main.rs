//! The audit log of a tenant, from its admin's consent to a person's own tools: what the
//! simulator's book says that it offered is in the objects, byte for byte, and nothing else.
#![allow(clippy::unwrap_used, reason = "test code: a panic is how it fails")]

#[cfg(feature = "real-parts")]
mod athena;
mod bad_answers;
mod bad_bucket;
mod bad_time;
mod beside;
mod book;
mod killed;
mod objects;
mod offered;
mod processes;
mod purged;
#[cfg(feature = "real-parts")]
mod readers;
mod sooner;
mod twice;
mod webhooks;

use std::path::Path;
use std::time::Duration;

use tests::process::Start;
use tests::{Browser, Flow, MovedRun, connect};
use tokio::time::{interval, timeout};

use self::objects::{Stored, stored};
use self::offered::Offered;

const MACHINE: &str = env!("CARGO_BIN_EXE_machine");
/// What the page promises a person.
const A_MINUTE: Duration = Duration::from_secs(60);
const TICK: Duration = Duration::from_millis(200);

/// Where a run in this process collects.
fn directory(run: &MovedRun) -> &Path {
    &run.machine.ready.objects_directory
}

async fn connected(run: &MovedRun, index: usize) {
    let page = run.connect(&mut Browser::default(), index).await;
    assert_eq!(page.heading(), "Connected", "{}", page.body);
}

#[tokio::test]
async fn what_was_offered_by_now_is_stored_by_one_run_and_of_connected_tenants_alone() {
    let data = tempfile::tempdir().unwrap();
    let run = MovedRun::start(data.path(), 2).await;
    connected(&run, 0).await;
    let report = run.machine.collect().await.unwrap();
    assert_eq!((report.ended_early, report.turns), (None, 1), "{report:?}");
    let offered = Offered::of(&run.broker, &run.tenant(0)).await;
    assert!(offered.len() > 20, "{}", offered.len());
    let found = stored(directory(&run));
    assert_eq!(found.records(), offered.digests());
    assert_eq!(found.tenants(), [run.tenant(0)].into());
    assert_eq!(report.records, u64::try_from(offered.len()).unwrap());
    // A run that finds nothing new makes no object.
    run.machine.collect().await.unwrap();
    assert_eq!(stored(directory(&run)), found);
}

#[tokio::test]
async fn what_comes_later_is_stored_too_once_and_what_is_late_is_all_that_is_missing() {
    let data = tempfile::tempdir().unwrap();
    let run = MovedRun::start(data.path(), 1).await;
    connected(&run, 0).await;
    for _ in 0..18 {
        run.machine.collect().await.unwrap();
        run.clock.advance(600);
    }
    run.machine.collect().await.unwrap();
    let offered = Offered::of(&run.broker, &run.tenant(0)).await;
    let found = stored(directory(&run)).records();
    assert!(offered.in_time() > 200, "{}", offered.in_time());
    assert_eq!(offered.missing_in_time(&found), 0);
    assert!(
        found
            .iter()
            .all(|record| offered.digests().contains(record))
    );
}

/// DuckDB is no part of `tests/run --quick`.
#[cfg(feature = "real-parts")]
#[tokio::test]
async fn the_printed_line_counts_the_records() {
    let data = tempfile::tempdir().unwrap();
    let run = MovedRun::start(data.path(), 1).await;
    connected(&run, 0).await;
    let report = run.machine.collect().await.unwrap();
    let text = run.machine.ready.for_a_person("RESOURCE", "REDIRECT");
    let line = text
        .lines()
        .find(|line| line.starts_with("duckdb "))
        .unwrap();
    let counts = objects::run_in_a_shell(line);
    assert_eq!(counts.iter().sum::<u64>(), report.records, "{counts:?}");
    assert_eq!(counts.len(), 4, "one row for each type");
}

#[tokio::test]
async fn within_a_minute_after_connected_records_appear_by_themselves() {
    let data = tempfile::tempdir().unwrap();
    let start = Start::new(MACHINE, data.path()).options(&["--collect", "true"]);
    let process = start.run().await;
    let person = process.ready.simulated_tenants[0].clone();
    let (url, mut browser) = (&process.ready.consent_url, Browser::default());
    let page = connect(&mut browser, url, &person.admin, Flow::V2).await;
    assert_eq!(page.heading(), "Connected", "{}", page.body);
    let directory = data.path().join("objects");
    let appear = async {
        let mut ticks = interval(TICK);
        while stored(&directory) == Stored::default() {
            ticks.tick().await;
        }
    };
    timeout(A_MINUTE, appear).await.unwrap();
    assert_eq!(stored(&directory).tenants(), [person.tenant_id].into());
    let (code, log) = process.interrupt().await;
    assert_eq!(code, 0, "a run of the collector keeps nobody waiting");
    assert!(!log.contains(" ERROR "), "{log}");
}

#[tokio::test]
async fn without_a_permit_nothing_is_collected_and_the_log_says_what_to_do() {
    let data = tempfile::tempdir().unwrap();
    let start = Start::new(MACHINE, data.path()).options(&["--collect", "true"]);
    let process = start.run().await;
    let policy = "@id(\"keys\") permit (principal is Key, action, resource);";
    tests::put_policy(data.path(), policy, &["--confirm"]).await;
    let person = process.ready.simulated_tenants[0].clone();
    let (url, mut browser) = (&process.ready.consent_url, Browser::default());
    connect(&mut browser, url, &person.admin, Flow::V2).await;
    let log = process.log.clone();
    let said = async {
        let mut ticks = interval(TICK);
        while !log
            .lock()
            .unwrap()
            .contains("infra/policies/collector.cedar")
        {
            ticks.tick().await;
        }
    };
    timeout(3 * A_MINUTE, said).await.unwrap();
    assert_eq!(stored(&data.path().join("objects")), Stored::default());
    process.interrupt().await;
}
