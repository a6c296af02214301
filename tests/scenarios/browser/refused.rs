//! Links that lead nowhere, and a Microsoft that does not answer.

use serde_json::json;

use super::expected::{
    CONFIRM, Expected, FORGED, FORGED_RESULT, MICROSOFT_IS_OUT, NOT_STARTED_HERE, OTHER_BROWSER,
};
use super::stage::Stage;
use super::visitor::Answer;

#[tokio::test]
async fn a_link_that_is_not_the_admins_own_ends_on_a_page_that_says_what_to_do() {
    let stage = Stage::start().await;
    let tenant = &stage.person(0).tenant_id;
    let portal = format!("/callback?admin_consent=True&tenant={tenant}");
    let rows: [(&str, &str, Expected); 3] = [
        ("consented-at-the-portal", &portal, NOT_STARTED_HERE),
        ("forged-state", "/callback?code=0.A&state=AAAA", FORGED),
        ("forged-result", "/result/AAAA", FORGED_RESULT),
    ];
    for (row, path, expected) in rows {
        let visitor = stage.visitor(row).await;
        visitor.opens(&stage.url(path)).await;
        visitor.sees(expected).await;
    }
    stage.has_nobody().await;
}

#[tokio::test]
async fn an_answer_that_reaches_another_browser_connects_nothing_there_and_all_here() {
    let stage = Stage::start().await;
    let admin = &stage.person(0).admin;
    let visitor = stage.visitor("own-browser").await;
    visitor.lands().await;
    visitor.presses().await;
    visitor.is_at_microsoft().await;
    let at_microsoft = visitor.session.address().await;

    let other = stage.visitor("other-browser").await;
    other.opens(at_microsoft.as_str()).await;
    other.answers(admin, Answer::Accept).await;
    other.sees(OTHER_BROWSER).await;
    stage.has_nobody().await;

    visitor.answers(admin, Answer::Accept).await;
    visitor.sees(CONFIRM).await;
}

#[tokio::test]
async fn an_outage_of_microsoft_is_told_as_such() {
    let stage = Stage::start().await;
    let visitor = stage.visitor("outage").await;
    visitor.lands().await;
    visitor.presses().await;
    stage.broker.fault("status", None, json!(503)).await;
    visitor
        .answers(&stage.person(0).admin, Answer::Accept)
        .await;
    visitor.sees(MICROSOFT_IS_OUT).await;
    stage.has_nobody().await;
}
