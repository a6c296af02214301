//! A consent that is given again, and one that is taken back in the customer's portal.

use serde_json::{Value, json};
use tests::{Browser, Flow};

use super::stage::Stage;

/// How long a warm function may believe what it remembers of a tenant.
const STATE_MAX_AGE: i64 = 30;

#[tokio::test]
async fn a_new_consent_drops_the_tokens_that_were_kept() {
    for flow in [Flow::V2, Flow::V1] {
        let stage = Stage::open(flow).await;
        let (run, link) = (&stage.run, stage.run.broker.ready.consent_url.clone());
        let admin = stage.person(0).admin.clone();
        stage.connect(&link, &admin).await;
        let first = run.broker.vend(&run.tenant(0)).await;
        run.clock.advance(STATE_MAX_AGE + 1);
        let kept = run.broker.vend(&run.tenant(0)).await;
        assert_eq!(kept.token(), first.token(), "it is kept and lives");
        stage
            .operator(&["tenants", "tag", &run.tenant(0), "team=red"])
            .await;

        let itself = run.tenant(0);
        let again = match flow {
            Flow::V2 => link,
            // Nothing shows an admin there: it takes the operator's word.
            Flow::V1 => stage.vouched(&itself, 0).await,
        };
        let page = stage.connect(&again, &admin).await;
        assert_eq!(page.heading(), "Connected", "{}", page.body);
        let shown = stage
            .operator(&["--json", "tenants", "show", &run.tenant(0)])
            .await;
        let shown: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(shown["tokens"][0]["state"], "none", "{shown}");
        assert_eq!(shown["tags"], json!({"team": "red"}), "they are ours");
        run.clock.advance(STATE_MAX_AGE + 1);
        let second = run.broker.vend(&run.tenant(0)).await;
        assert_ne!(second.token(), first.token(), "{flow:?}");
    }
}

/// In the v1 flow anybody of the tenant gets this far: he takes no token away, and brings
/// back nothing that the operator removed.
#[tokio::test]
async fn who_shows_no_role_renews_nothing() {
    let stage = Stage::open(Flow::V1).await;
    let (run, link) = (&stage.run, stage.run.broker.ready.consent_url.clone());
    let (tenant, user) = (run.tenant(0), stage.person(0).user.clone());
    stage.connect(&link, &stage.person(0).admin).await;
    let first = run.broker.vend(&tenant).await;
    let before = stage.tenants().await;
    let mut browser = Browser::default();
    let confirm = stage
        .sign_in_unprompted_in(&mut browser, &link, &user)
        .await;
    let page = browser.submit(&confirm.form(), &[]).await;
    assert_eq!(page.heading(), "Connected", "{}", page.body);
    assert_eq!(stage.tenants().await, before);
    run.clock.advance(STATE_MAX_AGE + 1);
    assert_eq!(run.broker.vend(&tenant).await.token(), first.token());

    let line = ["tenants", "remove", tenant.as_str(), "--yes"];
    stage.operator(&line).await;
    let before = stage.tenants().await;
    let confirm = stage
        .sign_in_unprompted_in(&mut browser, &link, &user)
        .await;
    let page = browser.submit(&confirm.form(), &[]).await;
    stage.refused("removed", &page, "removed", &before).await;
}

/// A proof that fails takes nothing from a tenant that works.
#[tokio::test]
async fn a_new_consent_that_is_not_proven_changes_nothing() {
    let stage = Stage::open(Flow::V2).await;
    let (run, link) = (&stage.run, stage.run.broker.ready.consent_url.clone());
    let admin = stage.person(0).admin.clone();
    stage.connect(&link, &admin).await;
    let first = run.broker.vend(&run.tenant(0)).await;
    let before = stage.tenants().await;
    let mut browser = Browser::default();
    let confirm = stage.sign_in(&mut browser, &link, &admin).await;
    let authority = browser.submit(&confirm.form(), &[]).await;
    run.broker.fault("status", None, json!(503)).await;
    let page = tests::admin::accept(&mut browser, &authority, &admin).await;
    stage.refused("503", &page, "unavailable", &before).await;
    run.clock.advance(STATE_MAX_AGE + 1);
    let kept = run.broker.vend(&run.tenant(0)).await;
    assert_eq!(kept.token(), first.token());
}

/// Every way in which a portal's change shows at the token endpoint.
#[tokio::test]
async fn a_consent_that_is_taken_back_is_noticed_and_a_fresh_link_heals_it() {
    let rows = [
        (
            "consent_revoked",
            json!(700_016),
            "not_consented",
            Some(700_016),
        ),
        (
            "consent_revoked",
            json!(7_000_229),
            "not_consented",
            Some(7_000_229),
        ),
        (
            "consent_revoked",
            json!(65_001),
            "not_consented",
            Some(65_001),
        ),
        (
            "app_disabled",
            json!(null),
            "application_disabled",
            Some(7_000_112),
        ),
        ("role_removed", json!(null), "roles_missing", None),
    ];
    for (fault, value, cause, aadsts) in rows {
        let row = format!("{fault} {value}");
        let stage = Stage::invited(Flow::V2).await;
        let run = &stage.run;
        let (tenant, admin) = (run.tenant(0), stage.person(0).admin.clone());
        stage.connect(&stage.invite("Contoso").await, &admin).await;
        assert_eq!(run.broker.vend(&tenant).await.status, 200);
        let fault = run.broker.fault(fault, Some(&tenant), value).await;
        for seconds in [2400, 300] {
            run.clock.advance(seconds);
            run.machine.refresh().await;
        }
        let expected = ("revoked".to_owned(), cause.to_owned());
        assert_eq!(run.status(0).await, expected, "{row}");
        let refused = run.broker.vend(&tenant).await;
        assert_eq!(refused.status, 409, "{row}: {}", refused.body);

        let shown = stage
            .operator(&["--json", "tenants", "show", &tenant])
            .await;
        let shown: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(shown["aadsts"], json!(aadsts), "{row}");
        assert_eq!(shown["consent_needed"], true, "{row}");
        let link = stage
            .operator(&["--json", "tenants", "link", &tenant])
            .await;
        let link: Value = serde_json::from_str(&link).unwrap();
        let link = link["consent_url"].as_str().unwrap();
        run.broker.end_fault(&fault).await;
        let page = stage.connect(link, &admin).await;
        assert_eq!(page.heading(), "Connected", "{row}: {}", page.body);
        assert_eq!(stage.tenant(0).await["customer"], "Contoso", "{row}");
        assert_eq!(run.broker.vend(&tenant).await.status, 200, "{row}");
    }
}

/// In open mode, where an admin brings back what the operator removed.
#[tokio::test]
async fn a_removed_tenant_comes_back_by_a_new_consent_of_its_own_account() {
    let stage = Stage::open(Flow::V2).await;
    let (tenant, admin) = (stage.run.tenant(0), stage.person(0).admin.clone());
    let link = stage.run.broker.ready.consent_url.clone();
    stage.connect(&link, &admin).await;
    let line = ["tenants", "remove", tenant.as_str(), "--yes"];
    stage.operator(&line).await;
    assert_eq!(stage.tenant(0).await["status"], "removed");
    let page = stage.connect(&link, &admin).await;
    assert_eq!(page.heading(), "Connected", "{}", page.body);
    assert_eq!(stage.run.broker.vend(&tenant).await.status, 200);
}
