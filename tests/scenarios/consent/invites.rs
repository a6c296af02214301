//! Invites: whom they bind, how often, and what an invite that is no good says.

use serde_json::json;
use tests::{Browser, Flow};

use super::stage::Stage;

#[tokio::test]
async fn an_invite_binds_one_tenant_to_its_customer() {
    for flow in [Flow::V2, Flow::V1] {
        let stage = Stage::invited(flow).await;
        let tenant = stage.person(0).tenant_id.clone();
        let link = stage.vouched("Contoso, Inc.", 0).await;
        let landing = Browser::default().open(&link).await;
        assert!(landing.body.contains("Contoso, Inc."), "{}", landing.body);
        assert!(landing.body.contains(&tenant), "{}", landing.body);
        let result = stage.connect(&link, &stage.person(0).admin).await;
        assert_eq!(result.heading(), "Connected", "{}", result.body);
        assert!(result.body.contains("Contoso, Inc."), "{}", result.body);
        let bound = stage.tenant(0).await;
        assert_eq!(bound["customer"], "Contoso, Inc.");
        assert_eq!(bound["status"], "active");

        let before = stage.tenants().await;
        let again = Browser::default().open(&link).await;
        let row = format!("{flow:?}: the link once more");
        stage.refused(&row, &again, "invite_used", &before).await;
    }
}

/// The admin's roles stand in the signed ID token.
#[tokio::test]
async fn an_admin_binds_the_tenant_that_the_invite_does_not_name() {
    let stage = Stage::invited(Flow::V2).await;
    let link = stage.invite("Contoso").await;
    let result = stage.connect(&link, &stage.person(1).admin).await;
    assert_eq!(result.heading(), "Connected", "{}", result.body);
    assert_eq!(stage.tenant(1).await["customer"], "Contoso");
}

#[tokio::test]
async fn an_invite_that_is_no_good_says_so_and_starts_nothing() {
    let stage = Stage::invited(Flow::V2).await;
    let used = stage.invite("Contoso").await;
    stage.connect(&used, &stage.person(0).admin).await;
    let expired = stage
        .invite_with(json!({"customer": "Fabrikam", "expires_in": 60}))
        .await;
    stage.run.clock.advance(60);
    let good = stage.invite("Fabrikam").await;
    let base = stage.run.broker.ready.consent_url.clone();
    let (good_id, long) = (good.split('=').nth(1).unwrap(), "A".repeat(65));
    let unknown = format!("{base}?invite={}", "A".repeat(32));
    let rows = [
        ("none", base.clone(), "invite_needed"),
        ("empty", format!("{base}?invite="), "invite_needed"),
        ("used", used, "invite_used"),
        ("expired", expired, "invite_expired"),
        ("unknown", unknown, "invite_unknown"),
        (
            "cut off",
            good[..good.len() - 1].to_owned(),
            "invite_unknown",
        ),
        ("longer", format!("{good}A"), "invite_unknown"),
        (
            "over-long",
            format!("{base}?invite={long}"),
            "invite_unknown",
        ),
        (
            "doubled",
            format!("{good}&invite={good_id}"),
            "invite_unknown",
        ),
        (
            "in lower case",
            format!("{base}?invite={}", good_id.to_lowercase()),
            "invite_unknown",
        ),
        ("not UTF-8", format!("{base}?invite=%ff"), "invite_unknown"),
        (
            "HTML",
            format!("{base}?invite=%3Cscript%3Ealert(1)%3C/script%3E"),
            "invite_unknown",
        ),
    ];
    let before = stage.tenants().await;
    let counted = stage.run.broker.stats().await;
    let mut browser = Browser::default();
    let form = browser.open(&good).await.form();
    for (row, link, cause) in rows {
        let page = Browser::default().open(&link).await;
        assert!((400..500).contains(&page.status), "{row}: {}", page.body);
        stage.refused(row, &page, cause, &before).await;
        // The same id behind a form that is ours: the start looks for itself.
        let url: url::Url = link.parse().unwrap();
        let Some((_, id)) = url.query_pairs().find(|(name, _)| name == "invite") else {
            continue;
        };
        if row == "doubled" {
            continue;
        }
        let page = browser.post(&form.with("invite", &id), &[]).await;
        assert!((400..500).contains(&page.status), "{row}: {}", page.body);
        let cause = match row {
            "over-long" => "start_again",
            _ => cause,
        };
        stage.refused(row, &page, cause, &before).await;
        assert!(!page.headers.contains_key("location"), "{row}");
    }
    assert_eq!(stage.run.broker.stats().await, counted, "nobody was asked");
    let page = browser.post(&form, &[]).await;
    assert_eq!(page.status, 303, "the good one still starts: {}", page.body);
}

/// Expired, or used by somebody else, between two clicks.
#[tokio::test]
async fn an_invite_is_looked_at_again_at_every_step() {
    let stage = Stage::invited(Flow::V2).await;
    let (first, second) = (stage.person(0).clone(), stage.person(1).clone());

    let link = stage
        .invite_with(json!({"customer": "Contoso", "expires_in": 300}))
        .await;
    let mut browser = Browser::default();
    let confirm = stage.sign_in(&mut browser, &link, &first.admin).await;
    stage.run.clock.advance(300);
    let before = stage.tenants().await;
    let page = browser.submit(&confirm.form(), &[]).await;
    stage
        .refused("expired before the yes", &page, "invite_expired", &before)
        .await;

    let link = stage.invite("Contoso").await;
    let mut browser = Browser::default();
    let confirm = stage.sign_in(&mut browser, &link, &first.admin).await;
    let result = stage.connect(&link, &second.admin).await;
    assert_eq!(result.heading(), "Connected", "{}", result.body);
    let before = stage.tenants().await;
    let page = browser.submit(&confirm.form(), &[]).await;
    stage
        .refused("used before the yes", &page, "invite_used", &before)
        .await;
    assert!(stage.tenant(0).await.is_null());
}

#[tokio::test]
async fn two_tabs_of_one_person_end_on_the_same_tenant() {
    for flow in [Flow::V2, Flow::V1] {
        let stage = Stage::invited(flow).await;
        let person = stage.person(0).clone();
        let link = stage.vouched("Contoso", 0).await;
        // One browser: both tabs share its cookies. The second tab had signed in already.
        let mut browser = Browser::default();
        let first = stage.sign_in(&mut browser, &link, &person.admin).await;
        let second = stage.sign_in(&mut browser, &link, &person.admin).await;
        let next = browser.submit(&first.form(), &[]).await;
        let result = match flow {
            Flow::V1 => next,
            Flow::V2 => tests::admin::accept(&mut browser, &next, &person.admin).await,
        };
        assert_eq!(result.heading(), "Connected", "{}", result.body);
        let before = stage.tenants().await;
        let counted = stage.run.broker.stats().await["app_only_requests"].clone();
        let page = browser.submit(&second.form(), &[]).await;
        assert_eq!(page.heading(), "Connected", "{flow:?}: {}", page.body);
        assert_eq!(stage.tenants().await, before, "{flow:?}");
        let after = stage.run.broker.stats().await["app_only_requests"].clone();
        assert_eq!(after, counted, "{flow:?}: nothing was proven anew");
    }
}

#[tokio::test]
async fn where_to_go_on_is_offered_and_only_from_the_list() {
    let list = "https://portal.example/done, http://localhost:9";
    let variables = [("CONSENT_MODE", "invite"), ("CONSENT_RETURN_URLS", list)];
    let stage = Stage::start(Flow::V2, &variables).await;
    let url = "https://portal.example/done?customer=7";
    let link = stage
        .invite_with(json!({"customer": "Contoso", "return_url": url}))
        .await;
    let result = stage.connect(&link, &stage.person(0).admin).await;
    assert!(
        result.body.contains(&format!("href=\"{url}\"")),
        "{}",
        result.body
    );
    assert!(result.body.contains("Go on to portal.example"));
    for url in [
        "https://evil.example/done",
        "https://portal.example/",
        "javascript:alert(1)",
    ] {
        let body = json!({"customer": "Contoso", "return_url": url});
        let refused = stage.run.broker.post_invite(&body).await;
        assert_eq!(refused.status, 400, "{url}: {}", refused.body);
        let told = refused.body["error_description"].as_str().unwrap();
        assert!(told.contains("CONSENT_RETURN_URLS"), "{told}");
    }
}
