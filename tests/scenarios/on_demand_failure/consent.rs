//! The pages of consent, in the order in which an admin meets them.

use tests::admin::{accept, sign_in};
use tests::{Browser, Flow, Page};

use super::stage::Stage;
use super::table::{self, Answer, Row};
use super::trouble::Trouble;

/// Apart by more than what limits of a minute count.
const LATER: i64 = 61;

/// A step of an admin's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Landing,
    /// Up to the page of Microsoft.
    Start,
    SignedIn,
    Question,
    Confirm,
    Consented,
    Result,
}

/// Each with its route, and the request that alone meets the trouble, where one does.
const STEPS: [(Step, &str, Option<&str>); 9] = [
    (Step::Landing, "`GET /consent`", None),
    (
        Step::Start,
        "`POST /consent/start`, `GET /consent/go/…`",
        None,
    ),
    (Step::SignedIn, "`GET /consent/callback` with a code", None),
    (
        Step::SignedIn,
        "`GET /consent/callback` with a code, ready a moment ago",
        Some(r#"{"redeem""#),
    ),
    (Step::Question, "`GET /consent/confirm/…`", None),
    (Step::Confirm, "`POST /consent/confirm`", None),
    (
        Step::Consented,
        "`GET /consent/callback` after the admin's consent",
        None,
    ),
    (
        Step::Consented,
        "`GET /consent/callback` after the admin's consent, ready a moment ago",
        Some(r#"{"bind""#),
    ),
    (Step::Result, "`GET /consent/result/…`", None),
];
/// Slow at both requests of a step: both waits together are within a caller's time.
const SLOW_TWICE: [(Step, &str, Option<&str>); 2] = [
    (
        Step::SignedIn,
        "`GET /consent/callback` with a code, ready at the last moment",
        Some(r#"{"redeem""#),
    ),
    (
        Step::Consented,
        "`GET /consent/callback` after the admin's consent, ready at the last moment",
        Some(r#"{"bind""#),
    ),
];
/// The v1 flow binds when the person confirms; the rest is alike.
const OF_V1: [(Step, &str, Option<&str>); 2] = [
    (
        Step::Confirm,
        "`POST /consent/confirm`, `CONSENT_FLOW=v1`",
        None,
    ),
    (
        Step::Confirm,
        "`POST /consent/confirm`, `CONSENT_FLOW=v1`, ready a moment ago",
        Some(r#"{"bind""#),
    ),
];

/// The same of the v1 flow.
const SLOW_TWICE_OF_V1: [(Step, &str, Option<&str>); 1] = [(
    Step::Confirm,
    "`POST /consent/confirm`, `CONSENT_FLOW=v1`, ready at the last moment",
    Some(r#"{"bind""#),
)];

#[tokio::test]
async fn each_page_of_consent_has_its_answer_in_time_and_asks_to_come_again() {
    let mut rows = Vec::new();
    for (flow, steps, slow_twice) in [
        (Flow::V2, &STEPS[..], &SLOW_TWICE[..]),
        (Flow::V1, &OF_V1, &SLOW_TWICE_OF_V1),
    ] {
        let mut stage = Stage::start(flow).await;
        for (step, route, only) in steps {
            for trouble in Trouble::all() {
                if only.is_none() || trouble.is_of_one_request() {
                    stage.run.clock.advance(LATER);
                    rows.push(row(&mut stage, (*step, *only), route, trouble).await);
                }
            }
        }
        for (step, route, only) in slow_twice {
            stage.run.clock.advance(LATER);
            let trouble = Trouble::SlowTwice;
            rows.push(row(&mut stage, (*step, *only), route, trouble).await);
        }
    }
    table::holds("consent", &rows);
}

async fn row(
    stage: &mut Stage,
    (step, only): (Step, Option<&str>),
    route: &str,
    trouble: Trouble,
) -> Row {
    let mut browser = stage.browser();
    let before = led_to(stage, &mut browser, step).await;
    trouble.begin(stage, only).await;
    let (page, took) = stage
        .timed(taken(stage, &mut browser, step, before.as_ref()))
        .await;
    let row = stage.row(route, trouble, Answer::new(page_text(&page), took));
    stage.lambda.mend().await;
    if page.status == 429 {
        // Nothing was used up: the same page, loaded or sent again, goes on.
        let again = match before {
            Some(before) if step == Step::Confirm => browser.submit(&before.form(), &[]).await,
            _ => browser.open(page.url.as_str()).await,
        };
        assert_eq!(again.status, 200, "{route}, {trouble:?}: {}", again.body);
    }
    row
}

/// The page before the step; none before the first.
async fn led_to(stage: &Stage, browser: &mut Browser, step: Step) -> Option<Page> {
    let link = stage.run.broker.ready.consent_url.clone();
    if step == Step::Landing {
        return None;
    }
    let landing = browser.open(&link).await;
    if step == Step::Start {
        return Some(landing);
    }
    if step == Step::SignedIn {
        return Some(browser.submit(&landing.form(), &[]).await);
    }
    let question = sign_in(browser, &link, stage.admin()).await;
    if matches!(step, Step::Question | Step::Confirm) {
        return Some(question);
    }
    let authority = browser.submit(&question.form(), &[]).await;
    if step == Step::Consented {
        return Some(authority);
    }
    Some(accept(browser, &authority, stage.admin()).await)
}

async fn taken(stage: &Stage, browser: &mut Browser, step: Step, before: Option<&Page>) -> Page {
    let Some(before) = before else {
        return browser.open(&stage.run.broker.ready.consent_url).await;
    };
    match step {
        Step::Landing | Step::Question | Step::Result => browser.open(before.url.as_str()).await,
        Step::Start | Step::Confirm => browser.submit(&before.form(), &[]).await,
        Step::SignedIn | Step::Consented => accept(browser, before, stage.admin()).await,
    }
}

/// What the person sees. A page of ours that refuses says why.
fn page_text(page: &Page) -> String {
    let status = page.status;
    if status == 200 {
        return match page.url.path().contains("/consent") {
            true => format!("200 \"{}\"", page.heading()),
            false => "200, on to Microsoft".to_owned(),
        };
    }
    assert_ne!(page.cause(), "", "{}", page.body);
    let retry = page.headers.get("retry-after");
    let retry = retry.map_or(String::new(), |retry| {
        format!(", `Retry-After: {}`", retry.to_str().unwrap())
    });
    format!("{status} `{}`{retry}", page.cause())
}
