//! An admin connects a tenant, by a link that the operator made, or a caller of the vending
//! function.

use microsoft_sim::SimulatedTenant;
use reqwest::Method;
use serde_json::{Value, json};
use tests::{Browser, Flow, Vended, connect};

use super::creation::CUSTOMER;
use crate::stage::Stage;

pub(crate) async fn a_tenant_is_connected(stage: &mut Stage) {
    stage.story.act("An admin connects a tenant");
    let tenant = stage.authority.tenants().remove(0);
    let id = tenant.tenant_id.to_string();
    let invited = stage
        .operate(&["--json", "invite", CUSTOMER, "--tenant", &id])
        .await;
    let invited: Value = serde_json::from_str(&invited).unwrap();
    stage.story.seen(format!(
        "`operator invite {CUSTOMER} --tenant {id}` printed the link"
    ));
    let browser = connect_by(stage, &invited, &tenant).await;
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

/// By an invite that a caller makes.
pub(crate) async fn connect_tenant(stage: &Stage, tenant: &SimulatedTenant) {
    connect_in(stage, tenant, None).await;
}

/// The same, under another cloud than the stack's.
pub(crate) async fn connect_in(stage: &Stage, tenant: &SimulatedTenant, cloud: Option<&str>) {
    let url = format!("{}/invites", stage.stack().output("VendingUrl"));
    let invite = stage
        .request(Method::POST, &url)
        .bearer_auth(stage.issuer.token(0))
        .json(&json!({"customer": CUSTOMER, "cloud": cloud}));
    let invite = Vended::of(invite).await;
    assert_eq!(invite.status, 201, "{invite:?}");
    connect_by(stage, &invite.body, tenant).await;
}

/// Click by click; gives the browser with all that it has seen.
async fn connect_by(stage: &Stage, invite: &Value, tenant: &SimulatedTenant) -> Browser {
    let link = invite["consent_url"].as_str().unwrap();
    let mut browser = Browser::entering_by(stage.entrance.clone());
    let result = connect(&mut browser, link, &tenant.admin, Flow::V2).await;
    assert_eq!(result.heading(), "Connected", "{}", result.body);
    browser
}
