//! The page that this project started from ("Get started with Office 365 Management
//! APIs", June 2016), held against what arrives at the authority's socket: every field
//! that it prints, and no other but those that are named here.
//!
//! The page's values are in `tests/fixtures/get_started_2016.json`. How its sample
//! tokens are read is tested where they are read (`shared/microsoft`).

mod page;
mod stage;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tests::jwt::part;
use tests::recorder::Arrived;
use tests::{Browser, Flow, connect};

use self::page::{Page, names};
use self::stage::{CLIENT_ID, CLIENT_SECRET, Stage};

/// What today's protocol adds to the page, by the place where it may stand.
const EXTRA_IN_AUTHORIZE: [&str; 5] = [
    "state",
    "code_challenge",
    "code_challenge_method",
    "prompt",
    "nonce",
];
const EXTRA_IN_CODE_REDEMPTION: [&str; 1] = ["code_verifier"];
const EXTRA_IN_ASSERTION_HEADER: [&str; 1] = ["typ"];
const EXTRA_IN_ASSERTION_PAYLOAD: [&str; 1] = ["iat"];

#[tokio::test]
async fn every_request_is_the_one_that_the_page_prints() {
    let stage = Stage::start().await;
    let mut browser = Browser::default();
    let consent_url = &stage.broker.ready.consent_url;
    let result = connect(&mut browser, consent_url, &stage.admin, Flow::V1).await;
    assert_eq!(result.heading(), "Connected", "{}", result.body);
    check_answers(&stage).await;

    let page = Page::read();
    check_authorize(&stage, &page);
    check_code_redemption(&stage, &page, &browser);
    let app_only = check_client_credentials(&stage, &page);
    assert!(app_only >= 1, "an app-only token was asked for");
    // Nothing else was asked of a token endpoint.
    let asked = stage.recorder.requests_to("POST", "/token").len();
    assert_eq!(asked, 1 + app_only);
    let (code, log) = stage.process.interrupt().await;
    assert_eq!(code, 0, "{log}");
}

/// The tenant is active, and its token is handed out in the page's own form.
async fn check_answers(stage: &Stage) {
    let (tenant, broker) = (&stage.tenant, &stage.broker);
    let shown = broker.get(&format!("/tenants/{tenant}")).await;
    assert_eq!(shown.body["status"], "active", "{}", shown.body);
    let form = [
        ("grant_type", "client_credentials"),
        ("resource", "https://manage.office.com"),
    ];
    let token = Some(broker.ready.caller_token.as_str());
    let path = format!("/{tenant}/oauth2/token");
    let vended = broker.post(&path, &form, token).await;
    let sample = &Page::read().sample["app_only_answer"];
    for name in names(sample) {
        let same_kind = vended.body[&name].is_string() && sample[&name].is_string();
        assert!(same_kind, "{name} is a string in {}", vended.body);
    }
    assert_eq!(vended.body["resource"], sample["resource"]);
    assert_eq!(vended.claims()["tid"], tenant.as_str());
    assert_eq!(vended.claims()["appid"], CLIENT_ID);
}

fn check_authorize(stage: &Stage, page: &Page) {
    let arrived = stage.recorder.requests_to("GET", "/oauth2/authorize");
    let [request] = &arrived[..] else {
        panic!("one authorize request: {arrived:?}");
    };
    assert_eq!(request.path(), page.path("authorize", ""));
    assert!(request.target.contains(&page.encoded_resource));
    let own = [
        ("client_id", CLIENT_ID.to_owned()),
        ("redirect_uri", stage.redirect_uri()),
    ];
    let expected = page.fields("authorize", &own);
    page::compare(
        "authorize",
        &request.query(),
        &expected,
        &EXTRA_IN_AUTHORIZE,
    );
}

fn check_code_redemption(stage: &Stage, page: &Page, browser: &Browser) {
    let arrived = of_grant(stage, "authorization_code");
    let [request] = &arrived[..] else {
        panic!("a code is redeemed once: {arrived:?}");
    };
    assert_eq!(request.path(), page.path("code_redemption", ""));
    check_form(request, page);
    let own = [
        ("client_id", CLIENT_ID.to_owned()),
        ("redirect_uri", stage.redirect_uri()),
        ("client_secret", CLIENT_SECRET.to_owned()),
        ("code", code_of(browser)),
    ];
    let expected = page.fields("code_redemption", &own);
    page::compare(
        "code",
        &request.form(),
        &expected,
        &EXTRA_IN_CODE_REDEMPTION,
    );
}

/// Gives how many there were.
fn check_client_credentials(stage: &Stage, page: &Page) -> usize {
    let arrived = of_grant(stage, "client_credentials");
    for request in &arrived {
        assert_eq!(
            request.path(),
            page.path("client_credentials", &stage.tenant)
        );
        check_form(request, page);
        let assertion = request.field("client_assertion");
        let own = [
            ("client_id", CLIENT_ID.to_owned()),
            ("client_assertion", assertion.clone()),
        ];
        let expected = page.fields("client_credentials", &own);
        page::compare("client credentials", &request.form(), &expected, &[]);
        check_assertion(stage, page, &assertion);
    }
    arrived.len()
}

/// What the page prints as header and payload. That the signature is good is judged by
/// whoever answered with a token.
fn check_assertion(stage: &Stage, page: &Page, assertion: &str) {
    let [_, _, signature]: [&str; 3] = assertion.split('.').collect::<Vec<_>>().try_into().unwrap();
    let (header, payload) = (part(assertion, 0), part(assertion, 1));
    let thumbprint = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &stage.certificate);
    let own = [("x5t", URL_SAFE_NO_PAD.encode(thumbprint))];
    let expected = page.assertion("header", &own);
    page::compare(
        "header",
        &page::texts(&header),
        &expected,
        &EXTRA_IN_ASSERTION_HEADER,
    );

    let same = |name: &str| payload[name].as_str().map(str::to_owned).unwrap();
    let number = |name: &str| payload[name].as_i64().expect("a NumericDate");
    let audience = page.audience(&stage.recorder.url, &stage.tenant);
    let own = [
        ("aud", audience),
        ("iss", CLIENT_ID.to_owned()),
        ("sub", CLIENT_ID.to_owned()),
        ("jti", same("jti")),
        ("nbf", number("nbf").to_string()),
        ("exp", number("exp").to_string()),
    ];
    let expected = page.assertion("payload", &own);
    page::compare(
        "payload",
        &page::texts(&payload),
        &expected,
        &EXTRA_IN_ASSERTION_PAYLOAD,
    );
    assert_eq!(number("exp") - number("nbf"), page.life_seconds);
    let jti = uuid::Uuid::parse_str(&same("jti")).expect("jti is a GUID");
    assert_eq!(jti.to_string(), same("jti"), "in the usual spelling");
    assert_eq!(URL_SAFE_NO_PAD.decode(signature).unwrap().len(), 256);
}

fn check_form(request: &Arrived, page: &Page) {
    assert_eq!(
        request.header("content-type"),
        Some(page.content_type.as_str())
    );
    let body = String::from_utf8(request.body.clone()).unwrap();
    assert!(body.contains(&page.encoded_resource), "{body}");
    assert!(!request.target.contains('?'), "{}", request.target);
}

/// Everything that was posted to a token endpoint for this grant.
fn of_grant(stage: &Stage, grant_type: &str) -> Vec<Arrived> {
    let mut posted = stage.recorder.requests_to("POST", "/token");
    posted.retain(|request| request.field("grant_type") == grant_type);
    posted
}

/// The code that the authority's redirect carried.
fn code_of(browser: &Browser) -> String {
    let pairs = browser
        .history
        .iter()
        .flat_map(|page| page.url.query_pairs());
    let mut codes = pairs.filter(|(name, _)| name == "code");
    codes.next().expect("a redirect with a code").1.into_owned()
}
