//! The same page a second time: reload, Back, and a link that is followed again.

use super::expected::{CONFIRM, CONFIRM_EXPIRED, CONFIRM_USED, CONNECTED, EXPIRED, USED};
use super::stage::Stage;
use super::visitor::Answer;

const MINUTE: i64 = 60;

#[tokio::test]
async fn an_admin_who_takes_more_than_ten_minutes_starts_again() {
    let stage = Stage::moved().await;
    let admin = &stage.person(0).admin;
    let visitor = stage.visitor("expired").await;

    visitor.lands().await;
    visitor.presses().await;
    // The attempt has begun.
    visitor.is_at_microsoft().await;
    stage.run.clock.advance(10 * MINUTE);
    visitor.answers(admin, Answer::Accept).await;
    visitor.sees(EXPIRED).await;

    visitor.lands().await;
    visitor.signs_in(admin).await;
    stage.run.clock.advance(10 * MINUTE);
    visitor.presses().await;
    visitor.sees(CONFIRM_EXPIRED).await;
    stage.has_nobody().await;

    visitor.connects(admin).await;
    stage.has("active", &[0]).await;
}

#[tokio::test]
async fn a_reload_changes_nothing_and_back_after_the_end_undoes_nothing() {
    let stage = Stage::start().await;
    let admin = &stage.person(0).admin;
    let visitor = stage.visitor("reload-and-back").await;

    visitor.lands().await;
    visitor.signs_in(admin).await;
    visitor.reloads().await;
    visitor.sees(CONFIRM).await;
    visitor.consents(admin).await;
    visitor.sees(CONNECTED).await;
    visitor.reloads().await;
    visitor.sees(CONNECTED).await;

    visitor.goes_back().await;
    visitor.answers(admin, Answer::Accept).await;
    visitor.sees(USED).await;
    stage.has("active", &[0]).await;

    visitor.goes_back().await;
    visitor.is_at_microsoft().await;
    visitor.goes_back().await;
    visitor.sees(CONFIRM_USED).await;
    stage.has("active", &[0]).await;
}
