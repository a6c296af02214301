//! A key that proves no caller: an operator finds whose it claims to be, and who sends it learns
//! nothing.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tests::broker::SCOPE;
use tests::gateway_event::{post, request};

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

/// A service that is set up wrongly sends its key in many places.
#[tokio::test]
async fn a_wrong_key_is_seen_wherever_it_was_sent() {
    let stage = Stage::start().await;
    let key = format!("m365tb_collector_{}", "A".repeat(43));
    let basic = |pair: String| format!("Basic {}", STANDARD.encode(pair));
    let assertion = "client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3A\
                     client-assertion-type%3Ajwt-bearer&client_assertion";
    let headers = [
        ("authorization", format!("Bearer {key}"), 401),
        ("authorization", format!("bearer  {key}"), 401),
        ("authorization", format!("Token {key}"), 401),
        ("authorization", key.clone(), 401),
        ("authorization", basic(format!("client:{key}")), 401),
        ("authorization", basic(format!("{key}:")), 401),
        ("x-identity-header", key.clone(), 401),
        ("secret", key.clone(), 401),
    ];
    for (name, value, status) in headers {
        let mut event = Stage::token_event(&stage.person(0).tenant_id);
        event["headers"][name] = json!(value);
        let found = stage.line(name, &event, status).await;
        assert_eq!(found["claimed_key"], "collector", "{name}: {status}");
        assert!(!found.to_string().contains("AAAAAAAA"), "{name}");
    }
    let fields = [
        (format!("{assertion}={key}"), 401),
        (format!("{assertion}=+{key}%0A"), 401),
        (format!("client_assertion={key}"), 400),
        (format!("client_secret={key}"), 401),
        (format!("client_secret={key}&client_secret=x"), 401),
        (format!("assertion={key}"), 401),
        (format!("password={key}"), 401),
    ];
    for (field, status) in fields {
        let form = format!("grant_type=client_credentials&scope={SCOPE}&{field}");
        let path = format!("/{}/oauth2/v2.0/token", stage.person(0).tenant_id);
        let found = stage.line(&field, &post(&path, &form), status).await;
        assert_eq!(found["claimed_key"], "collector", "{field}");
        assert!(!found.to_string().contains("AAAAAAAA"), "{field}");
    }
    let mut event = Stage::by_any_key(&json!("not a key"));
    let query = event["rawQueryString"].as_str().unwrap();
    event["rawQueryString"] = json!(format!("{query}&secret={key}"));
    let found = stage.line("in the query", &event, 401).await;
    assert_eq!(found["claimed_key"], "collector");
}
