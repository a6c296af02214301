//! The mistake of every second registration: the permission stands under Delegated
//! permissions, and its application form is missing. An admin consents, all seems well,
//! and no app-only token ever has a role.

use microsoft_sim::Registration;
use serde_json::json;
use tests::{Browser, Flow};

use super::own_authority::OwnAuthority;

fn delegated_alone(registration: &mut Registration) {
    let required = &mut registration.required_roles[0];
    required.scopes = std::mem::take(&mut required.roles);
}

/// In the v1 flow the sign-in's own token shows the delegated form (`scp`), so that the
/// page can say what is wrong; roles may still be on their way, so that it waits as well.
#[tokio::test]
async fn delegated_permissions_in_place_of_application_permissions_are_told() {
    let own = OwnAuthority::start(Flow::V1, delegated_alone).await;
    let person = own.simulator.tenants()[0].clone();
    let url = own.broker.ready.consent_url.clone();
    let page = tests::connect(&mut Browser::default(), &url, &person.admin, Flow::V1).await;
    assert_eq!(page.heading(), "Finishing", "{}", page.body);
    assert_eq!(page.cause(), "delegated_only");
    assert!(
        page.body.contains("Application permissions"),
        "{}",
        page.body
    );
    let shown = own
        .broker
        .get(&format!("/tenants/{}", person.tenant_id))
        .await;
    assert_eq!(shown.body["cause"], "delegated_only", "{}", shown.body);
    let refused = own.broker.vend(&person.tenant_id.to_string()).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(refused.body["fault"], json!("ours"));
}

/// The v2 sign-in asks for nothing of the resource and can show neither form.
#[tokio::test]
async fn the_v2_flow_tells_what_it_sees() {
    let own = OwnAuthority::start(Flow::V2, delegated_alone).await;
    let person = own.simulator.tenants()[0].clone();
    let url = own.broker.ready.consent_url.clone();
    let page = tests::connect(&mut Browser::default(), &url, &person.admin, Flow::V2).await;
    assert_eq!(page.heading(), "Finishing", "{}", page.body);
    assert_eq!(page.cause(), "roles_missing");
}
