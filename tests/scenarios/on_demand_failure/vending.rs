//! The routes of vending, with a token in its memory, in the table, and nowhere.

use lambda::function::AnswersRequests as _;
use lambda_http::{Body, Response};
use serde_json::{Value, json};
use tests::gateway_event::{post, read, request};
use tests::{Browser, Flow};
use vending::Vending;

use super::stage::Stage;
use super::table::{self, Answer, Row};
use super::trouble::Trouble;

/// So much later no token is brand new.
const LATER: i64 = 120;
/// Where the tenant at this place has its token.
const TOKENS: [(&str, usize, Option<u32>); 4] = [
    ("in memory", 0, None),
    ("in the table", 0, None),
    ("living, though not for as long as was asked", 0, Some(7200)),
    ("nowhere", 1, None),
];

#[tokio::test]
async fn each_route_of_vending_has_its_answer_in_time_and_living_tokens_are_served() {
    let mut stage = Stage::start(Flow::V2).await;
    for index in [0, 1] {
        let page = stage.run.connect(&mut Browser::default(), index).await;
        assert_eq!(page.heading(), "Connected", "{}", page.body);
    }
    let vended = stage.run.broker.vend(&stage.run.tenant(0)).await;
    assert_eq!(vended.status, 200, "{}", vended.body);
    stage.run.clock.advance(LATER);
    let key = tests::caller_key(stage.directory.path(), "collector").await;
    let mut rows = Vec::new();
    for (route, token, event) in events(&stage, &key) {
        for trouble in Trouble::all() {
            rows.push(row(&mut stage, (&route, token), &event, trouble).await);
        }
    }
    table::holds("vending", &rows);
    table::kinds_hold(&rows);
}

/// Every route, and what is asked of it.
fn events(stage: &Stage, key: &str) -> Vec<(String, &'static str, Value)> {
    let mut events = Vec::new();
    for (token, index, min_ttl_of) in TOKENS {
        let tenant = stage.run.tenant(index);
        let min_ttl = min_ttl_of.map_or(String::new(), |ttl| format!("&min_ttl={ttl}"));
        let forms = [
            (
                "v2.0/token",
                format!("scope={}{min_ttl}", tests::broker::SCOPE),
            ),
            (
                "token",
                format!("resource=https://manage.office.com{min_ttl}"),
            ),
        ];
        for (end, form) in forms {
            let form = format!("grant_type=client_credentials&{form}");
            let event = post(&format!("/{tenant}/oauth2/{end}"), &form);
            let route = format!("`POST /{{tenant}}/oauth2/{end}`, token {token}");
            events.push((route, token, with_bearer(stage, event)));
        }
        let (route, event) = batch(stage, &tenant, token, min_ttl_of);
        events.push((route, token, event));
        if min_ttl.is_empty() {
            let mut event = request("GET", "/msi/token");
            event["rawQueryString"] = json!(format!(
                "api-version=2019-08-01&resource=https://manage.office.com&client_id={tenant}"
            ));
            event["headers"]["x-identity-header"] = json!(key);
            events.push((format!("`GET /msi/token`, token {token}"), token, event));
        }
    }
    let mut invite = post("/invites", r#"{"customer":"contoso"}"#);
    invite["headers"]["content-type"] = json!("application/json");
    let others = [
        ("`POST /invites`", invite),
        ("`GET /tenants`", request("GET", "/tenants")),
        ("`GET /health`", request("GET", "/health")),
    ];
    for (route, event) in others {
        events.push((route.to_owned(), "", with_bearer(stage, event)));
    }
    events
}

/// A batch of one tenant.
fn batch(stage: &Stage, tenant: &str, token: &str, min_ttl: Option<u32>) -> (String, Value) {
    let item = json!({
        "tenant_id": tenant, "resource": "https://manage.office.com", "min_ttl": min_ttl,
    });
    let mut event = post("/tokens", &json!({"tokens": [item]}).to_string());
    event["headers"]["content-type"] = json!("application/json");
    let route = format!("`POST /tokens`, token {token}");
    (route, with_bearer(stage, event))
}

fn with_bearer(stage: &Stage, mut event: Value) -> Value {
    let bearer = format!("Bearer {}", stage.run.broker.ready.caller_token);
    event["headers"]["authorization"] = json!(bearer);
    event
}

/// A process of its own: what it knows is the keys of callers' issuers, and the token where it
/// is to have one in its memory.
async fn row(
    stage: &mut Stage,
    (route, token): (&str, &str),
    event: &Value,
    trouble: Trouble,
) -> Row {
    let vending = stage.neighbour.vending().await;
    let warm = with_bearer(stage, request("GET", "/tenants"));
    assert_eq!(vending.handle(read(&warm)).await.status(), 200);
    if token == "in memory" {
        assert_eq!(vending.handle(read(event)).await.status(), 200, "{route}");
    }
    trouble.begin(stage, None).await;
    let (response, took) = stage.timed(asked(&vending, event)).await;
    let said = answer_text(&response);
    if token != "nowhere" && !token.is_empty() {
        assert_eq!(said, "200, a token", "{route}, {trouble:?}");
    }
    let row = stage.row(route, trouble, Answer::new(said, took));
    stage.lambda.mend().await;
    row
}

async fn asked(vending: &Vending, event: &Value) -> Response<Body> {
    vending.handle(read(event)).await
}

/// A refusal of ours says why, that it passes, and when to come again.
fn answer_text(response: &Response<Body>) -> String {
    let status = response.status().as_u16();
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    if let Some(item) = body["tokens"].get(0) {
        return item_text(item);
    }
    if status < 300 {
        return match body["access_token"].is_string() {
            true => format!("{status}, a token"),
            false => status.to_string(),
        };
    }
    assert_eq!((status, &body["retryable"]), (503, &json!(true)), "{body}");
    let retry = response.headers()["retry-after"].to_str().unwrap();
    let cause = body["cause"].as_str().unwrap();
    format!("{status} `{cause}`, `Retry-After: {retry}`")
}

/// The same of an item of a batch, which says in its body what else the head says.
fn item_text(item: &Value) -> String {
    let status = &item["status"];
    if item["access_token"].is_string() {
        return format!("{status}, a token");
    }
    assert_eq!((status, &item["retryable"]), (&json!(503), &json!(true)));
    let (cause, after) = (item["cause"].as_str().unwrap(), &item["retry_after"]);
    format!("of the item {status} `{cause}`, `retry_after` {after}")
}
