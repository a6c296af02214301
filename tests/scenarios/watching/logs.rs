//! Every line that a request leaves in the log carries its id, at the top: the gateway's,
//! which callers are told, and Lambda's own for a run of the refresher.

use serde_json::{Value, json};

use super::stage::Stage;

/// The lines of a log group that hold this event.
fn lines<'a>(stage: &'a Stage, event: &str) -> Vec<&'a Value> {
    let lines = stage.lines.iter().map(|(_, line)| line);
    lines.filter(|line| line["event"] == event).collect()
}

#[tokio::test]
async fn what_a_vend_and_a_run_log_carries_the_request_and_no_token() {
    let mut stage = Stage::start(2).await;
    let tenant = stage.run.tenant(0);
    assert_eq!(stage.vend(&tenant).await, 200);
    stage.refresh().await;
    stage.run.broker.fault("status", None, json!(503)).await;
    stage.run.clock.advance(4000);
    assert_eq!(stage.vend(&tenant).await, 503);
    stage.refresh().await;

    let failed = lines(&stage, "renewal_failed");
    let ids: Vec<_> = failed.iter().map(|line| &line["request_id"]).collect();
    assert_eq!(ids, ["request-1", "run-1"], "{failed:#?}");
    let runs = lines(&stage, "refresh_run");
    assert_eq!(runs.len(), 2);
    assert!(runs.iter().all(|line| line["request_id"] == "run-1"));
    for (group, line) in &stage.lines {
        let of_request = ["VendingLogGroup", "RefresherLogGroup"].contains(group);
        let figures = line["event"] == "metrics";
        assert!(
            !of_request || figures || line["request_id"].is_string(),
            "{line}"
        );
        let text = line.to_string();
        assert_eq!(
            text.matches("\"request_id\"").count(),
            usize::from(of_request && !figures)
        );
        assert!(!text.contains("eyJ"), "{line}");
    }
}
