//! A machine with browsers before it, and the ways to the places where they are refused.

use std::path::Path;
use std::sync::Arc;

use aws::SystemClock;
use reqwest::Method;
use tempfile::TempDir;
use tests::neighbour::Neighbour;
use tests::process::{Person, Start};
use tests::{Broker, Browser, Flow, Form, Page, Process, ReadyLine};
use url::Url;

use super::pages;

pub(super) const MACHINE: &str = env!("CARGO_BIN_EXE_machine");

/// A running machine and what it must not have connected.
pub(super) struct Stage {
    pub(super) broker: Broker,
    connected: Vec<String>,
    table: Neighbour,
    process: Process,
    _directory: TempDir,
}

/// What the page of a refusal shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refused {
    pub(super) status: u16,
    /// The code, with the AADSTS number where one is shown.
    pub(super) cause: &'static str,
}

/// The state, the cookie or the handle is damaged or forged.
pub(super) const START_AGAIN: Refused = Refused::by_person("start_again");
/// The step was done before.
pub(super) const ATTEMPT_USED: Refused = Refused::by_person("attempt_used");
/// The state is good and its cookie is missing.
pub(super) const OTHER_BROWSER: Refused = Refused::by_person("other_browser");
/// There is no state.
pub(super) const NOT_STARTED_HERE: Refused = Refused::by_person("not_started_here");

impl Refused {
    /// Something that whoever sits at the browser can change.
    pub(super) const fn by_person(cause: &'static str) -> Self {
        Self { status: 400, cause }
    }
}

impl Stage {
    pub(super) async fn start(flow: Flow) -> Self {
        Self::start_with("CONSENT_FLOW", flow.as_str()).await
    }

    pub(super) async fn start_with(variable: &str, value: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        // The refresher must not ask for a token while the counters are compared.
        let process = Start::new(MACHINE, directory.path())
            .variable(variable, value)
            .options(&["--refresh-every", "3600"])
            .run()
            .await;
        let data = directory.path().to_owned();
        Self::around(process, directory, &data).await
    }

    /// A machine that has connected nobody yet. `data`: its data directory.
    pub(super) async fn around(process: Process, directory: TempDir, data: &Path) -> Self {
        let broker = Broker::of(&process.ready);
        let table = Neighbour::of(data, Arc::new(SystemClock)).await;
        let connected = table.tenants().await;
        assert!(connected.is_empty(), "{connected:?}");
        Self {
            broker,
            connected,
            table,
            process,
            _directory: directory,
        }
    }

    pub(super) fn ready(&self) -> &ReadyLine {
        &self.broker.ready
    }

    /// What the machine has logged so far.
    pub(super) fn log(&self) -> String {
        self.process.log.lock().unwrap().clone()
    }

    pub(super) fn person(&self, index: usize) -> &Person {
        &self.broker.ready.simulated_tenants[index]
    }

    /// A URL of the consent pages.
    pub(super) fn url(&self, path: &str) -> Url {
        let text = format!("{}{path}", self.ready().vending_url);
        text.parse().unwrap()
    }

    /// The callback with these parameters.
    pub(super) fn callback(&self, query: &str) -> Url {
        self.url(&format!("/consent/callback?{query}"))
    }

    /// The start form as this browser is shown it.
    pub(super) async fn start_form(&self, browser: &mut Browser) -> Form {
        browser.open(&self.ready().consent_url).await.form()
    }

    /// Signs in and stops before the callback: where the authority sends the browser.
    pub(super) async fn signed_in(&self, browser: &mut Browser, account: &str) -> Url {
        let form = self.start_form(browser).await;
        let authority = browser.submit(&form, &[]).await;
        press(browser, &authority, account, "accept").await
    }

    /// Signs in and stops at the confirm page.
    pub(super) async fn confirm_page(&self, browser: &mut Browser, account: &str) -> Page {
        let callback = self.signed_in(browser, account).await;
        let page = browser.open(callback.as_str()).await;
        assert_eq!(page.heading(), "Connect this organisation?");
        page
    }

    /// Signs in, says yes, accepts at the admin-consent page, and stops before the
    /// second callback (v2 flow).
    pub(super) async fn consented(&self, browser: &mut Browser, account: &str) -> Url {
        let confirm = self.confirm_page(browser, account).await;
        let authority = browser.submit(&confirm.form(), &[]).await;
        press(browser, &authority, account, "accept").await
    }

    /// Connects a tenant, so that what comes after must leave it as it is.
    pub(super) async fn connect(&mut self, browser: &mut Browser, account: &str, flow: Flow) {
        let consent_url = self.ready().consent_url.clone();
        let result = tests::connect(browser, &consent_url, account, flow).await;
        assert_eq!(result.heading(), "Connected", "{}", result.body);
        self.remember_tenants().await;
    }

    /// What is connected now must stay as it is.
    pub(super) async fn remember_tenants(&mut self) {
        self.connected = self.table.tenants().await;
        assert!(!self.connected.is_empty());
    }

    /// The page refuses as it should, and no tenant has changed.
    pub(super) async fn check(&self, row: &str, page: &Page, refused: Refused) {
        assert_eq!(page.status, refused.status, "{row}: {}", page.body);
        assert_eq!(page.cause(), refused.cause, "{row}");
        let might_have_finished = [
            "start_again",
            "attempt_used",
            "attempt_expired",
            "invite_used",
            "result_expired",
            "broker_unavailable",
        ];
        let promised = page.body.contains("Nothing was connected by this.");
        assert_ne!(
            promised,
            might_have_finished.contains(&refused.cause),
            "{row}: {}",
            page.body
        );
        pages::check(page);
        self.unchanged(row).await;
    }

    /// No tenant has changed since the start, or since [`connect`](Self::connect).
    pub(super) async fn unchanged(&self, row: &str) {
        assert_eq!(self.table.tenants().await, self.connected, "{row}");
    }

    /// The browser opens this and is refused.
    pub(super) async fn refuses(&self, row: &str, browser: &mut Browser, url: Url, why: Refused) {
        let page = browser.open(url.as_str()).await;
        self.check(row, &page, why).await;
    }
}

/// Presses a button on a page of the authority, without going where it leads.
pub(super) async fn press(
    browser: &mut Browser,
    authority: &Page,
    account: &str,
    action: &str,
) -> Url {
    let form = authority
        .form()
        .with("account", account)
        .with("action", action);
    let answer = browser
        .request(Method::POST, form.action.clone(), &form.fields)
        .await;
    answer.location()
}

/// A query parameter.
pub(super) fn parameter(url: &Url, name: &str) -> String {
    let found = url.query_pairs().find(|(key, _)| key == name);
    found.unwrap_or_else(|| panic!("no {name}")).1.into_owned()
}

/// The same URL with a parameter left out.
pub(super) fn without(url: &Url, name: &str) -> Url {
    let mut changed = url.clone();
    let kept = url.query_pairs().filter(|(key, _)| key != name);
    changed.query_pairs_mut().clear().extend_pairs(kept);
    changed
}

/// The same URL with a parameter replaced.
pub(super) fn with(url: &Url, name: &str, value: &str) -> Url {
    let mut changed = without(url, name);
    changed.query_pairs_mut().append_pair(name, value);
    changed
}

/// A text of ours with its middle character changed.
pub(super) fn tampered(text: &str) -> String {
    let middle = text.len() / 2;
    let other = if &text[middle..=middle] == "A" {
        "B"
    } else {
        "A"
    };
    format!("{}{other}{}", &text[..middle], &text[middle + 1..])
}
