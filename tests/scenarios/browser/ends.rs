//! How a consent ends that nobody disturbs: accepted, cancelled, or without the right.

use super::expected::{DECLINED, NOT_AN_ADMIN};
use super::stage::Stage;
use super::visitor::Answer;

#[tokio::test]
async fn an_admin_who_accepts_has_connected_the_organisation() {
    let stage = Stage::start().await;
    let admin = &stage.person(0).admin;
    stage.visitor("accepted").await.connects(admin).await;
    stage.has("active", &[0]).await;
}

#[tokio::test]
async fn cancel_at_either_of_microsofts_pages_connects_nothing_and_can_be_mended() {
    let stage = Stage::start().await;
    let admin = &stage.person(0).admin;
    let visitor = stage.visitor("cancelled").await;

    visitor.lands().await;
    visitor.presses().await;
    visitor.answers(admin, Answer::Cancel).await;
    visitor.sees(DECLINED).await;
    stage.has_nobody().await;

    visitor.lands().await;
    visitor.signs_in(admin).await;
    visitor.presses().await;
    visitor.answers(admin, Answer::Cancel).await;
    visitor.sees(DECLINED).await;
    stage.has_nobody().await;

    visitor.connects(admin).await;
    stage.has("active", &[0]).await;
}

#[tokio::test]
async fn a_plain_user_connects_nothing() {
    let stage = Stage::start().await;
    let user = &stage.person(0).user;
    let visitor = stage.visitor("plain-user").await;
    visitor.lands().await;
    visitor.presses().await;
    visitor.answers(user, Answer::Accept).await;
    visitor.sees(NOT_AN_ADMIN).await;
    stage.has_nobody().await;
}
