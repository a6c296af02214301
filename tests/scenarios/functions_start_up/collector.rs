//! The collector reads no secret: it starts whatever is wrong. Without its table a run ends early
//! in one line, and the next one does what it left.

use serde_json::json;

use super::function::Function;
use super::guide::{self, Row};
use super::stage::Stage;
use super::trouble::Trouble;

/// A run that died holds its shards for as long as Lambda would have left it.
const LATER: i64 = 61;
const WELL: &str = "a run, none failed";

#[tokio::test]
async fn the_collector_recovers() {
    let mut stage = Stage::start().await;
    // What it lists ends before the present, also when the clock is moved.
    stage.set("FEED_SETTLE_SECONDS", "300".to_owned());
    // The run beside it collects nothing, and so has no webhook.
    stage.set("FEED_WEBHOOK_URL", String::new());
    let mut rows = Vec::new();
    let more = ["due", "tenants"].map(Trouble::NoIndex);
    for trouble in Trouble::of_table().chain(more) {
        rows.push(while_running(&mut stage, trouble).await);
    }
    guide::holds("collector", &[("While it runs", rows)]);
}

async fn while_running(stage: &mut Stage, trouble: Trouble) -> Row {
    stage.reset().await;
    let name = trouble.name();
    let collector = Function::collector(stage).await;
    trouble.begin(stage).await;
    let meanwhile = collector.serve(stage, &json!({})).await;
    let told = stage.faults(&name);
    assert_eq!(told.len(), 1, "{name}: {told:?}");
    stage.mend().await;
    stage.clock.advance(LATER);
    let mended = collector.serve(stage, &json!({})).await;
    let left = stage.faults(&name);
    assert_eq!((mended.as_str(), left), (WELL, Vec::new()), "{name}");
    Row {
        trouble: name,
        told,
        meanwhile,
        mended: "the next run does what is due".to_owned(),
    }
}
