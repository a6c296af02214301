//! The address of a confirm page in other hands. It names a person, a tenant and an account:
//! it shows them to the browser that signed in, and takes its answer alone.

use tests::{Browser, Flow, Page};
use url::Url;

use super::cookies::{self, FORM_COOKIE};
use super::stage::Stage;

/// How long an admin has for an answer.
const MINUTES: i64 = 10;

/// A browser that signed in, at its confirm page.
struct Asked {
    stage: Stage,
    browser: Browser,
    confirm: Page,
    ours: Url,
}

impl Asked {
    async fn start() -> Self {
        let stage = Stage::invited(Flow::V2).await;
        let link = stage.invite("Contoso").await;
        let mut browser = Browser::default();
        let admin = stage.person(0).admin.clone();
        let confirm = stage.sign_in(&mut browser, &link, &admin).await;
        assert_eq!(confirm.heading(), "Connect this organisation?");
        Self {
            ours: link.parse().unwrap(),
            stage,
            browser,
            confirm,
        }
    }

    /// The attempt's cookie in `browser`.
    fn cookie(&self, browser: &Browser) -> (String, String) {
        cookies::of_attempt(browser, &self.ours)
    }

    /// A browser with these cookies.
    fn with(&self, cookies: &[(String, String)]) -> Browser {
        let mut browser = Browser::default();
        for (name, value) in cookies {
            browser.put_cookie(&self.ours, name, value);
        }
        browser
    }

    /// Neither the page nor the button's answer names anybody, for `cause`.
    async fn check_refused(&self, row: &str, mut browser: Browser, cause: &str) {
        let shown = browser.open(self.confirm.url.as_str()).await;
        let answered = browser.submit(&self.confirm.form(), &[]).await;
        for page in [shown, answered] {
            assert_eq!((page.status, page.cause().as_str()), (400, cause), "{row}");
            let person = self.stage.person(0);
            for name in [&person.admin, &person.tenant_id, "Contoso"] {
                assert!(!page.body.contains(name), "{row}: {}", page.body);
            }
            assert!(!page.body.contains("<form"), "{row}: {}", page.body);
        }
        assert_eq!(self.stage.tenants().await, Vec::<String>::new(), "{row}");
    }
}

#[tokio::test]
async fn a_confirm_page_shows_no_name_to_another_browser_and_takes_no_answer_from_it() {
    let asked = Asked::start().await;
    let (name, own) = asked.cookie(&asked.browser);
    let mut other = Browser::default();
    let link = asked.stage.invite("Fabrikam").await;
    let admin = asked.stage.person(1).admin.clone();
    asked.stage.sign_in(&mut other, &link, &admin).await;
    let (other_name, others) = asked.cookie(&other);
    let form = asked.browser.cookies_of(&asked.ours)[FORM_COOKIE].clone();
    let handle = asked.confirm.form().field("handle").to_owned();
    let rows = cookies::of_others((&name, &own), (&other_name, &others), &form, &handle);
    for (row, cookies, cause) in rows {
        asked.check_refused(row, asked.with(&cookies), cause).await;
    }
    let among = [(name, own), (other_name, others)];
    for cookies in [&among[..1], &among[..]] {
        let page = asked.with(cookies).open(asked.confirm.url.as_str()).await;
        assert_eq!(page.heading(), "Connect this organisation?");
        assert!(page.body.contains(&asked.stage.person(0).admin));
    }
}

#[tokio::test]
async fn a_confirm_page_ends_with_its_answer_and_with_its_time() {
    let mut asked = Asked::start().await;
    let kept = asked.with(&[asked.cookie(&asked.browser)]);
    let answered = asked.browser.post(&asked.confirm.form(), &[]).await;
    assert_eq!(answered.status, 303, "{}", answered.body);
    let browser = std::mem::take(&mut asked.browser);
    asked
        .check_refused("answered", browser, "attempt_used")
        .await;

    asked.stage.run.clock.advance(MINUTES * 60);
    asked
        .check_refused("too late", kept, "attempt_expired")
        .await;
}

/// An admin who spends nine minutes at Microsoft's page has ten more for ours: the cookie must
/// last as long as the page.
#[tokio::test]
async fn the_cookie_lives_as_long_as_the_confirm_page() {
    let asked = Asked::start().await;
    let (name, value) = asked.cookie(&asked.browser);
    let mut seen = asked.browser.history.iter();
    let callback = seen.find(|page| page.url.path() == "/consent/callback");
    let set = callback.unwrap().headers["set-cookie"].to_str().unwrap();
    let expected = format!("{name}={value}; Path=/; Max-Age=600;");
    assert!(set.starts_with(&expected), "{set}");
}
