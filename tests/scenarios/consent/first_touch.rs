//! The first touch of a tenant: Microsoft answers with 650051 while it sets the application up
//! there. The page waits and takes the same step once more; only who was refused again after
//! that wait learns that the registration is at fault. Nothing is written meanwhile, and no
//! invite is spent.

use serde_json::{Value, json};
use tests::admin::accept;
use tests::{Browser, Flow, Page};
use url::Url;

use super::stage::Stage;

/// How long the page waits, in seconds.
const WAIT: u64 = 30;
const RACE: &str = "consent_race";
const OUTDATED: &str = "permission_outdated";

/// At which of Microsoft's pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    SignIn,
    AdminConsent,
}

/// An admin on the way to the page that waits.
struct Admin {
    stage: Stage,
    browser: Browser,
    link: String,
    account: String,
}

impl Admin {
    /// By an invite, or without one.
    async fn new(flow: Flow, invited: bool) -> Self {
        let stage = match invited {
            true => Stage::invited(flow).await,
            false => Stage::open(flow).await,
        };
        let link = match invited {
            true => stage.vouched("Contoso", 0).await,
            false => stage.run.broker.ready.consent_url.clone(),
        };
        Self {
            account: stage.person(0).admin.clone(),
            browser: Browser::default(),
            stage,
            link,
        }
    }

    /// Accepts at this page of Microsoft's while `fault` is on.
    async fn refused_at(&mut self, at: At, fault: &str, value: Value) -> Page {
        let broker = &self.stage.run.broker;
        if at == At::SignIn {
            broker.fault(fault, None, value).await;
            let (browser, link) = (&mut self.browser, &self.link);
            return self.stage.sign_in(browser, link, &self.account).await;
        }
        let (browser, link) = (&mut self.browser, &self.link);
        let confirm = self.stage.sign_in(browser, link, &self.account).await;
        broker.fault(fault, None, value).await;
        let authority = browser.submit(&confirm.form(), &[]).await;
        accept(browser, &authority, &self.account).await
    }

    /// Follows where the page leads by itself, and accepts there.
    async fn goes_on(&mut self, waiting: &Page) -> Page {
        let (_, onward) = waiting.refresh().unwrap();
        let authority = self.browser.open(onward.as_str()).await;
        accept(&mut self.browser, &authority, &self.account).await
    }

    /// From what follows a sign-in, or the end of all, to Connected.
    async fn finishes(&mut self, page: Page) {
        let mut page = page;
        if page.heading() == "Connect this organisation?" {
            page = self.browser.submit(&page.form(), &[]).await;
        }
        if page.body.contains("value=\"accept\"") {
            page = accept(&mut self.browser, &page, &self.account).await;
        }
        assert_eq!(page.heading(), "Connected", "{}", page.body);
    }

    /// The page waits for so long; nothing was written.
    async fn check_waits(&self, row: &str, page: &Page, seconds: u64) {
        assert_eq!(page.status, 200, "{row}: {}", page.body);
        assert_eq!(page.heading(), "Microsoft needs a moment", "{row}");
        assert_eq!(page.cause(), "still_setting_up (AADSTS650051)", "{row}");
        let (found, onward) = page.refresh().unwrap();
        assert_eq!(found, seconds, "{row}");
        assert!(onward.path().starts_with("/consent/go/"), "{row}: {onward}");
        let unit = if seconds == 1 { "second" } else { "seconds" };
        let sentence = format!("in {seconds} {unit} this page goes back to Microsoft by itself");
        assert!(page.body.contains(&sentence), "{row}: {}", page.body);
        let button = format!("href=\"{}\"", onward.path());
        assert!(page.body.contains(&button), "{row}: {}", page.body);
        self.check_nothing_written(row).await;
    }

    async fn check_nothing_written(&self, row: &str) {
        assert_eq!(self.stage.tenants().await, Vec::<String>::new(), "{row}");
        let landing = Browser::default().open(&self.link).await;
        assert_eq!(landing.status, 200, "{row}: the link is as good as before");
    }

    fn check_operators(&self, row: &str, page: &Page) {
        assert_eq!(page.status, 503, "{row}: {}", page.body);
        assert_eq!(
            page.cause(),
            "permission_out_of_date (AADSTS650051)",
            "{row}"
        );
        for part in [
            "The operator of this service must act",
            "API permissions",
            "Nothing was connected",
        ] {
            assert!(page.body.contains(part), "{row}: {}", page.body);
        }
        assert!(!page.headers.contains_key("refresh"), "{row}");
    }
}

#[tokio::test]
async fn a_race_is_waited_out_and_ends_connected() {
    let rows = [
        (Flow::V2, false, At::SignIn),
        (Flow::V2, false, At::AdminConsent),
        (Flow::V2, true, At::SignIn),
        (Flow::V2, true, At::AdminConsent),
        (Flow::V1, false, At::SignIn),
        (Flow::V1, true, At::SignIn),
    ];
    for (flow, invited, at) in rows {
        let row = format!("{flow:?}, invited {invited}, {at:?}");
        let mut admin = Admin::new(flow, invited).await;
        let waiting = admin.refused_at(at, RACE, json!(20)).await;
        admin.check_waits(&row, &waiting, WAIT).await;
        admin.stage.run.clock.advance(WAIT as i64);
        let page = admin.goes_on(&waiting).await;
        admin.finishes(page).await;
        let shown = admin.stage.tenant(0).await;
        assert_eq!(shown["status"], "active", "{row}: {shown}");
    }
}

#[tokio::test]
async fn a_refusal_after_the_wait_is_the_operators_and_spends_no_invite() {
    let rows = [
        (Flow::V2, false, At::SignIn, RACE),
        (Flow::V2, true, At::AdminConsent, RACE),
        (Flow::V2, false, At::AdminConsent, OUTDATED),
        (Flow::V2, true, At::AdminConsent, OUTDATED),
        (Flow::V1, false, At::SignIn, OUTDATED),
        (Flow::V1, true, At::SignIn, OUTDATED),
    ];
    for (flow, invited, at, fault) in rows {
        let row = format!("{flow:?}, invited {invited}, {at:?}, {fault}");
        let mut admin = Admin::new(flow, invited).await;
        let waiting = admin.refused_at(at, fault, Value::Null).await;
        admin.check_waits(&row, &waiting, WAIT).await;
        admin.stage.run.clock.advance(WAIT as i64);
        let page = admin.goes_on(&waiting).await;
        admin.check_operators(&row, &page);
        admin.check_nothing_written(&row).await;
        // The operator mends the registration; the admin comes back by the same link, in
        // another browser.
        admin.stage.run.broker.end_faults().await;
        let page = admin.stage.connect(&admin.link, &admin.account).await;
        assert_eq!(page.heading(), "Connected", "{row}: {}", page.body);
    }
}

/// Who presses the button at once, again and again, has shown nothing about the registration.
#[tokio::test]
async fn who_does_not_wait_gets_the_rest_of_the_wait_and_no_verdict() {
    let mut admin = Admin::new(Flow::V2, true).await;
    let mut page = admin.refused_at(At::AdminConsent, RACE, Value::Null).await;
    // Seconds after which the button is pressed once more, and what is left then.
    for (pause, left) in [(0, 30), (0, 30), (5, 25), (14, 11), (10, 1)] {
        admin.stage.run.clock.advance(pause);
        page = admin.goes_on(&page).await;
        admin
            .check_waits(&format!("{left} left"), &page, left)
            .await;
    }
    admin.stage.run.clock.advance(1);
    let page = admin.goes_on(&page).await;
    admin.check_operators("after all of it", &page);
}

#[tokio::test]
async fn a_reload_of_the_page_that_waits_neither_counts_nor_waits_longer() {
    let mut admin = Admin::new(Flow::V2, true).await;
    let waiting = admin.refused_at(At::SignIn, RACE, json!(20)).await;
    for (pause, left) in [(0, 30), (12, 18), (0, 18), (17, 1)] {
        admin.stage.run.clock.advance(pause);
        let page = admin.browser.open(waiting.url.as_str()).await;
        admin
            .check_waits(&format!("{left} left"), &page, left)
            .await;
    }
    // A tab that was put aside and is loaded again leads on at once.
    admin.stage.run.clock.advance(1);
    let authority = admin.browser.open(waiting.url.as_str()).await;
    let page = accept(&mut admin.browser, &authority, &admin.account).await;
    admin.finishes(page).await;
}

#[tokio::test]
async fn each_of_two_tabs_waits_for_itself() {
    let mut admin = Admin::new(Flow::V2, true).await;
    let first = admin.refused_at(At::SignIn, RACE, Value::Null).await;
    admin.stage.run.clock.advance(20);
    let (stage, link) = (&admin.stage, &admin.link);
    let second = stage
        .sign_in(&mut admin.browser, link, &admin.account)
        .await;
    admin.check_waits("the second tab", &second, WAIT).await;
    admin.stage.run.clock.advance(10);
    let page = admin.goes_on(&first).await;
    admin.check_operators("the first tab", &page);
    let second = admin.goes_on(&second).await;
    admin.check_waits("the second tab", &second, 20).await;
    admin.stage.run.broker.end_faults().await;
    admin.stage.run.clock.advance(20);
    let page = admin.goes_on(&second).await;
    admin.finishes(page).await;
}

/// Back leads to Microsoft's page as it was: Accept is good there once more.
#[tokio::test]
async fn an_accept_on_the_page_that_was_left_counts_like_any_other() {
    let mut admin = Admin::new(Flow::V2, true).await;
    admin.stage.run.broker.fault(RACE, None, json!(20)).await;
    let form = admin.browser.open(&admin.link).await.form();
    let authority = admin.browser.submit(&form, &[]).await;
    let waiting = accept(&mut admin.browser, &authority, &admin.account).await;
    admin.check_waits("refused", &waiting, WAIT).await;
    admin.stage.run.clock.advance(4);
    let waiting = accept(&mut admin.browser, &authority, &admin.account).await;
    admin
        .check_waits("back, and refused again", &waiting, 26)
        .await;
    admin.stage.run.clock.advance(20);
    let page = accept(&mut admin.browser, &authority, &admin.account).await;
    admin.finishes(page).await;
}

#[tokio::test]
async fn an_attempt_that_ends_during_the_wait_says_so_and_the_link_is_good_still() {
    let mut admin = Admin::new(Flow::V2, true).await;
    admin.stage.run.broker.fault(RACE, None, json!(600)).await;
    let form = admin.browser.open(&admin.link).await.form();
    let authority = admin.browser.submit(&form, &[]).await;
    admin.stage.run.clock.advance(590);
    let waiting = accept(&mut admin.browser, &authority, &admin.account).await;
    admin.check_waits("late", &waiting, WAIT).await;
    admin.stage.run.clock.advance(WAIT as i64);
    let (_, onward) = waiting.refresh().unwrap();
    for url in [&onward, &waiting.url] {
        let page = admin.browser.open(url.as_str()).await;
        assert_eq!(page.cause(), "attempt_expired", "{}", page.body);
    }
    let (stage, link) = (&admin.stage, &admin.link);
    let confirm = stage
        .sign_in(&mut admin.browser, link, &admin.account)
        .await;
    admin.finishes(confirm).await;
}

/// The page that waits is the attempt's own: its address is of no use to another browser.
#[tokio::test]
async fn the_page_that_waits_is_for_its_browser_alone() {
    let mut admin = Admin::new(Flow::V2, true).await;
    let waiting = admin.refused_at(At::SignIn, RACE, json!(20)).await;
    let (_, onward) = waiting.refresh().unwrap();
    let urls: [&Url; 2] = [&waiting.url, &onward];
    for url in urls {
        let page = Browser::default().open(url.as_str()).await;
        assert_eq!(page.cause(), "other_browser", "{}", page.body);
    }
}
