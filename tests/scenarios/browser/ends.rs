//! How a consent ends that nobody disturbs: accepted, cancelled, or without the right.

use serde_json::json;

use super::expected::{DECLINED, IN_GCC_HIGH, NOT_AN_ADMIN};
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

/// The text for an admin can be taken as it stands, with the keyboard alone, and not changed.
#[tokio::test]
async fn a_plain_user_takes_the_text_for_an_admin_along() {
    const SELECTED: &str = "
        const text = document.querySelector('textarea');
        text.focus();
        text.select();
        return [text.readOnly, text.value.slice(text.selectionStart, text.selectionEnd)];";
    let stage = Stage::start().await;
    let person = stage.person(0);
    let visitor = stage.visitor("text-for-an-admin").await;
    visitor.lands().await;
    visitor.presses().await;
    visitor.answers(&person.user, Answer::Accept).await;
    visitor.sees(NOT_AN_ADMIN).await;
    let taken = visitor.session.run(SELECTED, json!([])).await.unwrap();
    assert_eq!(taken[0], true);
    let text = taken[1].as_str().unwrap();
    for part in [stage.url("").as_str(), &person.tenant_id, "on this machine"] {
        assert!(text.contains(part), "{part}: {text}");
    }
    visitor.session.press_key('x').await;
    let after = visitor.session.run(SELECTED, json!([])).await.unwrap();
    assert_eq!(after, taken, "nothing can be typed into it");
}

#[tokio::test]
async fn an_organisation_in_gcc_high_connects_nothing() {
    let stage = Stage::start().await;
    let person = stage.person(0);
    let (kind, tenant) = ("region_sub_scope", Some(person.tenant_id.as_str()));
    stage.broker.fault(kind, tenant, json!("DODCON")).await;
    let visitor = stage.visitor("gcc-high").await;
    visitor.lands().await;
    visitor.presses().await;
    visitor.answers(&person.admin, Answer::Accept).await;
    visitor.sees(IN_GCC_HIGH).await;
    stage.has_nobody().await;
}
