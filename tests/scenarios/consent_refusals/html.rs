//! What somebody writes into a link is never part of a page.

use tests::{Browser, Flow};

use super::pages::check_history;
use super::stage::{Stage, with};

const MARKUP: [&str; 4] = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'-alert(1)-'",
    "{{7*7}}${7*7}<%= 7*7 %>",
];

#[tokio::test]
async fn markup_in_a_parameter_never_appears_in_a_page() {
    let stage = Stage::start(Flow::V2).await;
    let mut browser = Browser::default();
    let admin = stage.person(0).admin.clone();
    let proper = stage.signed_in(&mut browser, &admin).await;
    let names = [
        "state",
        "code",
        "tenant",
        "admin_consent",
        "error",
        "error_description",
        "error_uri",
        "invite",
    ];
    for markup in MARKUP {
        let mut urls = Vec::new();
        for name in names {
            let mut url = stage.url("/consent/callback");
            url.query_pairs_mut().append_pair(name, markup);
            urls.push(url);
        }
        let mut url = stage.url("/consent");
        url.query_pairs_mut().append_pair("invite", markup);
        urls.push(url);
        for path in ["go", "confirm", "result"] {
            let mut url = stage.url("/");
            let mut segments = url.path_segments_mut().unwrap();
            segments.clear().extend(["consent", path, markup]);
            drop(segments);
            urls.push(url);
        }
        // Of an attempt of ours the error is read.
        let description = format!("AADSTS65004: {markup}");
        let described = with(&proper, "error", "access_denied");
        let described = with(&described, "error_description", &description);
        urls.push(with(&proper, "error", markup));
        urls.push(described);
        for url in urls {
            let page = browser.open(url.as_str()).await;
            assert!(page.status < 500 || page.cause() == "unknown", "{url}");
            for part in ["<script", "<img", "alert(1)", "49", "7*7"] {
                let body = without_words_of_ours(&page.body);
                assert!(!body.contains(part), "{url}: {body}");
            }
        }
        let form = stage.start_form(&mut browser).await;
        let page = browser.post(&form.with("form_token", markup), &[]).await;
        assert!(!page.body.contains(markup), "{}", page.body);
        let mut confirm = form.with("handle", markup);
        confirm.action = stage.url("/consent/confirm");
        let page = browser.submit(&confirm, &[]).await;
        assert!(!page.body.contains(markup), "{}", page.body);
    }
    stage.unchanged("markup").await;
    assert!(check_history(&browser, &stage.url("/")) > 80);
}

/// Without the values that are random or a time, and the style sheet.
fn without_words_of_ours(body: &str) -> String {
    let main = body.split("<main>").nth(1).unwrap_or(body);
    let mut kept = String::new();
    for line in main.lines() {
        let ours = ["<dt>Time", "<dt>Request", "form_token"];
        if !ours.iter().any(|word| line.contains(word)) {
            kept.push_str(line);
        }
    }
    kept
}
