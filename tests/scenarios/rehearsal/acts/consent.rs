//! An admin connects a tenant, by a link that a caller of the vending function made.

use entra_sim::SimulatedTenant;
use reqwest::Method;
use serde_json::json;
use tests::{Browser, Flow, connect};

use super::creation::CUSTOMER;
use crate::stage::{Answer, Stage};

pub(crate) async fn a_tenant_is_connected(stage: &mut Stage) {
    stage.story.act("An admin connects a tenant");
    let tenant = stage.authority.tenants().remove(0);
    let browser = connect_tenant(stage, &tenant).await;
    let pages = browser.history.len();
    stage.story.seen(format!(
        "{} went through {pages} pages of the stack's API and the authority; cookies are __Host-",
        tenant.admin
    ));
    stage.story.seen(format!(
        "tenant {} is connected to customer {CUSTOMER}",
        tenant.tenant_id
    ));
    let plain = Browser::entering_by(stage.entrance.clone())
        .open(stage.stack().output("ConsentUrl"))
        .await;
    assert_ne!(plain.status, 200, "an invite is asked for");
    stage.story.seen(format!(
        "without an invite the page answers {}: {}",
        plain.status,
        plain.heading()
    ));
}

/// Click by click; gives the browser with all that it has seen.
pub(crate) async fn connect_tenant(stage: &Stage, tenant: &SimulatedTenant) -> Browser {
    connect_in(stage, tenant, None).await
}

/// The same, under another cloud than the stack's.
pub(crate) async fn connect_in(
    stage: &Stage,
    tenant: &SimulatedTenant,
    cloud: Option<&str>,
) -> Browser {
    let url = format!("{}/invites", stage.stack().output("VendingUrl"));
    let invite = stage
        .request(Method::POST, &url)
        .bearer_auth(stage.issuer.token(0))
        .json(&json!({"customer": CUSTOMER, "cloud": cloud}));
    let invite = Answer::of(invite).await;
    assert_eq!(invite.status, 201, "{invite:?}");
    let link = invite.body["consent_url"].as_str().unwrap();
    let mut browser = Browser::entering_by(stage.entrance.clone());
    let result = connect(&mut browser, link, &tenant.admin, Flow::V2).await;
    assert_eq!(result.heading(), "Connected", "{}", result.body);
    browser
}
