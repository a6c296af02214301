//! Microsoft is still setting the application up in the tenant: the page waits, and takes the
//! step once more. The clock of the run is moved; the browser's own is waited for a second.

use serde_json::{Value, json};

use super::expected::{CONFIRM, CONNECTED, OUT_OF_DATE, WAITING};
use super::stage::Stage;
use super::visitor::Answer;

/// How long the page waits, in seconds.
const WAIT: i64 = 30;

#[tokio::test]
async fn a_page_that_waits_goes_back_to_microsoft_without_a_hand() {
    let stage = Stage::moved().await;
    let admin = &stage.person(0).admin;
    stage.broker.fault("consent_race", None, json!(20)).await;
    let visitor = stage.visitor("first-touch").await;
    visitor.lands().await;
    visitor.presses().await;
    visitor.answers(admin, Answer::Accept).await;
    visitor.sees(WAITING).await;
    stage.has_nobody().await;

    // Looked at again when all but one second is over: a reload starts no wait anew.
    stage.run.clock.advance(WAIT - 1);
    visitor.reloads().await;
    visitor.is_at_microsoft().await;
    visitor.answers(admin, Answer::Accept).await;
    visitor.sees(CONFIRM).await;
    visitor.consents(admin).await;
    visitor.sees(CONNECTED).await;
    stage.has("active", &[0]).await;
}

#[tokio::test]
async fn who_presses_the_button_of_the_page_that_waits_is_at_microsoft_at_once() {
    let stage = Stage::moved().await;
    let admin = &stage.person(0).admin;
    let visitor = stage.visitor("first-touch-pressed").await;
    visitor.lands().await;
    visitor.signs_in(admin).await;
    stage.broker.fault_once("consent_race", Value::Null).await;
    visitor.consents(admin).await;
    visitor.sees(WAITING).await;
    visitor.follows().await;
    visitor.answers(admin, Answer::Accept).await;
    visitor.sees(CONNECTED).await;
    stage.has("active", &[0]).await;
}

#[tokio::test]
async fn a_permission_that_is_out_of_date_ends_with_the_operator_and_back_begins_nothing() {
    let stage = Stage::moved().await;
    let admin = &stage.person(0).admin;
    let fault = ("permission_outdated", Value::Null);
    stage.broker.fault(fault.0, None, fault.1).await;
    let visitor = stage.visitor("out-of-date").await;
    visitor.lands().await;
    visitor.signs_in(admin).await;
    visitor.consents(admin).await;
    visitor.sees(WAITING).await;
    stage.run.clock.advance(WAIT);
    visitor.follows().await;
    visitor.answers(admin, Answer::Accept).await;
    visitor.sees(OUT_OF_DATE).await;
    stage.has_nobody().await;

    // Microsoft's page, as it was left: it says the same once more.
    visitor.goes_back().await;
    visitor.answers(admin, Answer::Accept).await;
    visitor.sees(OUT_OF_DATE).await;
    stage.has_nobody().await;
}
