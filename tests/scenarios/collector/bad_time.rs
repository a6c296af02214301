//! Our clock jumps, or a token dies while its content is on the way: everything arrives once, and
//! nothing is counted as lost or expired.

use std::sync::Arc;

use auth::ports::{Clock as _, HeldClock};
use serde_json::{Value, json};
use tests::MovedRun;
use tests::clock::START;

use super::beside::Beside;
use super::book::{Book, scenario, status};
use super::objects::stored;
use super::{connected, directory};

const TYPE: &str = "Audit.Exchange";
const HOUR: i64 = 3600;

async fn started(data_dir: &std::path::Path) -> MovedRun {
    let types = |name: &str| (name == "FEED_CONTENT_TYPES").then(|| TYPE.to_owned());
    let run = MovedRun::start_at(data_dir, 1, START, types).await;
    let little = json!({"blob_every_seconds": 1200, "records_per_blob": 2, "backlog_seconds": 7200,
        "latest_seconds": 0});
    scenario(&run.broker, little).await;
    connected(&run, 0).await;
    run
}

/// All of the book is stored, once, and the operator reads it so.
async fn arrived(what: &str, run: &MovedRun) {
    let tenant = run.tenant(0);
    let offered = Book::of(&run.broker).await.of_type(&tenant, TYPE);
    let found = stored(directory(run)).of(&tenant, TYPE);
    assert!(offered.len() > 2, "{what}: {}", offered.len());
    assert_eq!(found, offered, "{what}");
    let said = status(directory(run).parent().unwrap()).await;
    let one = &said[&tenant]["types"][0];
    let is_whole = one["listed"] == one["stored"] && one["cause"].is_null();
    let lost = [&one["lost"], &one["expired_seconds"], &one["dead"]];
    assert!(
        is_whole && lost.iter().all(|lost| **lost == 0),
        "{what}: {one}"
    );
}

/// Ours is off by so much in a run, then by so much in the next, and so on; last it is right.
#[tokio::test]
async fn a_clock_of_ours_that_jumps_between_runs_loses_nothing_and_stores_nothing_twice() {
    let rows: [(&str, &[i64]); 6] = [
        ("an hour ahead", &[HOUR]),
        ("a day ahead", &[24 * HOUR]),
        ("eight days ahead", &[8 * 24 * HOUR]),
        ("an hour behind", &[-HOUR]),
        ("a day behind", &[-24 * HOUR]),
        ("to and fro", &[0, 3 * HOUR, -2 * HOUR, 26 * HOUR, 0, -HOUR]),
    ];
    for (what, jumps) in rows {
        let data = tempfile::tempdir().unwrap();
        let run = started(data.path()).await;
        let ours = Arc::new(HeldClock::at(START));
        let beside = Beside::of(&run, data.path(), ours.clone()).await;
        for off in jumps {
            run.clock.advance(600);
            ours.set(run.clock.now().unix() + off);
            beside.collect().await;
        }
        // Its leases are over, and so is the time for which content comes late.
        run.clock.advance(4 * HOUR);
        ours.set(run.clock.now().unix());
        for _ in 0..2 {
            ours.advance(600);
            run.clock.advance(600);
            beside.collect().await;
        }
        arrived(what, &run).await;
    }
}

/// It is refused from the next request on, and the content that was on the way arrives, or breaks
/// off.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_dies_in_the_middle_of_a_content_is_replaced_and_nothing_is_lost() {
    let rows: [(&str, &[&str]); 2] = [
        ("the content arrives", &["slow"]),
        ("the content breaks off", &["slow", "truncate"]),
    ];
    for (what, kinds) in rows {
        let data = tempfile::tempdir().unwrap();
        let run = started(data.path()).await;
        for kind in kinds {
            let value = (*kind == "slow").then_some(50);
            let fault = json!({"kind": kind, "endpoint": "blob", "value": value, "times": 1});
            run.broker.start_fault(fault).await;
        }
        let before = run.app_only_requests().await;
        let dies = async {
            while fetched(&run).await == 0 {}
            run.clock.turn(2 * HOUR);
        };
        let (report, ()) = tokio::join!(run.machine.collect(), dies);
        let report = report.unwrap();
        assert_eq!(
            (report.ended_early, report.left),
            (None, 0),
            "{what}: {report:?}"
        );
        assert!(report.stored > 0, "{what}: {report:?}");
        assert!(run.app_only_requests().await > before, "{what}");
        run.clock.advance(4 * HOUR);
        run.machine.collect().await.unwrap();
        arrived(what, &run).await;
    }
}

/// How often a content was asked for.
async fn fetched(run: &MovedRun) -> u64 {
    let url = format!("{}/_sim/activity/requests", run.broker.ready.entra_url);
    let counts = run.broker.client.get(url).send().await.unwrap();
    let counts: Value = counts.json().await.unwrap();
    counts["by_tenant"][run.tenant(0)]["GetBlob"]
        .as_u64()
        .unwrap_or(0)
}
