//! The page between a form of ours and Microsoft: a form's redirects end there, so that no
//! policy of ours judges where Microsoft's lead. It is for the browser of the attempt, as long
//! as that lasts, and costs nothing.

use reqwest::Method;
use tests::admin::accept;
use tests::{Browser, Flow, Form, Page};
use url::Url;

use super::cookies;
use super::stage::Stage;

const MINUTES: i64 = 10;

/// The answer to a form, and the page that it leads to.
async fn leave(browser: &mut Browser, form: &Form) -> (Page, Page) {
    let answer = browser.post(form, &[]).await;
    let page = browser.request(Method::GET, answer.location(), &[]).await;
    (answer, page)
}

/// The form's own redirect ends on our page, which leads on to `authority`.
fn check_leads_on(row: &str, answer: &Page, page: &Page, authority: &str) {
    assert_eq!(answer.status, 303, "{row}: {}", answer.body);
    let place = answer.headers["location"].to_str().unwrap();
    assert!(place.starts_with("/consent/go/"), "{row}: {place}");
    assert_eq!(page.status, 200, "{row}: {}", page.body);
    assert_eq!(page.heading(), "On to Microsoft", "{row}");
    let onward = page.onward().unwrap();
    assert!(onward.as_str().starts_with(authority), "{row}: {onward}");
    let button = page.body.split("href=\"").nth(1).unwrap();
    let href = button.split('"').next().unwrap().replace("&#38;", "&");
    assert_eq!(href, onward.as_str(), "{row}");
    let state = onward.query_pairs().find(|(name, _)| name == "state");
    assert!(!place.contains(&*state.unwrap().1), "{row}: {place}");
    for (name, value) in [
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(page.headers[name], value, "{row}");
    }
    for part in ["<script", "<form", "http-equiv"] {
        assert!(!page.body.contains(part), "{row}: {}", page.body);
    }
    for page in [answer, page] {
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("form-action 'self';"), "{row}: {policy}");
        assert!(!policy.contains("http"), "{row}: {policy}");
    }
}

#[tokio::test]
async fn both_forms_end_at_a_page_of_ours_that_leads_on_to_microsoft() {
    for (flow, invited) in [(Flow::V2, true), (Flow::V2, false), (Flow::V1, true)] {
        let stage = match invited {
            true => Stage::invited(flow).await,
            false => Stage::open(flow).await,
        };
        let link = match invited {
            true => stage.vouched("Contoso", 0).await,
            false => stage.run.broker.ready.consent_url.clone(),
        };
        let authority = stage.run.broker.ready.entra_url.clone();
        let mut browser = Browser::default();
        let form = browser.open(&link).await.form();
        let (answer, page) = leave(&mut browser, &form).await;
        check_leads_on(&format!("{flow:?} start"), &answer, &page, &authority);
        // Loaded again it is the same page, and has cost nothing.
        let again = browser.request(Method::GET, page.url.clone(), &[]).await;
        assert_eq!(again.onward(), page.onward());
        assert_eq!(again.body, page.body);

        let sign_in = browser.open(page.onward().unwrap().as_str()).await;
        let admin = &stage.person(0).admin;
        let confirm = accept(&mut browser, &sign_in, admin).await;
        let (answer, page) = leave(&mut browser, &confirm.form()).await;
        if flow == Flow::V2 {
            check_leads_on(&format!("{flow:?} confirm"), &answer, &page, &authority);
        }
    }
}

/// Somebody at the page that leads on.
struct Leaving {
    stage: Stage,
    browser: Browser,
    page: Page,
}

impl Leaving {
    async fn start() -> Self {
        let stage = Stage::invited(Flow::V2).await;
        let link = stage.invite("Contoso").await;
        let mut browser = Browser::default();
        let form = browser.open(&link).await.form();
        let (_, page) = leave(&mut browser, &form).await;
        Self {
            stage,
            browser,
            page,
        }
    }

    /// The attempt's cookie in `browser`.
    fn cookie(&self, browser: &Browser) -> (String, String) {
        cookies::of_attempt(browser, &self.page.url)
    }

    /// A browser with these cookies is refused for `cause`, and learns no address.
    async fn check_refused(&self, row: &str, cookies: &[(String, String)], cause: &str) {
        let mut browser = Browser::default();
        for (name, value) in cookies {
            browser.put_cookie(&self.page.url, name, value);
        }
        let page = browser.open(self.page.url.as_str()).await;
        assert_eq!((page.status, page.cause().as_str()), (400, cause), "{row}");
        assert!(!page.headers.contains_key("refresh"), "{row}");
        assert!(!page.body.contains("state="), "{row}: {}", page.body);
    }
}

#[tokio::test]
async fn the_page_that_leads_on_is_for_the_browser_of_its_attempt_alone() {
    let leaving = Leaving::start().await;
    let (name, own) = leaving.cookie(&leaving.browser);
    let mut other = Browser::default();
    let link = leaving.stage.invite("Fabrikam").await;
    leaving.stage.authority(&mut other, &link).await;
    let (other_name, others) = leaving.cookie(&other);
    let handle = leaving
        .page
        .url
        .path_segments()
        .unwrap()
        .next_back()
        .unwrap();
    let rows = cookies::of_others((&name, &own), (&other_name, &others), &own, handle);
    for (row, cookies, cause) in rows {
        leaving.check_refused(row, &cookies, cause).await;
    }
}

/// No row says that the page was seen; what it leads out with is used once.
#[tokio::test]
async fn the_page_that_leads_on_ends_with_its_attempt() {
    let mut leaving = Leaving::start().await;
    let url: Url = leaving.page.url.clone();
    leaving.stage.run.clock.advance(MINUTES * 60 - 1);
    let authority = leaving.browser.open(url.as_str()).await;
    leaving.stage.run.clock.advance(1);
    let page = leaving.browser.open(url.as_str()).await;
    assert_eq!(page.cause(), "attempt_expired", "{}", page.body);
    let admin = leaving.stage.person(0).admin.clone();
    let page = accept(&mut leaving.browser, &authority, &admin).await;
    assert_eq!(page.cause(), "attempt_expired", "{}", page.body);

    let mut leaving = Leaving::start().await;
    let admin = leaving.stage.person(0).admin.clone();
    let kept = leaving.cookie(&leaving.browser);
    let authority = leaving.page.onward().unwrap();
    let browser = &mut leaving.browser;
    let sign_in = browser.open(authority.as_str()).await;
    let confirm = accept(browser, &sign_in, &admin).await;
    let consent = browser.submit(&confirm.form(), &[]).await;
    let end = accept(browser, &consent, &admin).await;
    assert_eq!(end.heading(), "Connected", "{}", end.body);
    leaving.check_refused("done", &[], "attempt_used").await;
    // A browser that kept its cookie comes to Microsoft, and no further.
    let mut twin = Browser::default();
    twin.put_cookie(&leaving.page.url, &kept.0, &kept.1);
    let sign_in = twin.open(leaving.page.url.as_str()).await;
    let page = accept(&mut twin, &sign_in, &admin).await;
    assert_eq!(page.cause(), "attempt_used", "{}", page.body);
}
