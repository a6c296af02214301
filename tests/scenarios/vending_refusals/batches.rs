//! `POST /tokens`: which bodies are no batch, who is refused as a whole, and which items are
//! refused while the others have their tokens.

use reqwest::Method;
use serde_json::{Value, json};

use super::stage::{Answer, MALFORMED, Stage, UNPROVEN, answer};

const MANAGEMENT: &str = "https://manage.office.com";

async fn post(stage: &Stage, body: impl Into<Vec<u8>>) -> Answer {
    let request = stage.request(Method::POST, "/tokens");
    answer(request.bearer_auth(stage.caller_token()).body(body.into())).await
}

/// A good item for the connected tenant.
fn good(stage: &Stage) -> Value {
    json!({"tenant_id": stage.person(0).tenant_id, "resource": MANAGEMENT})
}

#[tokio::test]
async fn a_body_that_is_no_batch_is_refused_as_a_whole() {
    let stage = Stage::start().await;
    let item = good(&stage);
    let of = |count: usize| json!({"tokens": vec![item.clone(); count]}).to_string();
    let mut long = json!({"tokens": [item.clone()]});
    long["note"] = json!("x".repeat(128 * 1024));
    let one = item.to_string();
    let rows = [
        ("no body", String::new()),
        ("a form", "tenant_id=x&resource=y".to_owned()),
        ("half a body", of(2).trim_end_matches(['}', ']']).to_owned()),
        ("two bodies", of(1) + &of(1)),
        ("a text", "\"tokens\"".to_owned()),
        ("a list", format!("[{one}]")),
        ("an item alone", one.clone()),
        ("no list", json!({"tokens": item}).to_string()),
        ("null", json!({"tokens": null}).to_string()),
        ("another name", json!({"tenants": [item]}).to_string()),
        ("no item", of(0)),
        ("one too many", of(101)),
        ("over-long", long.to_string()),
    ];
    for (row, body) in rows {
        let refused = post(&stage, body).await;
        stage.check(row, &refused, MALFORMED).await;
    }
    let refused = post(&stage, b"{\"tokens\": \"\xff\"}".to_vec()).await;
    stage.check("not UTF-8", &refused, MALFORMED).await;
}

#[tokio::test]
async fn without_a_proof_no_item_is_looked_at() {
    let stage = Stage::start().await;
    let body = json!({"tokens": [good(&stage)]}).to_string();
    let request = || stage.request(Method::POST, "/tokens").body(body.clone());
    let key = tests::caller_key(stage.directory.path(), "collector").await;
    let rows = [
        ("no proof", request()),
        ("no token", request().bearer_auth("e30.e30.c2ln")),
        ("a caller key", request().header("x-identity-header", &key)),
        ("a key as a bearer token", request().bearer_auth(&key)),
    ];
    for (row, request) in rows {
        stage.check(row, &answer(request).await, UNPROVEN).await;
    }
    let two = request().header("x-identity-header", &key);
    let two = answer(two.bearer_auth(stage.caller_token())).await;
    stage.check("two proofs", &two, MALFORMED).await;
}

/// What is wrong with an item, its `status` and its `error`.
type Row = (&'static str, &'static str, Value, u16, &'static str);

const INVALID: &str = "invalid_request";

fn wrong() -> Vec<Row> {
    let digest = "0".repeat(63);
    vec![
        ("no tenant", "tenant_id", Value::Null, 400, INVALID),
        ("an empty tenant", "tenant_id", json!(""), 400, INVALID),
        ("a domain", "tenant_id", json!("contoso.com"), 400, INVALID),
        ("a number", "tenant_id", json!(7), 400, INVALID),
        ("two tenants", "tenant_id", json!(["a", "b"]), 400, INVALID),
        ("no resource", "resource", Value::Null, 400, "invalid_scope"),
        ("no name", "resource", json!("a b"), 400, "invalid_scope"),
        (
            "not kept",
            "resource",
            json!("https://x.example"),
            400,
            "invalid_scope",
        ),
        (
            "a list",
            "resource",
            json!([MANAGEMENT]),
            400,
            "invalid_scope",
        ),
        (
            "over-long",
            "resource",
            json!("x".repeat(513)),
            400,
            INVALID,
        ),
        ("no time", "min_ttl", json!("soon"), 400, INVALID),
        ("the past", "min_ttl", json!(-1), 400, INVALID),
        ("too long", "min_ttl", json!(86_401), 400, INVALID),
        ("half a second", "min_ttl", json!(0.5), 400, INVALID),
        ("half a digest", "rejected", json!(digest), 400, INVALID),
        ("yes", "rejected", json!(true), 400, INVALID),
    ]
}

#[tokio::test]
async fn an_item_that_is_malformed_costs_no_other_its_token() {
    let stage = Stage::start().await;
    let mut items = vec![good(&stage)];
    for (_, member, value, ..) in wrong() {
        let mut item = good(&stage);
        item[member] = value;
        items.push(item);
    }
    items.extend([json!("no object"), Value::Null, json!({}), good(&stage)]);
    let answered = post(&stage, json!({"tokens": items}).to_string()).await;
    assert_eq!(answered.status, 200, "{}", answered.body);
    let members = answered.body["tokens"].as_array().unwrap();
    assert_eq!(members.len(), items.len());
    for (place, row) in wrong().iter().enumerate() {
        let (found, sent) = (&members[place + 1], &items[place + 1]);
        let said = (&found["status"], &found["error"], &found["fault"]);
        let expected = (&json!(row.3), &json!(row.4), &json!("caller"));
        assert_eq!(said, expected, "{}: {found}", row.0);
        for named in ["tenant_id", "resource"] {
            assert_eq!(found[named], sent[named], "{}", row.0);
        }
        assert_eq!(found["retryable"], false, "{}", row.0);
    }
    for place in [0, items.len() - 1] {
        let found = &members[place];
        assert_eq!(found["status"], 200, "{found}");
        assert!(found["access_token"].is_string());
    }
    stage.unchanged("a batch").await;
}

/// Entra ID's v2.0 answer, and what it was asked for with; unknown members are passed over.
#[tokio::test]
async fn a_token_has_the_shape_of_a_single_one() {
    let stage = Stage::start().await;
    let mut item = good(&stage);
    item["colour"] = json!({"of": ["blue"]});
    item["min_ttl"] = json!("60");
    let answered = post(&stage, json!({"tokens": [item], "version": 7}).to_string()).await;
    let member = answered.body["tokens"][0].as_object().unwrap();
    let mut names: Vec<_> = member.keys().map(String::as_str).collect();
    names.sort_unstable();
    let expected = [
        "access_token",
        "expires_in",
        "expires_on",
        "ext_expires_in",
        "refresh_in",
        "resource",
        "status",
        "tenant_id",
        "token_type",
    ];
    assert_eq!(names, expected);
    let single = stage.broker.vend(&stage.person(0).tenant_id).await;
    assert_eq!(member["access_token"], single.token());
}
