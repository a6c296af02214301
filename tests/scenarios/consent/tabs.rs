//! Many attempts in one browser. Each has a cookie, all cookies come with every request, and
//! the gateway refuses a request whose head is too large (431) before the function sees it:
//! the oldest attempts go, the newest finish.

use std::collections::BTreeMap;

use tests::admin::accept;
use tests::{Browser, Flow, Page};
use url::Url;

use super::stage::Stage;

/// Attempts that a browser keeps.
const KEPT: usize = 5;
/// What their cookies and the form's take, at most: the gateway takes 10,240 bytes in all.
const HEADER_MAX: usize = KEPT * 600 + 100;
const PREFIX: &str = "__Host-consent-";

/// The cookies of our pages in this browser.
fn jar(browser: &Browser, link: &str) -> BTreeMap<String, String> {
    let url: Url = link.parse().unwrap();
    browser.cookies_of(&url)
}

/// How many attempts they are, after a look at the size of the header that they make.
fn attempts(browser: &Browser, link: &str) -> usize {
    let jar = jar(browser, link);
    let pair = |(name, value): (&String, &String)| name.len() + value.len() + "=; ".len();
    let header: usize = jar.iter().map(pair).sum();
    assert!(header <= HEADER_MAX, "{header} bytes");
    jar.keys().filter(|name| name.starts_with(PREFIX)).count() - 1
}

async fn finish(browser: &mut Browser, confirm: &Page, account: &str) {
    assert_eq!(confirm.heading(), "Connect this organisation?");
    let authority = browser.submit(&confirm.form(), &[]).await;
    let page = accept(browser, &authority, account).await;
    assert_eq!(page.heading(), "Connected", "{}", page.body);
}

#[tokio::test]
async fn a_hundred_starts_leave_room_for_cookies_and_the_last_two_finish() {
    let stage = Stage::invited(Flow::V2).await;
    // The longest cookies are those of invites that name a tenant.
    let mut links = Vec::new();
    for index in 0..2 {
        links.push(stage.vouched("Contoso", index).await);
    }
    let mut browser = Browser::default();
    let mut begun = Vec::new();
    for number in 0..100 {
        let link = &links[number % 2];
        begun.push(stage.authority(&mut browser, link).await);
        assert_eq!(attempts(&browser, link), KEPT.min(number + 1), "{number}");
        stage.run.clock.advance(1);
    }
    let mut confirms = Vec::new();
    for (number, index) in [(98, 0), (99, 1)] {
        let authority = browser.open(begun[number].as_str()).await;
        let admin = &stage.person(index).admin;
        confirms.push(accept(&mut browser, &authority, admin).await);
    }
    for (index, confirm) in confirms.iter().enumerate() {
        finish(&mut browser, confirm, &stage.person(index).admin).await;
        assert!(attempts(&browser, &links[0]) <= KEPT);
    }
    let authority = browser.open(begun[0].as_str()).await;
    let page = accept(&mut browser, &authority, &stage.person(0).admin).await;
    assert_eq!(page.cause(), "other_browser", "the oldest went");
}

#[tokio::test]
async fn starts_within_one_second_leave_room_as_well() {
    let stage = Stage::open(Flow::V2).await;
    let link = stage.run.broker.ready.consent_url.clone();
    let mut browser = Browser::default();
    let form = browser.open(&link).await.form();
    for number in 0..12 {
        let page = browser.post(&form, &[]).await;
        assert_eq!(page.status, 303, "{number}: {}", page.body);
        assert!(attempts(&browser, &link) <= KEPT, "{number}");
    }
}

/// Cookies under our name that are not ours go first, as soon as the landing page is opened:
/// an attempt that is under way stays.
#[tokio::test]
async fn what_is_not_ours_goes_first() {
    let stage = Stage::open(Flow::V2).await;
    let link = stage.run.broker.ready.consent_url.clone();
    let url: Url = link.parse().unwrap();
    let admin = stage.person(0).admin.clone();
    let mut browser = Browser::default();
    let confirm = stage.sign_in(&mut browser, &link, &admin).await;
    for number in 0..20 {
        let name = format!("{PREFIX}{number:A>22}");
        browser.put_cookie(&url, &name, &"A".repeat(300));
    }
    browser.put_cookie(&url, "__Host-other", "stays");
    let page = browser.open(&link).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert_eq!(attempts(&browser, &link), KEPT);
    assert!(jar(&browser, &link).contains_key("__Host-other"));
    finish(&mut browser, &confirm, &admin).await;
}
