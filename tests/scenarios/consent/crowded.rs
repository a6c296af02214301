//! More at once than the pages take. Beyond the limit a stranger's request costs no row, no
//! look at the table and no request at Entra ID; a person who waits a moment loses nothing by
//! it, and strangers never hold back an invite.

use reqwest::Method;
use serde_json::Value;
use tests::admin::accept;
use tests::{Browser, Flow, Page};
use url::Url;

use super::stage::Stage;

/// Steps at once of strangers at one address.
const STEPS: usize = 320;
/// Looks at once of one address.
const LOOKS: usize = 640;
/// Seconds after which a page comes again by itself.
const COME_BACK: i64 = 15;
/// As long as the shortest that Entra ID could have made.
const JUNK: &str = "1.anybody-can-write-this";

impl Stage {
    fn landing(&self) -> String {
        self.run.broker.ready.consent_url.clone()
    }

    async fn stats(&self) -> Value {
        self.run.broker.stats().await
    }

    /// Signs in and stops before the callback.
    async fn signed_in(&self, browser: &mut Browser, link: &str, account: &str) -> Url {
        let authority = self.authority(browser, link).await;
        let form = browser.open(authority.as_str()).await.form();
        let form = form.with("account", account).with("action", "accept");
        let answer = browser.request(Method::POST, form.action.clone(), &form.fields);
        answer.await.location()
    }

    /// The callback of a new attempt with a made-up code, and the attempt's id.
    async fn made_up(&self, browser: &mut Browser) -> (Url, String) {
        let authority = self.authority(browser, &self.landing()).await;
        let state = authority.query_pairs().find(|(name, _)| name == "state");
        let mut callback: Url = self.landing().parse().unwrap();
        callback.set_path("/consent/callback");
        let pairs = [("code", JUNK), ("state", &*state.unwrap().1)];
        callback.query_pairs_mut().extend_pairs(pairs);
        let cookies = browser.cookies_of(&callback);
        let mut ids = cookies
            .keys()
            .filter_map(|name| name.strip_prefix("__Host-consent-"))
            .filter(|id| *id != "form");
        (callback, ids.next().unwrap().to_owned())
    }

    /// Takes every step that strangers at this address may take at once; each is refused.
    async fn exhaust_steps(&self) {
        let mut stranger = Browser::default();
        let (callback, id) = self.made_up(&mut stranger).await;
        let before = self.stats().await;
        for number in 0..STEPS {
            let page = stranger.open(callback.as_str()).await;
            assert_eq!(page.status, 400, "{number}: {}", page.body);
        }
        assert!(self.is_marked(&id).await, "the first cost a row");
        assert_ne!(self.stats().await, before, "and a request");
    }

    /// Takes every look that is left to this address, with made-up invites.
    async fn exhaust_looks(&self) {
        let mut stranger = Browser::default();
        let mut looked = 0;
        loop {
            let link = format!("{}?invite={looked:A>32}", self.landing());
            let page = stranger.open(&link).await;
            if page.status == 429 {
                break;
            }
            assert_eq!(page.cause(), "invite_unknown", "{looked}: {}", page.body);
            looked += 1;
        }
        assert!((LOOKS - 5..=LOOKS).contains(&looked), "{looked}");
    }
}

/// The page is that of too many at once.
fn check_busy(row: &str, page: &Page, comes_again: bool) {
    assert_eq!(page.status, 429, "{row}: {}", page.body);
    assert_eq!(page.cause(), "too_many_requests", "{row}");
    assert_eq!(page.heading(), "Please wait a moment", "{row}");
    assert!(page.body.contains("Nothing is lost."), "{row}");
    assert_eq!(page.headers["retry-after"], "15", "{row}");
    assert_eq!(page.headers.contains_key("refresh"), comes_again, "{row}");
    assert!(!page.headers.contains_key("set-cookie"), "{row}");
}

#[tokio::test]
async fn made_up_codes_beyond_the_limit_cost_neither_a_row_nor_a_request() {
    let stage = Stage::open(Flow::V2).await;
    stage.exhaust_steps().await;
    let before = stage.stats().await;
    for number in 0..10 {
        let mut stranger = Browser::default();
        let (callback, id) = stage.made_up(&mut stranger).await;
        let page = stranger.open(callback.as_str()).await;
        check_busy(&format!("{number}"), &page, true);
        assert!(!stage.is_marked(&id).await, "{number}");
    }
    assert_eq!(stage.stats().await, before);
    assert_eq!(stage.tenants().await, Vec::<String>::new());
}

/// The admin behind the strangers' address waits; one with an invite does not have to.
#[tokio::test]
async fn a_person_who_has_to_wait_loses_nothing_and_an_invite_never_waits() {
    let stage = Stage::open(Flow::V2).await;
    let (waiting, invited) = (&stage.person(0).admin, &stage.person(1).admin);
    let mut browser = Browser::default();
    let callback = stage
        .signed_in(&mut browser, &stage.landing(), waiting)
        .await;
    stage.exhaust_steps().await;
    let page = browser.open(callback.as_str()).await;
    check_busy("the sign-in's answer", &page, true);
    assert_eq!(page.url, callback, "a reload asks for the same again");

    let link = stage.invite("Contoso").await;
    let page = stage.connect(&link, invited).await;
    assert_eq!(page.heading(), "Connected", "{}", page.body);

    stage.run.clock.advance(COME_BACK);
    let confirm = browser.open(callback.as_str()).await;
    assert_eq!(confirm.heading(), "Connect this organisation?");
    let authority = browser.submit(&confirm.form(), &[]).await;
    let page = accept(&mut browser, &authority, waiting).await;
    assert_eq!(page.heading(), "Connected", "{}", page.body);
}

#[tokio::test]
async fn what_needs_no_look_at_the_table_goes_on_where_looks_are_over() {
    let stage = Stage::open(Flow::V2).await;
    let (admin, link) = (stage.person(0).admin.clone(), stage.landing());
    let invite = stage.invite("Contoso").await;
    let mut browser = Browser::default();
    let invited_form = browser.open(&invite).await.form();
    let confirm = stage.sign_in(&mut browser, &link, &admin).await;
    let callback = stage.signed_in(&mut browser, &link, &admin).await;
    stage.exhaust_looks().await;

    let made_up = format!("{link}?invite={}", "B".repeat(32));
    let malformed = format!("{link}?invite=x");
    let (no_state, forged) = (
        callback_with(&callback, ""),
        callback_with(&callback, "AAAA"),
    );
    // In a browser without cookies: what is opened, the status of its page.
    let rows = [
        ("the landing page", link.as_str(), 200),
        ("an invite that is none", &malformed, 400),
        ("a made-up invite", &made_up, 429),
        ("our invite", &invite, 429),
        ("a callback without a state", no_state.as_str(), 400),
        ("a callback with a forged state", forged.as_str(), 400),
        ("a callback without its cookie", callback.as_str(), 429),
        (
            "a confirm page without its cookie",
            confirm.url.as_str(),
            429,
        ),
        ("a result that is none", &format!("{link}/result/AAAA"), 400),
        ("no page", &format!("{link}/x"), 404),
    ];
    for (row, url, status) in rows {
        let page = Browser::default().open(url).await;
        assert_eq!(page.status, status, "{row}: {}", page.body);
        if status == 429 {
            check_busy(row, &page, true);
        }
    }
    let page = Browser::default().submit(&confirm.form(), &[]).await;
    check_busy("a confirmation without its cookie", &page, false);
    let page = browser.submit(&invited_form, &[]).await;
    check_busy("a start with an invite", &page, false);
    let page = browser.open(callback.as_str()).await;
    assert_eq!(page.heading(), "Connect this organisation?");

    stage.run.clock.advance(COME_BACK);
    let page = browser.submit(&invited_form, &[]).await;
    assert_eq!(page.status, 200, "the same button: {}", page.body);
    let page = stage.connect(&invite, &admin).await;
    assert_eq!(page.heading(), "Connected", "{}", page.body);
}

/// The same callback with another state; an empty one is none.
fn callback_with(callback: &Url, state: &str) -> Url {
    let mut changed = callback.clone();
    let pairs = [("code", JUNK), ("state", state)];
    changed.query_pairs_mut().clear().extend_pairs(pairs);
    changed
}
