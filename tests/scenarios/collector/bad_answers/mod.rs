//! What the Activity API answers badly, a tenant for each kind, all in the same run of the function:
//! each holds up its own content or type and no other, nothing of it is lost, what is no JSON is
//! kept as bytes, `feed status` says the cause, and no token leaves for an address that is not the
//! API's. What each kind means in a turn is tested where turns are (`shared/feed/tests`).

mod rows;
mod seen;

use std::path::Path;

use auth::ports::Clock as _;
use aws::SystemClock;
use serde_json::{Value, json};
use tests::{Microphone, MovedRun, Recorder};

use self::rows::{FOR_EVER, ROWS, Row, WELL};
use self::seen::Seen;
use super::book::{TYPES, scenario};
use super::connected;

/// Until what came late is listed again: the pass after three hours.
const LATER: i64 = 3 * 3600 + 900;

#[tokio::test(flavor = "multi_thread")]
async fn what_one_tenants_log_answers_badly_holds_up_that_alone_and_all_of_it_arrives() {
    let data = tempfile::tempdir().unwrap();
    let run = started(data.path()).await;
    let thief = in_front_of(&run).await;
    for (index, row) in ROWS.iter().enumerate() {
        connected(&run, index).await;
        set(&run, index, row, &thief.url).await;
    }
    // A fault shapes what is offered after it.
    run.clock.advance(5);
    collected(&run).await;
    let mut problems = Seen::of(&run).await.after_the_first_run(&run);
    assert!(thief.requests().is_empty(), "{:?}", thief.requests());

    end(&run).await;
    run.clock.advance(LATER);
    collected(&run).await;
    problems.extend(Seen::of(&run).await.in_the_end(&run));
    assert!(problems.is_empty(), "{problems:#?}");
}

async fn collected(run: &MovedRun) {
    let report = run.machine.collect().await.unwrap();
    assert_eq!((report.ended_early, report.left), (None, 0), "{report:?}");
}

/// By the system's time, as the operator's program has it.
async fn started(data_dir: &Path) -> MovedRun {
    let now = SystemClock.now().unix();
    let types = |name: &str| (name == "FEED_CONTENT_TYPES").then(|| TYPES.join(","));
    let run = MovedRun::start_at(data_dir, ROWS.len(), now, types).await;
    let little = json!({"blob_every_seconds": 1800, "records_per_blob": 2, "backlog_seconds": 7200,
        "page_size": 1, "latest_seconds": 0});
    scenario(&run.broker, little).await;
    run
}

/// It answers as the API would, and notes what it is asked.
async fn in_front_of(run: &MovedRun) -> Recorder {
    let url: url::Url = run.broker.ready.entra_url.parse().unwrap();
    let microphone = Microphone::bind().await;
    microphone.in_front_of(url.port().unwrap())
}

async fn set(run: &MovedRun, index: usize, row: &Row, thief: &str) {
    let (what, kind, endpoint, value, times, _) = row;
    if *what == WELL {
        return;
    }
    let value = value.replace("THIEF", thief);
    let value: Value = serde_json::from_str(&value).unwrap();
    let tenant = run.tenant(index);
    let fault = json!({"kind": kind, "endpoint": endpoint, "tenant": tenant, "value": value,
        "times": times});
    run.broker.start_fault(fault).await;
}

/// All faults but the one for ever.
async fn end(run: &MovedRun) {
    let url = format!("{}/_sim/faults", run.broker.ready.entra_url);
    let listed = run.broker.client.get(url).send().await.unwrap();
    let listed: Value = listed.json().await.unwrap();
    let stays = ROWS.iter().position(|(what, ..)| *what == FOR_EVER);
    let stays = run.tenant(stays.unwrap());
    for fault in listed["faults"].as_array().unwrap() {
        if fault["tenant"] != stays.as_str() {
            run.broker.end_fault(fault["id"].as_str().unwrap()).await;
        }
    }
}
