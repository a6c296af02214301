//! A bucket that is missing, read-only, full, throttled, out of reach or slow: nothing counts as
//! stored that is not, the run says what to check, `feed status` says what waits, and once the
//! bucket is well all of it is there, once.

use std::time::Duration;

use auth::ports::Clock as _;
use aws::SystemClock;
use feed::run::RunReport;
use serde_json::json;
use tests::MovedRun;
use tests::aws_service::{Act, Fault};

use super::beside::Beside;
use super::book::{Book, TYPES, scenario, status};
use super::objects::{self, Stored};
use super::{connected, directory};

const TENANTS: usize = 2;

/// What is wrong, and whether anything of it is stored before it is mended.
const ROWS: [(&str, Act, bool); 6] = [
    ("read-only", Act::Answer(403, "AccessDenied"), false),
    ("full", Act::Answer(507, "InsufficientStorage"), false),
    ("throttled", Act::Answer(503, "SlowDown"), false),
    ("an error", Act::Answer(500, "InternalError"), false),
    ("out of reach", Act::HangUp, false),
    ("slow", Act::Late(Duration::from_millis(50)), true),
];

#[tokio::test]
async fn what_a_bucket_does_not_take_waits_and_is_stored_once_when_it_does() {
    for (what, act, is_stored) in ROWS {
        let data = tempfile::tempdir().unwrap();
        let run = started(data.path()).await;
        let mut beside = Beside::of(&run, data.path(), run.clock.clone()).await;
        beside.bucket.fail(Fault { only: None, act });
        let report = beside.collect().await;
        check(what, &run, &report, is_stored).await;
        beside.bucket.mend().await;
        run.clock.advance(600);
        let report = beside.collect().await;
        arrived(what, &run, &report).await;
    }
}

#[tokio::test]
async fn what_a_bucket_that_is_missing_was_to_have_is_stored_once_when_it_is_there() {
    let data = tempfile::tempdir().unwrap();
    let run = started(data.path()).await;
    let (here, elsewhere) = (directory(&run).to_owned(), data.path().join("elsewhere"));
    std::fs::rename(&here, &elsewhere).unwrap();
    let report = run.machine.collect().await.unwrap();
    check("missing", &run, &report, false).await;
    std::fs::rename(&elsewhere, &here).unwrap();
    run.clock.advance(600);
    let report = run.machine.collect().await.unwrap();
    arrived("missing", &run, &report).await;
}

/// A bucket that takes no records of one type is not the other type's business.
#[tokio::test]
async fn a_run_whose_bucket_fails_in_the_middle_keeps_what_it_had_stored() {
    let data = tempfile::tempdir().unwrap();
    let run = started(data.path()).await;
    let mut beside = Beside::of(&run, data.path(), run.clock.clone()).await;
    beside.bucket.fail(Fault {
        only: Some(format!("type%3D{}", TYPES[1])),
        act: Act::Answer(403, "AccessDenied"),
    });
    let report = beside.collect().await;
    assert_eq!(report.failed_by.ours, 2, "{report:?}");
    beside.bucket.mend().await;
    run.clock.advance(600);
    let report = beside.collect().await;
    arrived("in the middle", &run, &report).await;
}

/// By the system's time, as the operator's program has it.
async fn started(data_dir: &std::path::Path) -> MovedRun {
    let now = SystemClock.now().unix();
    let types = |name: &str| (name == "FEED_CONTENT_TYPES").then(|| TYPES.join(","));
    let run = MovedRun::start_at(data_dir, TENANTS, now, types).await;
    let little = json!({"blob_every_seconds": 1800, "records_per_blob": 2, "backlog_seconds": 7200,
            "latest_seconds": 0});
    scenario(&run.broker, little).await;
    for index in 0..TENANTS {
        connected(&run, index).await;
    }
    run
}

/// After the first run.
async fn check(what: &str, run: &MovedRun, report: &RunReport, is_stored: bool) {
    if is_stored {
        return arrived(what, run, report).await;
    }
    assert_eq!(
        (report.stored, report.records),
        (0, 0),
        "{what}: {report:?}"
    );
    assert_eq!(report.failed_by.ours, 2, "{what}: {report:?}");
    assert_eq!(objects::stored(directory(run)), Stored::default(), "{what}");
    for (tenant, said) in status(directory(run).parent().unwrap()).await {
        let sum = |name: &str| -> u64 {
            let types = said["types"].as_array().unwrap().iter();
            types.map(|one| one[name].as_u64().unwrap()).sum()
        };
        let waits = sum("open") > 0 && sum("open") == sum("listed");
        assert!(
            waits && said["complete"] == false,
            "{what} {tenant}: {said}"
        );
        assert_eq!(
            (sum("stored"), sum("lost"), sum("records")),
            (0, 0, 0),
            "{what}: {said}"
        );
    }
}

/// All that was offered when the run began that listed it first, once.
async fn arrived(what: &str, run: &MovedRun, report: &RunReport) {
    assert_eq!(report.ended_early, None, "{what}: {report:?}");
    let (book, found) = (Book::of(&run.broker).await, objects::stored(directory(run)));
    for index in 0..TENANTS {
        let tenant = run.tenant(index);
        for content_type in TYPES {
            let offered = book.of_type(&tenant, content_type);
            assert_eq!(
                found.of(&tenant, content_type),
                offered,
                "{what} {content_type}"
            );
            assert!(!offered.is_empty(), "{what} {content_type}");
        }
    }
    for (tenant, said) in status(directory(run).parent().unwrap()).await {
        for one in said["types"].as_array().unwrap() {
            let is_whole = one["listed"] == one["stored"] && one["cause"].is_null();
            assert!(is_whole && one["lost"] == 0, "{what} {tenant}: {one}");
        }
    }
}
