//! The two forms: who may post them, with what. An attempt begins with a click on our
//! own page; a tenant is connected by the browser that signed in, once.

use tests::{Browser, Flow, Form, Page};

use super::pages::check_history;
use super::stage::{OTHER_BROWSER, Refused, START_AGAIN, Stage, tampered};

/// Neither a way to the authority nor an attempt's cookie comes with a refusal.
async fn check_refused(stage: &Stage, row: &str, page: &Page) {
    check_refused_as(stage, row, page, START_AGAIN).await;
}

async fn check_refused_as(stage: &Stage, row: &str, page: &Page, why: Refused) {
    stage.check(row, page, why).await;
    assert!(!page.headers.contains_key("location"), "{row}");
    assert!(!page.headers.contains_key("set-cookie"), "{row}");
}

const ELSEWHERE: [(&str, &str); 9] = [
    ("origin", "https://evil.example"),
    ("origin", "http://localhost"),
    ("origin", "https://localhost"),
    ("origin", "http://localhost:1"),
    ("origin", ""),
    ("sec-fetch-site", "cross-site"),
    ("sec-fetch-site", "same-site"),
    ("sec-fetch-site", "none"),
    ("sec-fetch-site", "SAME-ORIGIN, cross-site"),
];

const FORM: &str = "application/x-www-form-urlencoded";

/// Bodies that are no form, or are called something else.
fn no_forms(name: &str, value: &str) -> [(&'static str, Vec<u8>); 8] {
    let good = format!("{name}={value}");
    let json = format!(r#"{{"{name}":"{value}"}}"#);
    let part = format!("--b\r\nContent-Disposition: form-data; name={name}\r\n\r\n{value}");
    [
        (FORM, format!("{good}&x=%ff").into_bytes()),
        (FORM, [name.as_bytes(), b"=\xff"].concat()),
        (FORM, vec![b'&'; 65 * 1024]),
        (FORM, json.clone().into_bytes()),
        ("application/json", json.into_bytes()),
        ("multipart/form-data; boundary=b", part.into_bytes()),
        ("text/plain", good.clone().into_bytes()),
        ("application/json", good.into_bytes()),
    ]
}

#[tokio::test]
async fn an_attempt_begins_on_our_own_page_only() {
    let stage = Stage::start(Flow::V2).await;
    let mut browser = Browser::default();
    let form = stage.start_form(&mut browser).await;
    let token = form.field("form_token").to_owned();
    let other = stage.start_form(&mut Browser::default()).await;
    let before = stage.broker.stats().await;
    let mut doubled = form.clone();
    doubled
        .fields
        .push(("form_token".to_owned(), token.clone()));
    let rows = [
        ("no token", form.without("form_token")),
        ("empty token", form.with("form_token", "")),
        ("another browser's token", other),
        ("changed token", form.with("form_token", &tampered(&token))),
        ("cut token", form.with("form_token", &token[1..])),
        ("doubled token", doubled),
        ("over-long token", form.with("form_token", &"A".repeat(257))),
    ];
    for (row, form) in &rows {
        let page = browser.post(form, &[]).await;
        check_refused(&stage, row, &page).await;
    }
    for (name, value) in ELSEWHERE {
        let page = browser.post(&form, &[(name, value)]).await;
        check_refused(&stage, &format!("{name}: {value}"), &page).await;
    }
    for (kind, body) in no_forms("form_token", &token) {
        let page = browser.post_body(form.action.clone(), kind, body).await;
        check_refused(&stage, &format!("no form, {kind}"), &page).await;
    }
    let mut without_cookie = Browser::default();
    let page = without_cookie.post(&form, &[]).await;
    check_refused_as(&stage, "no cookie", &page, OTHER_BROWSER).await;
    assert_eq!(stage.broker.stats().await, before);

    let ours = stage.url("/").origin().ascii_serialization();
    // Browsers send `null` from a page that forbids the Referer.
    for origin in ["null", ours.as_str()] {
        let headers = [("origin", origin), ("sec-fetch-site", "same-origin")];
        let page = browser.post(&form, &headers).await;
        assert_eq!(page.status, 303, "{origin}: {}", page.body);
    }
    check_history(&browser, &stage.url("/"));
}

/// The confirm form with a handle that is no good, each with its name.
fn unusable_handles(form: &Form, result: &str) -> Vec<(&'static str, Form)> {
    let handle = form.field("handle").to_owned();
    let mut doubled = form.clone();
    doubled.fields.push(("handle".to_owned(), handle.clone()));
    vec![
        ("no handle", form.without("handle")),
        ("empty handle", form.with("handle", "")),
        ("changed handle", form.with("handle", &tampered(&handle))),
        (
            "cut handle",
            form.with("handle", &handle[..handle.len() - 4]),
        ),
        ("doubled handle", doubled),
        ("over-long handle", form.with("handle", &"A".repeat(2049))),
        ("a result's handle", form.with("handle", result)),
        ("an attempt's cookie", form.with("handle", "AAAA")),
    ]
}

#[tokio::test]
async fn a_tenant_is_confirmed_by_the_browser_that_signed_in_and_once() {
    for flow in [Flow::V2, Flow::V1] {
        let stage = Stage::start(flow).await;
        let mut browser = Browser::default();
        let admin = stage.person(0).admin.clone();
        // A result's handle is sealed with the same key, for another purpose.
        let refusal = browser.open(stage.callback("error=x").as_str()).await;
        let result = last_segment(&refusal);
        let confirm = stage.confirm_page(&mut browser, &admin).await;
        let form = confirm.form();
        let before = stage.broker.stats().await;
        for (row, form) in &unusable_handles(&form, &result) {
            let page = browser.submit(form, &[]).await;
            stage.check(row, &page, START_AGAIN).await;
        }
        for (name, value) in ELSEWHERE {
            let page = browser.post(&form, &[(name, value)]).await;
            check_refused(&stage, &format!("{name}: {value}"), &page).await;
        }
        for (kind, body) in no_forms("handle", form.field("handle")) {
            let page = browser.post_body(form.action.clone(), kind, body);
            check_refused(&stage, &format!("no form, {kind}"), &page.await).await;
        }
        let mut stranger = Browser::default();
        let page = stranger.submit(&form, &[]).await;
        stage.check("no cookie", &page, OTHER_BROWSER).await;
        assert_eq!(stage.broker.stats().await, before, "{flow:?}");

        // Twice in one browser, as a double click or the Back button would.
        let mut twin = Browser::default();
        twin.take_cookies_of(&browser);
        let once = browser.post(&form, &[]).await;
        assert_eq!(once.status, 303, "{}", once.body);
        let page = twin.submit(&form, &[]).await;
        assert_eq!(
            (page.status, page.cause()),
            (400, "attempt_used".to_owned())
        );
        check_history(&browser, &stage.url("/"));
        check_history(&twin, &stage.url("/"));
    }
}

#[tokio::test]
async fn a_handle_opens_on_its_own_page_only() {
    let stage = Stage::start(Flow::V2).await;
    let mut browser = Browser::default();
    let admin = stage.person(0).admin.clone();
    let refusal = browser.open(stage.callback("error=x").as_str()).await;
    let result = last_segment(&refusal);
    let confirm = stage.confirm_page(&mut browser, &admin).await;
    let handle = last_segment(&confirm);
    let cookies = browser.cookies_of(&stage.url("/"));
    let cookie = cookies.values().find(|value| value.len() > 100).unwrap();
    let long = "A".repeat(2049);
    let form = stage.start_form(&mut browser).await;
    let answer = browser.post(&form, &[]).await;
    let location = answer.location();
    let go = location.path().rsplit('/').next().unwrap().to_owned();
    let rows = [
        ("go", handle.clone()),
        ("go", result.clone()),
        ("go", tampered(&go)),
        ("go", go[..go.len() - 4].to_owned()),
        ("go", long.clone()),
        ("go", cookie.clone()),
        ("go", "A".to_owned()),
        ("confirm", go.clone()),
        ("result", go),
        ("confirm", result.clone()),
        ("confirm", tampered(&handle)),
        ("confirm", handle[..handle.len() - 4].to_owned()),
        ("confirm", long.clone()),
        ("confirm", cookie.clone()),
        ("confirm", "%ff".to_owned()),
        ("confirm", "A".to_owned()),
        ("result", handle.clone()),
        ("result", tampered(&result)),
        ("result", result[..result.len() - 4].to_owned()),
        ("result", long),
        ("result", cookie.clone()),
        ("result", "A".to_owned()),
    ];
    for (page, handle) in rows {
        let url = stage.url(&format!("/consent/{page}/{handle}"));
        if handle == "%ff" {
            // The gateway refuses by itself what is no text when decoded.
            assert_eq!(browser.open(url.as_str()).await.status, 400);
            browser.history.pop();
            continue;
        }
        let row = format!("{page} {handle}");
        stage.refuses(&row, &mut browser, url, START_AGAIN).await;
    }
    check_history(&browser, &stage.url("/"));
}

fn last_segment(page: &Page) -> String {
    page.url
        .path_segments()
        .unwrap()
        .next_back()
        .unwrap()
        .to_owned()
}
