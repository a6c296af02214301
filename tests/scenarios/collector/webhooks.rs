//! Webhooks in a whole run: validated with the first start, notified when content becomes
//! available, put back when they are lost, and never needed.

use std::path::Path;
use std::time::Duration;

use auth::ports::Clock as _;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use feed::ContentType;
use feed::planner;
use feed::wake::Wake;
use serde_json::{Value, json};
use tests::MovedRun;
use tests::clock::{START, Setup};

use super::book::{Book, scenario, status};
use super::objects::stored;
use super::{connected, directory};

pub(super) const TYPE: &str = "Audit.Exchange";
const HOUR: i64 = 3_600;
/// Within these hours every webhook is looked at.
const HALF_A_DAY: i64 = 13 * HOUR;

fn one_type(name: &str) -> Option<String> {
    (name == "FEED_CONTENT_TYPES").then(|| TYPE.to_owned())
}

async fn started(data: &Path) -> MovedRun {
    let run = MovedRun::start_at(data, 1, START, one_type).await;
    let little = json!({"blob_every_seconds": 1200, "records_per_blob": 2, "latest_seconds": 0});
    scenario(&run.broker, little).await;
    run
}

/// The same directory and clock, in a new process.
async fn restarted(data: &Path, run: MovedRun) -> MovedRun {
    run.machine.stop().await;
    let setup = Setup {
        pause: std::sync::Arc::new(aws::SystemPause),
        data_dir: data,
        tenants: 1,
        clock: run.clock,
        refresh_every: Duration::from_secs(3_600),
    };
    MovedRun::start_by(setup, one_type).await
}

/// Runs the collector after so many seconds.
async fn collect_after(run: &MovedRun, seconds: i64) {
    run.clock.advance(seconds);
    let report = run.machine.collect().await.unwrap();
    assert_eq!(report.ended_early, None, "{report:?}");
}

/// Runs the collector at the hour of the day at which it looks at this tenant's webhooks: the
/// next time is half a day later.
async fn just_looked_at(run: &MovedRun) {
    let grid = planner::grid_of(run.tenant(0).parse().unwrap());
    let over = (run.clock.now().unix() - grid).rem_euclid(12 * HOUR);
    collect_after(run, 12 * HOUR - over + 600).await;
}

/// How the webhook is, as the operator sees it; null where there is none.
async fn state(data: &Path, run: &MovedRun) -> Value {
    let said = status(data).await;
    said[&run.tenant(0)]["types"][0]["webhook"]["state"].clone()
}

/// The notifications that are due now: how many the webhook took, and how many it did not.
pub(super) async fn notified(run: &MovedRun) -> (u64, u64) {
    let url = format!("{}/_sim/activity/notify", run.broker.ready.entra_url);
    let said = run.broker.client.post(url).send().await.unwrap();
    let said: Value = said.json().await.unwrap();
    let number = |name: &str| said[name].as_u64().unwrap();
    (number("sent"), number("failed"))
}

/// New content is notified, and is on the queue.
async fn wakes(run: &MovedRun, what: &str) {
    run.machine.queue().take(1_000);
    run.clock.advance(HOUR);
    let (sent, failed) = notified(run).await;
    assert!(sent > 0 && failed == 0, "{what}: {sent} {failed}");
    let messages = run.machine.queue().take(1_000);
    assert_eq!(messages.len(), usize::try_from(sent).unwrap(), "{what}");
    let expected = Wake::Notified {
        tenant: run.tenant(0).parse().unwrap(),
        types: [ContentType::Exchange].into(),
    };
    for message in messages {
        assert_eq!(
            Wake::from_json(&message.body),
            Ok(expected.clone()),
            "{what}"
        );
    }
}

/// All that was offered by now is stored, once.
pub(super) async fn complete(run: &MovedRun) {
    let offered = Book::of(&run.broker).await.of_type(&run.tenant(0), TYPE);
    assert!(offered.len() > 20, "{}", offered.len());
    assert_eq!(stored(directory(run)).of(&run.tenant(0), TYPE), offered);
}

/// Another key becomes the primary one, and the old one is still taken.
fn rotate(data: &Path) {
    let path = data.join("secrets/webhook-keys");
    let ring = std::fs::read(&path).unwrap();
    let mut ring: Value = serde_json::from_slice(&ring).unwrap();
    ring["keys"]["newer"] = json!(STANDARD.encode([7; 32]));
    ring["primary"] = json!("newer");
    std::fs::write(&path, ring.to_string()).unwrap();
}

#[tokio::test]
async fn a_webhook_is_validated_with_the_first_start_wakes_and_is_put_back_when_it_is_lost() {
    let data = tempfile::tempdir().unwrap();
    let mut run = started(data.path()).await;
    connected(&run, 0).await;
    collect_after(&run, 0).await;
    assert_eq!(state(data.path(), &run).await, "enabled");
    wakes(&run, "validated").await;
    for what in [
        "webhook_removed",
        "webhook_disabled",
        "rotated",
        "restarted",
    ] {
        just_looked_at(&run).await;
        match what {
            "rotated" => rotate(data.path()),
            // On other ports: the URL is another one, and the old one is gone.
            "restarted" => run = restarted(data.path(), run).await,
            fault => {
                let fault = json!({"kind": fault, "times": 1});
                run.broker.start_fault(fault).await;
            }
        }
        collect_after(&run, 600).await;
        run.clock.advance(2 * HOUR);
        let (sent, failed) = notified(&run).await;
        let expected = (what == "rotated", what == "restarted");
        assert_eq!((sent > 0, failed > 0), expected, "{what}");
        collect_after(&run, HALF_A_DAY).await;
        assert_eq!(state(data.path(), &run).await, "enabled", "{what}");
        wakes(&run, what).await;
    }
    collect_after(&run, HOUR).await;
    complete(&run).await;
}

#[tokio::test]
async fn without_an_endpoint_the_subscription_runs_and_its_content_is_complete() {
    let data = tempfile::tempdir().unwrap();
    let run = started(data.path()).await;
    let down = json!({"kind": "webhook_unreachable"});
    let down = run.broker.start_fault(down).await;
    connected(&run, 0).await;
    collect_after(&run, 0).await;
    assert_eq!(state(data.path(), &run).await, "not_validated");
    for _ in 0..8 {
        collect_after(&run, HOUR).await;
        assert_eq!(state(data.path(), &run).await, "not_validated");
    }
    assert_eq!(notified(&run).await, (0, 0));
    complete(&run).await;
    // It is up, and within the hour the webhook is there.
    run.broker.end_fault(&down).await;
    collect_after(&run, HOUR).await;
    assert_eq!(state(data.path(), &run).await, "enabled");
    wakes(&run, "up again").await;
}
