//! Somebody at a real browser: clicks, types, and reads. What is seen of ours is looked
//! at as a whole before the scenario goes on.

use std::fmt::Debug;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Deserialize;
use serde_json::json;
use tests::ReadyLine;
use tests::chromium::{Axe, PATIENCE, Session, TICK};
use tokio::time::{interval, timeout};
use url::Url;

use super::expected::{CONFIRM, CONNECTED, Expected, LANDING};

/// The one button of a page of ours.
pub(super) const BUTTON: &str = "main form button";
/// The one link of a page of ours that looks like a button.
const LINK: &str = "main a.button";
/// What a person reads, and whether the page has come since the last step.
const READ: &str = "
    const text = element => element?.textContent.trim() ?? '';
    const term = [...document.querySelectorAll('dt')].find(term => text(term) === 'Code');
    return {
        is_new: document.readyState === 'complete' && window.step !== arguments[0],
        address: location.href,
        heading: text(document.querySelector('h1')),
        cause: text(term?.nextElementSibling),
    };";
const MARK: &str = "window.step = arguments[0];";

/// What is pressed on a page of Microsoft's.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    Accept,
    Cancel,
}

/// Somebody at a browser.
pub(super) struct Visitor<'a> {
    scenario: &'static str,
    pub(super) session: Session,
    ready: &'a ReadyLine,
    axe: &'a Axe,
    /// Pages run scripts, so that axe-core can judge them.
    judged: bool,
    /// Steps so far: a page is new when it does not carry the number of the last one.
    steps: AtomicU64,
    pictures: AtomicU64,
}

#[derive(Debug, Deserialize)]
struct Shown {
    is_new: bool,
    address: Url,
    heading: String,
    cause: String,
}

impl Shown {
    fn is(&self, page: Expected) -> bool {
        self.heading == page.heading && self.cause == page.cause
    }
}

impl<'a> Visitor<'a> {
    pub(super) fn new(
        scenario: &'static str,
        session: Session,
        ready: &'a ReadyLine,
        axe: &'a Axe,
    ) -> Self {
        Self {
            scenario,
            session,
            ready,
            axe,
            judged: true,
            steps: AtomicU64::new(0),
            pictures: AtomicU64::new(0),
        }
    }

    /// Where no script runs in a page, axe-core does not either.
    pub(super) fn unjudged(self) -> Self {
        Self {
            judged: false,
            ..self
        }
    }

    /// Opens the link that the company has sent.
    pub(super) async fn lands(&self) {
        self.opens(&self.ready.consent_url).await;
        self.sees(LANDING).await;
    }

    /// Types an address.
    pub(super) async fn opens(&self, address: &str) {
        self.leaves().await;
        self.session.open(address).await;
    }

    /// Presses the one button of a page of ours.
    pub(super) async fn presses(&self) {
        self.leaves().await;
        self.session.click(BUTTON).await;
    }

    /// Follows the one link of a page of ours.
    pub(super) async fn follows(&self) {
        self.leaves().await;
        self.session.click(LINK).await;
    }

    /// Reloads the page.
    pub(super) async fn reloads(&self) {
        self.leaves().await;
        self.session.reload().await;
    }

    /// Goes back by one page.
    pub(super) async fn goes_back(&self) {
        self.leaves().await;
        self.session.back().await;
    }

    /// Chooses an account at Microsoft's page and answers.
    pub(super) async fn answers(&self, account: &str, answer: Answer) {
        self.is_at_microsoft().await;
        let choice = format!("input[name=account][value='{account}']");
        self.session.click(&choice).await;
        self.leaves().await;
        let button = match answer {
            Answer::Accept => "button[value=accept]",
            Answer::Cancel => "button[value=cancel]",
        };
        self.session.click(button).await;
    }

    /// From the landing page to the confirm page.
    pub(super) async fn signs_in(&self, account: &str) {
        self.presses().await;
        self.answers(account, Answer::Accept).await;
        self.sees(CONFIRM).await;
    }

    /// From the confirm page past Microsoft's second page.
    pub(super) async fn consents(&self, account: &str) {
        self.presses().await;
        self.answers(account, Answer::Accept).await;
    }

    /// From the link to the end.
    pub(super) async fn connects(&self, account: &str) {
        self.lands().await;
        self.signs_in(account).await;
        self.consents(account).await;
        self.sees(CONNECTED).await;
    }

    /// Waits for a page of ours and looks at it.
    pub(super) async fn sees(&self, page: Expected) {
        self.waits_for(&page, |shown| shown.is(page)).await;
        self.check_address(&self.session.address().await);
        let complaints = self.session.complaints().await;
        assert!(complaints.is_empty(), "{page:?}: {complaints:?}");
        if self.judged {
            self.check_access(page).await;
        }
        self.takes_picture(page.heading).await;
    }

    /// Waits for a page of Microsoft's.
    pub(super) async fn is_at_microsoft(&self) {
        let authority: Url = self.ready.entra_url.parse().unwrap();
        let is_theirs = |shown: &Shown| shown.address.origin() == authority.origin();
        self.waits_for(&"page of Microsoft's", is_theirs).await;
    }

    /// Marks the page, so that the next one is told from it.
    pub(super) async fn leaves(&self) {
        let step = self.steps.fetch_add(1, Ordering::Relaxed) + 1;
        self.session.run(MARK, json!([step])).await.unwrap();
    }

    async fn waits_for(&self, page: &dyn Debug, is_it: impl Fn(&Shown) -> bool) {
        let mut last = None;
        let waiting = async {
            let mut ticks = interval(TICK);
            loop {
                ticks.tick().await;
                let shown = self.reads().await;
                if shown.as_ref().is_some_and(|it| it.is_new && is_it(it)) {
                    return;
                }
                last = shown;
            }
        };
        let came = timeout(PATIENCE, waiting).await.is_ok();
        assert!(came, "{}: no {page:?}, but {last:?}", self.scenario);
    }

    /// What is on the screen; nothing while one page gives way to the next.
    async fn reads(&self) -> Option<Shown> {
        let step = self.steps.load(Ordering::Relaxed);
        let shown = self.session.run(READ, json!([step])).await.ok()?;
        serde_json::from_value(shown).ok()
    }

    /// It is ours, and neither a code nor a state has stayed in it.
    fn check_address(&self, address: &Url) {
        let ours: Url = self.ready.consent_url.parse().unwrap();
        assert_eq!(address.origin(), ours.origin(), "{address}");
        assert!(address.path().starts_with("/consent"), "{address}");
        let mut names = address.query_pairs().map(|(name, _)| name);
        assert!(names.all(|name| name == "invite"), "{address}");
        assert_eq!(address.fragment(), None, "{address}");
    }

    async fn check_access(&self, page: Expected) {
        let verdict = self.axe.judge(&self.session).await;
        let scenario = self.scenario;
        let barriers = verdict.barriers();
        assert!(barriers.is_empty(), "{scenario}, {page:?}: {barriers:#?}");
        let missing = verdict.not_passed();
        assert!(
            missing.is_empty(),
            "{scenario}, {page:?}: {missing:?} of {verdict:#?}"
        );
    }

    /// `target/screenshots/SCENARIO-NUMBER-WHAT.png`
    pub(super) async fn takes_picture(&self, what: &str) {
        let number = self.pictures.fetch_add(1, Ordering::Relaxed) + 1;
        let what = what.to_lowercase();
        let words = what.split(|c: char| !c.is_alphanumeric());
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        let name = format!("{}-{number}-{}.png", self.scenario, words.join("-"));
        let directory = pictures();
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join(name), self.session.picture().await).unwrap();
    }
}

/// Beside what cargo has built, wherever that is.
fn pictures() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    target.join("screenshots")
}
