//! What ends by itself: a form, an attempt, a confirmation, a result page.

use reqwest::Method;
use tests::{Browser, MovedRun, Page};
use url::Url;

const MINUTE: i64 = 60;

/// A run under a moved clock, and what is too old for it.
struct Aged {
    run: MovedRun,
    _directory: tempfile::TempDir,
}

impl Aged {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            run: MovedRun::start(directory.path(), 3).await,
            _directory: directory,
        }
    }

    async fn landing(&self, browser: &mut Browser) -> Page {
        browser.open(&self.run.broker.ready.consent_url).await
    }

    async fn signed_in(&self, browser: &mut Browser) -> Url {
        let form = self.landing(browser).await.form();
        let authority = browser.submit(&form, &[]).await;
        let admin = &self.run.broker.ready.simulated_tenants[0].admin;
        super::stage::press(browser, &authority, admin, "accept").await
    }

    async fn check_too_old(&self, page: &Page, cause: &str) {
        assert_eq!((page.status, page.cause()), (400, cause.to_owned()));
        let listed = self.run.broker.get("/tenants").await;
        assert_eq!(listed.body["tenants"], serde_json::json!([]));
    }
}

#[tokio::test]
async fn a_start_form_lives_an_hour() {
    let aged = Aged::start().await;
    let mut browser = Browser::default();
    let form = aged.landing(&mut browser).await.form();
    aged.run.clock.advance(60 * MINUTE - 1);
    assert_eq!(browser.post(&form, &[]).await.status, 303);
    aged.run.clock.advance(1);
    let page = browser.post(&form, &[]).await;
    aged.check_too_old(&page, "start_again").await;
}

#[tokio::test]
async fn a_sign_in_takes_ten_minutes_at_most() {
    let aged = Aged::start().await;
    let mut browser = Browser::default();
    let callback = aged.signed_in(&mut browser).await;
    aged.run.clock.advance(10 * MINUTE);
    let page = browser.open(callback.as_str()).await;
    aged.check_too_old(&page, "attempt_expired").await;
}

#[tokio::test]
async fn a_confirmation_is_given_within_ten_minutes() {
    let aged = Aged::start().await;
    let mut browser = Browser::default();
    let callback = aged.signed_in(&mut browser).await;
    let confirm = browser.open(callback.as_str()).await;
    let form = confirm.form();
    aged.run.clock.advance(10 * MINUTE);
    let page = browser.submit(&form, &[]).await;
    aged.check_too_old(&page, "attempt_expired").await;
    let page = browser.open(confirm.url.as_str()).await;
    aged.check_too_old(&page, "attempt_expired").await;
}

#[tokio::test]
async fn a_result_can_be_looked_at_for_a_day() {
    let aged = Aged::start().await;
    let mut browser = Browser::default();
    let result = aged.run.connect(&mut browser, 0).await;
    assert_eq!(result.heading(), "Connected", "{}", result.body);
    aged.run.clock.advance(24 * 60 * MINUTE - 1);
    let url = result.url.clone();
    let page = browser.request(Method::GET, url.clone(), &[]).await;
    assert_eq!(page.heading(), "Connected");
    aged.run.clock.advance(1);
    let page = browser.request(Method::GET, url, &[]).await;
    assert_eq!(
        (page.status, page.cause()),
        (400, "result_expired".to_owned())
    );
}
