//! Somebody else's tenant, somebody else's account: the ways to bind what is not one's
//! own, each refused. That a tenant has consented says nothing about the person.

use serde_json::json;
use tests::admin::accept;
use tests::{Browser, Flow};

use super::stage::Stage;

/// The attack on every peer: a person of a tenant that has consented before holds an
/// invite, and takes `prompt` out of Microsoft's address.
#[tokio::test]
async fn a_plain_user_of_a_consented_tenant_binds_it_to_nobody() {
    for (flow, cause) in [(Flow::V2, "not_an_admin"), (Flow::V1, "admin_not_proven")] {
        let stage = Stage::invited(flow).await;
        let (tenant, user) = (stage.run.tenant(0), stage.person(0).user.clone());
        let id = tenant.parse().unwrap();
        stage.run.machine.consent_at_simulator(&[id]).unwrap();
        let before = stage.tenants().await;
        let counted = stage.run.app_only_requests().await;
        let link = stage.invite("Mallory").await;
        let page = stage.sign_in_unprompted(&link, &user).await;
        stage
            .refused(&format!("{flow:?}"), &page, cause, &before)
            .await;
        let after = stage.run.app_only_requests().await;
        assert_eq!(after, counted, "{flow:?}: nothing was proven for him");
    }
}

/// The operator's word stands for the person: whoever holds a link that names the tenant
/// may bind it, as far as Microsoft lets him.
#[tokio::test]
async fn an_invite_that_names_the_tenant_needs_no_role_of_the_person() {
    let stage = Stage::invited(Flow::V1).await;
    let (tenant, user) = (stage.run.tenant(0), stage.person(0).user.clone());
    let id = tenant.parse().unwrap();
    stage.run.machine.consent_at_simulator(&[id]).unwrap();
    let link = stage.vouched("Contoso", 0).await;
    let mut browser = Browser::default();
    let mut authority = stage.authority(&mut browser, &link).await;
    assert!(
        authority.path().starts_with(&format!("/{tenant}/")),
        "only that tenant's people are let in: {authority}"
    );
    let kept: Vec<(String, String)> = authority
        .query_pairs()
        .into_owned()
        .filter(|(name, _)| name != "prompt")
        .collect();
    authority.query_pairs_mut().clear().extend_pairs(kept);
    let page = browser.open(authority.as_str()).await;
    let confirm = accept(&mut browser, &page, &user).await;
    let result = browser.submit(&confirm.form(), &[]).await;
    assert_eq!(result.heading(), "Connected", "{}", result.body);
    assert_eq!(stage.tenant(0).await["customer"], "Contoso");
}

/// A service that may make invites names a tenant too; its word is not the operator's.
#[tokio::test]
async fn an_invite_of_a_service_vouches_for_nobody() {
    for (flow, cause) in [(Flow::V2, "not_an_admin"), (Flow::V1, "admin_not_proven")] {
        let stage = Stage::invited(flow).await;
        let (tenant, user) = (stage.run.tenant(0), stage.person(0).user.clone());
        let id = tenant.parse().unwrap();
        stage.run.machine.consent_at_simulator(&[id]).unwrap();
        let before = stage.tenants().await;
        let body = json!({"customer": "Mallory", "tenant_id": tenant});
        let link = stage.invite_with(body).await;
        let page = stage.sign_in_unprompted(&link, &user).await;
        let row = format!("{flow:?}");
        stage.refused(&row, &page, cause, &before).await;
    }
}

/// Who cannot consent binds no tenant that has not consented: else it would be served for
/// his account on the day when its admin consents for another one.
#[tokio::test]
async fn nobody_but_an_admin_binds_a_tenant_before_it_has_consented() {
    let stage = Stage::invited(Flow::V2).await;
    let (tenant, user) = (stage.run.tenant(0), stage.person(0).user.clone());
    let link = stage.vouched("Mallory", 0).await;
    let before = stage.tenants().await;
    let mut browser = Browser::default();
    let confirm = stage.sign_in(&mut browser, &link, &user).await;
    let authority = browser.submit(&confirm.form(), &[]).await;
    let mut names = authority.url.query_pairs();
    let (_, state) = names.find(|(name, _)| name == "state").unwrap();
    let typed = format!(
        "{}/callback?tenant={tenant}&admin_consent=True&state={state}",
        stage.run.broker.ready.consent_url
    );
    let page = browser.open(&typed).await;
    let cause = "roles_missing";
    stage.refused("a typed answer", &page, cause, &before).await;
}

#[tokio::test]
async fn an_invite_for_one_tenant_lets_no_other_one_in() {
    let stage = Stage::invited(Flow::V2).await;
    let link = stage
        .invite_with(json!({"customer": "Contoso", "tenant_id": stage.run.tenant(0)}))
        .await;
    let before = stage.tenants().await;
    // Somebody changes the tenant in Microsoft's address to his own, or to everybody's.
    for (alias, account) in [("organizations", 1), (stage.run.tenant(1).as_str(), 1)] {
        let mut browser = Browser::default();
        let mut authority = stage.authority(&mut browser, &link).await;
        let path = authority.path().replace(&stage.run.tenant(0), alias);
        authority.set_path(&path);
        let page = browser.open(authority.as_str()).await;
        let admin = stage.person(account).admin.clone();
        let page = accept(&mut browser, &page, &admin).await;
        // A code belongs to the place where it was made, and ours is the invited tenant's.
        let cause = "invite_for_another_tenant (AADSTS700005)";
        stage.refused(alias, &page, cause, &before).await;
    }
}

/// A link that was mailed to the wrong admin: it ends on a page that names the account,
/// and nothing is bound before that page was answered.
#[tokio::test]
async fn a_mailed_link_ends_on_a_page_that_names_the_account() {
    let stage = Stage::invited(Flow::V2).await;
    let link = stage.invite("Mallory & Sons").await;
    let before = stage.tenants().await;
    let mut victim = Browser::default();
    let landing = victim.open(&link).await;
    assert!(
        landing.body.contains("Mallory &#38; Sons"),
        "{}",
        landing.body
    );
    let admin = stage.person(0).admin.clone();
    let confirm = stage.sign_in(&mut victim, &link, &admin).await;
    assert_eq!(confirm.heading(), "Connect this organisation?");
    assert!(
        confirm.body.contains("Mallory &#38; Sons"),
        "{}",
        confirm.body
    );
    assert!(confirm.body.contains(&stage.run.tenant(0)));
    assert!(confirm.body.contains(&admin));
    assert_eq!(stage.tenants().await, before, "nothing is bound so far");
}

/// What the attacker began, the victim cannot finish: neither at Microsoft's page nor at
/// ours.
#[tokio::test]
async fn an_attempt_of_another_browser_is_not_finished() {
    let stage = Stage::invited(Flow::V2).await;
    let link = stage.invite("Mallory").await;
    let before = stage.tenants().await;
    let admin = stage.person(0).admin.clone();
    let mut attacker = Browser::default();
    let authority = stage.authority(&mut attacker, &link).await;
    let mut victim = Browser::default();
    let page = victim.open(authority.as_str()).await;
    let page = accept(&mut victim, &page, &admin).await;
    stage
        .refused("a mailed sign-in address", &page, "other_browser", &before)
        .await;

    let confirm = stage.sign_in(&mut victim, &link, &admin).await;
    let page = attacker.submit(&confirm.form(), &[]).await;
    stage
        .refused("a confirm page passed on", &page, "other_browser", &before)
        .await;
}

/// Whether it is vended, suspended or removed: only the operator moves it.
#[tokio::test]
async fn a_bound_tenant_is_moved_by_the_operator_alone() {
    let stage = Stage::invited(Flow::V2).await;
    let (tenant, admin) = (stage.run.tenant(0), stage.person(0).admin.clone());
    let link = stage.invite("Contoso").await;
    stage.connect(&link, &admin).await;
    let other = stage.invite("Fabrikam").await;
    for command in [None, Some("suspend"), Some("remove")] {
        if let Some(command) = command {
            let line = ["tenants", command, tenant.as_str(), "--yes"];
            stage.operator(&line).await;
        }
        let before = stage.tenants().await;
        let mut browser = Browser::default();
        let page = stage.sign_in(&mut browser, &other, &admin).await;
        let row = format!("after {command:?}");
        let cause = "bound_to_another_customer";
        stage.refused(&row, &page, cause, &before).await;
    }
    stage
        .operator(&["tenants", "move", &tenant, "--to", "Fabrikam", "--yes"])
        .await;
    let result = stage.connect(&other, &admin).await;
    assert_eq!(result.heading(), "Connected", "{}", result.body);
    assert_eq!(stage.tenant(0).await["customer"], "Fabrikam");
}

/// The operator's hold is not lifted by a click.
#[tokio::test]
async fn a_suspended_tenant_is_resumed_by_no_consent() {
    let stage = Stage::invited(Flow::V2).await;
    let (tenant, admin) = (stage.run.tenant(0), stage.person(0).admin.clone());
    let link = stage.invite("Contoso").await;
    stage.connect(&link, &admin).await;
    let line = ["tenants", "suspend", tenant.as_str(), "--yes"];
    stage.operator(&line).await;
    let before = stage.tenants().await;
    let link = stage.invite("Contoso").await;
    let mut browser = Browser::default();
    let page = stage.sign_in(&mut browser, &link, &admin).await;
    stage
        .refused("suspended", &page, "suspended", &before)
        .await;
    assert_eq!(page.status, 403);
    let vended = stage.run.broker.vend(&tenant).await;
    assert_eq!(vended.status, 409, "{}", vended.body);
    assert_eq!(vended.body["cause"], "suspended");
    stage.operator(&["tenants", "resume", &tenant]).await;
    let vended = stage.run.broker.vend(&tenant).await;
    assert_eq!(vended.status, 200, "{}", vended.body);
}
