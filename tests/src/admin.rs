//! An admin who connects a tenant, click by click, in either flow.

use crate::browser::{Browser, Page};
use crate::process::ReadyLine;

/// The consent flow that the run was started with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flow {
    /// One round trip.
    V1,
    /// Sign-in, confirmation, admin consent.
    V2,
}

impl Flow {
    /// The value of `CONSENT_FLOW`.
    pub fn as_str(self) -> &'static str {
        match self {
            Flow::V1 => "v1",
            Flow::V2 => "v2",
        }
    }
}

/// Clicks through everything; gives the result page.
pub async fn connect(browser: &mut Browser, consent_url: &str, account: &str, flow: Flow) -> Page {
    let confirm = sign_in(browser, consent_url, account).await;
    assert_eq!(
        confirm.heading(),
        "Connect this organisation?",
        "{}",
        confirm.body
    );
    let next = browser.submit(&confirm.form(), &[]).await;
    match flow {
        Flow::V1 => next,
        Flow::V2 => accept(browser, &next, account).await,
    }
}

/// The admin of a run's simulated tenant connects it, in a browser of his own.
pub async fn connect_tenant(run: &ReadyLine, index: usize) {
    let (url, admin) = (&run.consent_url, &run.simulated_tenants[index].admin);
    let result = connect(&mut Browser::default(), url, admin, Flow::V2).await;
    assert_eq!(result.heading(), "Connected", "{}", result.body);
}

/// From the landing page to the page after the sign-in: the confirm page, if all is well.
pub async fn sign_in(browser: &mut Browser, consent_url: &str, account: &str) -> Page {
    let landing = browser.open(consent_url).await;
    assert_eq!(landing.status, 200, "{}", landing.body);
    let authority = browser.submit(&landing.form(), &[]).await;
    accept(browser, &authority, account).await
}

/// Presses Accept on a page of the authority.
pub async fn accept(browser: &mut Browser, authority: &Page, account: &str) -> Page {
    press(browser, authority, account, "accept").await
}

/// Presses a button on a page of the authority.
pub async fn press(browser: &mut Browser, authority: &Page, account: &str, action: &str) -> Page {
    let answer = [("account", account), ("action", action)];
    browser.submit(&authority.form(), &answer).await
}
