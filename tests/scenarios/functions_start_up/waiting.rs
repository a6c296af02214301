//! What a waiting function tells belongs to the request that found it waiting: the line
//! carries the id that the answer carries. And a request has one span, whether it waits,
//! finds the function built, or builds it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tests::gateway_event::request;
use tests::lines;
use tracing::Subscriber;
use tracing::span::{Attributes, Id};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use super::function::{Function, REQUEST_ID, landing, vend};
use super::stage::Stage;
use super::trouble::{OfSecret, Trouble};

const TRY_AGAIN: i64 = 2;
/// The functions' names, and the secret without which each waits.
const FUNCTIONS: [(&str, &str); 4] = [
    ("consent", "consent-keys"),
    ("refresher", "certificate"),
    ("on-demand", "certificate"),
    ("vending", "sealing-keys"),
];

/// A function that waits, and an event for it.
async fn waiting(stage: &mut Stage, function: &str, secret: &'static str) -> (Function, Value) {
    stage.reset().await;
    let trouble = Trouble::Secret(secret, OfSecret::Empty);
    trouble.begin(stage).await;
    match function {
        "consent" => (Function::consent(stage).await, landing("of-nobody")),
        "refresher" => (Function::refresher(stage).await, json!({})),
        "on-demand" => (Function::on_demand(stage).await, json!({"ready": {}})),
        _ => (Function::vending(stage).await, vend(stage, 0)),
    }
}

async fn mended(stage: &mut Stage) {
    stage.mend().await;
    stage.clock.advance(TRY_AGAIN);
}

/// The ids of the lines that tell of this event.
fn ids(stage: &Stage, event: &str) -> Vec<Value> {
    let lines = stage.lines.take();
    let of_event = lines.into_iter().filter(|line| line["event"] == event);
    of_event.map(|line| line["request_id"].clone()).collect()
}

#[tokio::test]
async fn a_line_carries_the_id_of_the_request_that_found_the_function_waiting() {
    let mut stage = Stage::start().await;
    for (name, secret) in FUNCTIONS {
        let (function, event) = waiting(&mut stage, name, secret).await;
        let at_start = ids(&stage, "start_waits");
        assert_eq!(at_start, [Value::Null], "{name}: nobody has asked");
        // The first one looks no more often than it may, the second one looks.
        for pause in [0, TRY_AGAIN] {
            stage.clock.advance(pause);
            function.serve(&stage, &event).await;
            assert_eq!(ids(&stage, "start_waits"), [REQUEST_ID], "{name}");
        }
        mended(&mut stage).await;
        function.serve(&stage, &event).await;
        assert_eq!(ids(&stage, "start_done"), [REQUEST_ID], "{name}");
    }
}

/// A path of nobody's, too: it has no line in the audit log.
#[tokio::test]
async fn a_request_without_an_audit_line_is_told_by_its_id() {
    let mut stage = Stage::start().await;
    let (vending, _) = waiting(&mut stage, "vending", "sealing-keys").await;
    stage.lines.take();
    vending.serve(&stage, &request("GET", "/health")).await;
    assert_eq!(ids(&stage, "start_waits"), [REQUEST_ID]);
}

/// Counts the spans of requests and of runs.
#[derive(Clone, Default)]
struct Counted(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Counted {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        if ["request", "refresh_run", "on_demand"].contains(&attributes.metadata().name()) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[tokio::test]
async fn every_request_has_one_span() {
    let mut stage = Stage::start().await;
    for (name, secret) in FUNCTIONS {
        let (function, event) = waiting(&mut stage, name, secret).await;
        let counted = Counted::default();
        let registry = tracing_subscriber::registry().with(counted.clone());
        let _counting = lines::listen(registry);
        for (nth, when) in ["waiting", "building", "built"].into_iter().enumerate() {
            if when == "building" {
                mended(&mut stage).await;
            }
            function.serve(&stage, &event).await;
            let spans = counted.0.load(Ordering::SeqCst);
            assert_eq!(spans, nth + 1, "{name}, {when}");
        }
    }
}
