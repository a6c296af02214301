//! Two tabs of one browser, and a link that is opened twice.

use super::expected::{CONFIRM, CONNECTED};
use super::stage::Stage;
use super::visitor::Answer;

#[tokio::test]
async fn two_attempts_side_by_side_in_one_browser_both_end_well() {
    let stage = Stage::start().await;
    let (first, second) = (&stage.person(0).admin, &stage.person(1).admin);
    let visitor = stage.visitor("two-tabs").await;
    let browser = &visitor.session;

    let left = browser.tab().await;
    visitor.lands().await;
    visitor.presses().await;
    visitor.is_at_microsoft().await;
    let right = browser.new_tab().await;
    visitor.lands().await;
    visitor.signs_in(second).await;

    browser.turn_to(&left).await;
    visitor.answers(first, Answer::Accept).await;
    visitor.sees(CONFIRM).await;
    visitor.presses().await;
    visitor.is_at_microsoft().await;
    browser.turn_to(&right).await;
    visitor.consents(second).await;
    visitor.sees(CONNECTED).await;
    browser.turn_to(&left).await;
    visitor.answers(first, Answer::Accept).await;
    visitor.sees(CONNECTED).await;
    stage.has("active", &[0, 1]).await;
}

#[tokio::test]
async fn a_link_that_was_opened_twice_works_in_the_tab_that_was_first() {
    let stage = Stage::start().await;
    let admin = &stage.person(0).admin;
    let visitor = stage.visitor("link-opened-twice").await;
    let browser = &visitor.session;

    let first = browser.tab().await;
    visitor.lands().await;
    let second = browser.new_tab().await;
    visitor.lands().await;
    browser.turn_to(&first).await;
    visitor.signs_in(admin).await;
    visitor.consents(admin).await;
    visitor.sees(CONNECTED).await;

    // The other one was left open; who presses its button connects the same once more.
    browser.turn_to(&second).await;
    visitor.signs_in(admin).await;
    visitor.consents(admin).await;
    visitor.sees(CONNECTED).await;
    stage.has("active", &[0]).await;
}
