//! A tenant whose permissions have not arrived: the vend, the listing, the result page and
//! the operator tell one story.

use reqwest::Method;
use serde_json::{Value, json};
use tests::operator::attempt;
use tests::{Browser, Flow, operate};

use super::stage::{Stage, Told, Version, answer};

const STORY: &str = "An admin has consented, and Microsoft is still passing the permissions on";

#[tokio::test]
async fn a_propagating_tenant_has_one_story_and_says_when_it_is_looked_at_next() {
    let stage = Stage::start().await;
    stage.broker.fault("propagation", None, json!(600)).await;
    let (url, person) = (&stage.broker.ready.consent_url, stage.person(1));
    let mut browser = Browser::default();
    let page = tests::connect(&mut browser, url, &person.admin, Flow::V2).await;
    assert_eq!(page.heading(), "Finishing", "{}", page.body);
    let told = Told {
        status: 409,
        error: "invalid_grant",
        cause: "roles_missing",
    };
    let tenant = person.tenant_id.clone();
    let shown = async || {
        let shown = ["--json", "tenants", "show", &tenant];
        let shown = operate(stage.directory.path(), &shown).await;
        serde_json::from_str::<Value>(&shown).unwrap()
    };
    for asked_before in [false, true] {
        if asked_before {
            // Writes when Entra ID may be asked again, as the refresher does.
            let recheck = ["tenants", "recheck", &tenant];
            attempt(stage.directory.path(), &recheck).await;
        }
        let vend = stage.request(Method::POST, &Version::V2.path(&tenant));
        let vend = vend.form(&Version::V2.form());
        let refused = answer(vend.bearer_auth(stage.caller_token())).await;
        refused.check_refusal("a vend", told);
        assert_eq!(refused.header("retry-after"), "5");
        assert_eq!(refused.body["retryable"], true);
        assert_eq!(refused.body["fault"], "microsoft");
        let description = refused.body["error_description"].as_str().unwrap();
        let story = description
            .strip_prefix("the tenant is propagating: ")
            .unwrap();
        assert!(story.starts_with(STORY), "{story}");

        let listed = stage.get(&format!("/tenants/{tenant}")).await.body;
        assert_eq!(listed["status"], "propagating");
        assert_eq!(
            listed["next_attempt_at"].is_string(),
            asked_before,
            "{listed}"
        );
        let at = listed["next_attempt_at"].as_str();
        assert!(
            story.contains(at.unwrap_or("within some minutes")),
            "{story}"
        );

        let shown = shown().await;
        assert_eq!(shown["next_step"], story);
        assert_eq!(shown["fault"], "microsoft");
        assert_eq!(shown["tokens"][0]["next_attempt_at"].as_str(), at);

        let page = browser.open(page.url.as_str()).await;
        assert!(page.body.contains(story), "{story}: {}", page.body);
    }
}
