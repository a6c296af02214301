//! The line of a signature, whose bytes the cost page counts: one for each renewal. The line of a
//! vend is held in the function's own tests.

use lambda::function::AnswersRequests as _;
use serde_json::json;
use tests::gateway_event;

use super::stage::Stage;

const COSTS: &str = include_str!("../../../infra/cost.toml");

#[tokio::test]
async fn a_signatures_line_is_as_long_as_the_cost_page_says() {
    let stage = Stage::start().await;
    let event = stage.by_workload(Stage::token_event(&stage.person(0).tenant_id));
    stage.lines.take();
    let answer = stage.vending.handle(gateway_event::read(&event)).await;
    assert_eq!(answer.status(), 200, "{:?}", answer.body());
    let lines = stage.lines.take();
    let mut signed = lines.into_iter();
    let mut line = signed
        .find(|line| line["event"] == "assertion_signed")
        .unwrap();
    // As in the cloud, of a run of the schedule.
    line["audience"] = json!("login.microsoftonline.com");
    line["timestamp"] = json!("2027-01-15T08:00:00.123456Z");
    line["request_id"] = json!("f47ac10b-58cc-4372-a567-0e02b2c3d479");
    line.as_object_mut().unwrap().remove("asker_request_id");
    let said = format!(
        "signature_bytes = {{ value = {},",
        line.to_string().len() + 1
    );
    assert!(
        COSTS.contains(&said),
        "infra/cost.toml has to say: {said} {line}"
    );
}
