//! A caller that asks too often.

use auth::caller::{CallerLimits, caller_rate};
use lambda::function::AnswersRequests as _;
use serde_json::{Value, json};
use tests::gateway_event::{self, request};

use super::stage::Stage;

/// The one is held back, the others are not, and neither policy nor table is asked.
#[tokio::test]
async fn a_caller_that_asks_too_often_is_refused_and_no_other() {
    let mut stage = Stage::start().await;
    stage.vending.limits = CallerLimits::new(caller_rate(3, 1));
    let tenant = stage.person(0).tenant_id.clone();
    let listing = request("GET", "/tenants");
    let workload = stage.by_workload(Stage::token_event(&tenant));
    let role = Stage::by_role(listing.clone());
    let of_role = |session: &str| {
        let mut event = role.clone();
        let iam = &mut event["requestContext"]["authorizer"]["iam"];
        iam["userArn"] = json!(format!(
            "arn:aws:sts::123456789012:assumed-role/nightly-collector/{session}"
        ));
        iam["userId"] = json!(format!("AROAIOSFODNN7EXAMPLE1:{session}"));
        event
    };
    let key = stage.by_key(&tenant);
    // What is asked, after how many seconds, and the status.
    let rows = [
        (&workload, 0, 200),
        (&workload, 0, 200),
        (&workload, 0, 200),
        (&workload, 0, 429),
        (&role, 0, 200),
        (&of_role("a"), 0, 200),
        (&of_role("b"), 0, 200),
        (&of_role("c"), 0, 429),
        (&key, 0, 200),
        (&key, 0, 200),
        (&key, 0, 200),
        (&key, 0, 429),
        (&listing, 0, 401),
        (&listing, 0, 401),
        (&workload, 1, 200),
        (&workload, 0, 429),
        (&of_role("d"), 0, 200),
        (&key, 2, 200),
    ];
    for (number, (event, seconds, status)) in rows.into_iter().enumerate() {
        stage.clock.advance(seconds);
        let response = stage.vending.handle(gateway_event::read(event)).await;
        assert_eq!(response.status(), status, "row {number}");
        let line = stage.lines.one(&format!("row {number}"));
        if status != 429 {
            continue;
        }
        assert_eq!(response.headers()["retry-after"], "2", "row {number}");
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        let told = ["error", "cause", "fault", "retryable"].map(|field| body[field].clone());
        let expected = [
            json!("temporarily_unavailable"),
            json!("too_many_requests"),
            json!("caller"),
            json!(true),
        ];
        assert_eq!(told, expected, "row {number}");
        let refused = (&line["status"], &line["cause"], line.get("policies"));
        assert_eq!(
            refused,
            (&json!(429), &json!("too_many_requests"), None),
            "row {number}"
        );
        assert_ne!(line["caller"], "nobody proven", "row {number}");
    }
}
