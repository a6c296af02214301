//! A sign-in that ends with a code, as a browser walks it, so that consent asks the function
//! that signs.

use lambda_http::Response;
use serde_json::{Value, json};
use tests::browser::parse_refresh;
use tests::gateway_event;

use super::stage::Stage;

/// The callback asks for the tokens of a code that Entra ID has not given out.
pub(super) async fn redeem_a_code(stage: &mut Stage) {
    let page = ask(stage, &gateway_event::request("GET", "/consent")).await;
    let html = std::str::from_utf8(page.body()).unwrap().to_owned();
    let field = html.split_once(r#"name="form_token" value=""#);
    let (_, field) = field.unwrap_or_else(|| panic!("no form: {html}"));
    let (field, _) = field.split_once('"').unwrap();
    let mut start = gateway_event::post("/consent/start", &format!("form_token={field}"));
    start["cookies"] = json!([cookie(&page)]);
    let started = ask(stage, &start).await;
    let place = started.headers()["location"].to_str().unwrap();
    let mut go = gateway_event::request("GET", place);
    go["cookies"] = json!([cookie(&started)]);
    let page = ask(stage, &go).await;
    let (_, location) = parse_refresh(page.headers()["refresh"].to_str().unwrap());
    let location: url::Url = location.parse().unwrap();
    let (_, state) = location
        .query_pairs()
        .find(|(name, _)| name == "state")
        .unwrap();
    let mut callback = gateway_event::request("GET", "/consent/callback");
    callback["rawQueryString"] = json!(format!("code=nobody-gave-this-code-out&state={state}"));
    callback["cookies"] = json!([cookie(&started)]);
    assert_eq!(ask(stage, &callback).await.status(), 303);
    stage.collect("ConsentLogGroup");
}

async fn ask(stage: &Stage, event: &Value) -> Response<lambda_http::Body> {
    let request = gateway_event::read(event);
    stage.consent.handle(request).await
}

fn cookie(response: &Response<lambda_http::Body>) -> String {
    let cookie = response.headers()["set-cookie"].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}
