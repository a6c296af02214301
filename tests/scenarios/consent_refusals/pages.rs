//! What holds for every answer of the consent pages, whatever it says: never stored,
//! no Referer, a strict policy, no outside asset, no code left in the address.

use tests::{Browser, Flow, Page};
use url::Url;

use super::stage::Stage;

const HEADERS: [(&str, &str); 3] = [
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];
const POLICY: [&str; 4] = [
    "default-src 'none'",
    "form-action 'self';",
    "frame-ancestors 'none'",
    "base-uri 'none'",
];
/// What a page without script, frame or asset has no use for.
const TAGS: [&str; 6] = ["<script", "<img", "<link", "<iframe", "<object", " style="];

/// Checks one answer of ours: a page, or a redirect on the way to one.
pub(super) fn check(page: &Page) {
    let header = |name: &str| {
        let value = page.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    };
    let place = page.url.path();
    for (name, value) in HEADERS {
        assert_eq!(header(name), value, "{name} of {place}");
    }
    let policy = header("content-security-policy");
    for directive in POLICY {
        assert!(policy.contains(directive), "{place}: {policy}");
    }
    assert!(!policy.contains("unsafe-"), "{place}: {policy}");
    // Not on a developer's own machine: it would hold for all its servers.
    assert_eq!(header("strict-transport-security"), "", "{place}");
    assert!(!header("x-request-id").is_empty(), "{place}");
    assert_eq!(header("x-request-id"), header("apigw-requestid"), "{place}");
    if !page.headers.contains_key("location") {
        check_page(page);
    }
}

/// What stays in front of a person, and in the history.
fn check_page(page: &Page) {
    for (name, _) in page.url.query_pairs() {
        assert!(!["code", "state"].contains(&&*name), "{}", page.url);
    }
    for tag in TAGS {
        assert!(!page.body.contains(tag), "{}: {}", page.url, page.body);
    }
    for name in ["src", "href", "action"] {
        for reference in page.body.split(&format!("{name}=\"")).skip(1) {
            // The page whose one purpose is to lead on to Microsoft.
            let leads_out = page.url.path().starts_with("/consent/go/") && name == "href";
            let is_ours = reference.starts_with("/consent");
            assert!(is_ours || leads_out, "{}: {reference}", page.url);
        }
    }
    assert!(!page.body.contains("url("), "{}", page.body);
}

/// Checks all answers of ours that this browser has seen; gives their number.
pub(super) fn check_history(browser: &Browser, ours: &Url) -> usize {
    let seen = browser.history.iter();
    let pages: Vec<_> = seen.filter(|page| page.url.port() == ours.port()).collect();
    pages.iter().for_each(|page| check(page));
    pages.len()
}

#[tokio::test]
async fn every_page_on_the_way_to_connected_is_protected() {
    // Landing, start, go, callback, confirm page, confirm, (go, second callback,) result.
    for (flow, answers) in [(Flow::V2, 9), (Flow::V1, 7)] {
        let mut stage = Stage::start(flow).await;
        let admin = stage.person(0).admin.clone();
        let mut browser = Browser::default();
        stage.connect(&mut browser, &admin, flow).await;
        let ours = stage.url("/");
        assert_eq!(check_history(&browser, &ours), answers, "{flow:?}");
        let codes = browser.history.iter().filter(|page| {
            let mut names = page.url.query_pairs().map(|(name, _)| name);
            names.any(|name| name == "code")
        });
        assert_eq!(codes.count(), 1, "a code came by, and was led away from");
    }
}
