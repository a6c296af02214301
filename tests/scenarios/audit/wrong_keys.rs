//! A key that proves no caller: an operator finds whose it claims to be, and who sends it learns
//! nothing.

use serde_json::json;
use tests::gateway_event::request;

use super::stage::Stage;

const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl";

#[tokio::test]
async fn a_wrong_key_is_found_by_its_name_and_the_caller_learns_no_other() {
    let stage = Stage::start().await;
    let random = "A".repeat(43);
    let named = |name: &str| format!("the caller key of {name} is not known");
    let malformed = "has not the form of one";
    let rows = [
        // There is a key of that name, and there is none: the same words.
        (
            json!(format!("m365tb_collector_{random}")),
            Some("collector"),
            named("collector"),
        ),
        (
            json!(format!("m365tb_nobody_{random}")),
            Some("nobody"),
            named("nobody"),
        ),
        (
            json!(format!("m365tb_collector_{}", &random[1..])),
            Some("collector"),
            malformed.into(),
        ),
        (
            json!("m365tb_collector_"),
            Some("collector"),
            malformed.into(),
        ),
        (json!("m365tb_collector"), None, malformed.into()),
        (json!("m365tb_"), None, malformed.into()),
        (
            json!(format!("m365tb_Collector_{random}")),
            None,
            malformed.into(),
        ),
        (json!(format!("m365tb_{random}")), None, malformed.into()),
        (
            json!(format!("M365TB_collector_{random}")),
            None,
            malformed.into(),
        ),
        (json!("ghp_collector_AAAA"), None, malformed.into()),
        (
            json!(format!("m365tb_a_{random},m365tb_b_{random}")),
            Some("a"),
            malformed.into(),
        ),
        (json!(TOKEN), None, "no token".into()),
        (json!(""), None, malformed.into()),
    ];
    for (key, claimed, reason) in rows {
        let found = stage.line("key", &Stage::by_any_key(&key), 401).await;
        let text = found["reason"].as_str().unwrap();
        assert_eq!(found["claimed_key"], json!(claimed), "{key}");
        assert_eq!(found["caller"], "nobody proven", "{key}");
        assert!(text.contains(&reason), "{key}: {text}");
        assert!(!found.to_string().contains(&random[..20]), "{key}");
    }
    // Where a token belongs.
    let mut event = Stage::token_event(&stage.person(0).tenant_id);
    event["headers"]["authorization"] = json!(format!("Bearer m365tb_collector_{random}"));
    let found = stage.line("as a bearer", &event, 401).await;
    assert_eq!(found["claimed_key"], "collector");
    // A caller that is proven is named by what proved it.
    let mut event = stage.by_workload(request("GET", "/tenants"));
    event["headers"]["x-identity-header"] = json!(format!("m365tb_other_{random}"));
    let found = stage.line("two proofs", &event, 400).await;
    assert_eq!(found["claimed_key"], "other");
}
