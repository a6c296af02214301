//! Microsoft's pages as the simulator draws them: what an admin reads on each, and pictures of
//! them for the guide (`infra/guides/what-the-admin-sees.md`).

use serde_json::json;

use super::expected::CONNECTED;
use super::stage::Stage;
use super::visitor::{Answer, Visitor};

/// What a person reads.
const TEXT: &str = "return document.querySelector('main').innerText;";

async fn reads(visitor: &Visitor<'_>, picture: &str, parts: &[&str], absent: &[&str]) {
    visitor.is_at_microsoft().await;
    let text = visitor.session.run(TEXT, json!([])).await.unwrap();
    let text = text.as_str().unwrap();
    for part in parts {
        assert!(text.contains(part), "{picture}: no {part}: {text}");
    }
    for part in absent {
        assert!(!text.contains(part), "{picture}: {part}: {text}");
    }
    visitor.takes_picture(picture).await;
}

#[tokio::test]
async fn the_first_page_asks_for_the_profile_and_the_second_for_all_that_is_registered() {
    let stage = Stage::start().await;
    let admin = &stage.person(0).admin;
    let visitor = stage.visitor("microsofts").await;
    let profile = ["Sign you in", "View your basic profile", "unverified"];
    let registered = [
        "Permissions requested",
        "unverified",
        "Read activity data for your organization",
        "ActivityFeed.Read",
        "ActivityFeed.ReadDlp",
    ];
    visitor.lands().await;
    visitor.presses().await;
    reads(&visitor, "sign in", &profile, &["ActivityFeed"]).await;
    visitor.answers(admin, Answer::Accept).await;
    visitor.sees(super::expected::CONFIRM).await;
    visitor.presses().await;
    reads(&visitor, "admin consent", &registered, &["Sign you in"]).await;
    visitor.answers(admin, Answer::Accept).await;
    visitor.sees(CONNECTED).await;
}
