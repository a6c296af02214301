//! Invite links as they are opened: good, damaged, old, used, for somebody else.

use serde_json::json;

use super::expected::{
    CONNECTED, INVITE_EXPIRED, INVITE_FOR_ANOTHER, INVITE_NEEDED, INVITE_UNKNOWN, INVITE_USED,
    LANDING,
};
use super::stage::Stage;
use super::visitor::Answer;

#[tokio::test]
async fn an_invite_leads_to_connected_and_on_to_where_it_says() {
    let stage = Stage::invited().await;
    let (admin, tenant) = (&stage.person(0).admin, &stage.person(0).tenant_id);
    let link = stage
        .broker
        .invite(json!({
            "customer": "Contoso, Inc.",
            "tenant_id": tenant,
            "return_url": "https://portal.example/done",
        }))
        .await;
    let visitor = stage.visitor("invited").await;
    visitor.opens(&link).await;
    visitor.sees(LANDING).await;
    visitor.signs_in(admin).await;
    visitor.consents(admin).await;
    visitor.sees(CONNECTED).await;
    stage.has("active", &[0]).await;
    let bound = stage.broker.get(&format!("/tenants/{tenant}")).await;
    assert_eq!(bound.body["customer"], "Contoso, Inc.");

    visitor.opens(&link).await;
    visitor.sees(INVITE_USED).await;
    stage.has("active", &[0]).await;
}

#[tokio::test]
async fn a_wrong_invite_says_what_is_wrong_with_it() {
    let stage = Stage::invited().await;
    let short = json!({"customer": "Contoso", "expires_in": 60});
    let expired = stage.broker.invite(short).await;
    stage.run.clock.advance(60);
    let good = stage.broker.invite(json!({"customer": "Contoso"})).await;
    let visitor = stage.visitor("wrong-invite").await;
    let rows = [
        (stage.broker.ready.consent_url.clone(), INVITE_NEEDED),
        (good[..good.len() - 2].to_owned(), INVITE_UNKNOWN),
        (expired, INVITE_EXPIRED),
    ];
    for (link, page) in rows {
        visitor.opens(&link).await;
        visitor.sees(page).await;
    }
    stage.has_nobody().await;
}

/// The invited tenant's sign-in lets nobody else in; whoever changes the address comes
/// back to a page that says so.
#[tokio::test]
async fn an_invite_for_another_tenant_connects_nobody() {
    let stage = Stage::invited().await;
    let body = json!({"customer": "Contoso", "tenant_id": stage.person(0).tenant_id});
    let link = stage.broker.invite(body).await;
    let visitor = stage.visitor("another-tenant").await;
    visitor.opens(&link).await;
    visitor.sees(LANDING).await;
    visitor.presses().await;
    visitor.is_at_microsoft().await;
    let address = visitor.session.address().await;
    let path = address.path();
    let elsewhere = path.replace(&stage.person(0).tenant_id, &stage.person(1).tenant_id);
    assert_ne!(path, elsewhere, "the sign-in is the invited tenant's own");
    let mut changed = address.clone();
    changed.set_path(&elsewhere);
    visitor.opens(changed.as_str()).await;
    visitor
        .answers(&stage.person(1).admin, Answer::Accept)
        .await;
    visitor.sees(INVITE_FOR_ANOTHER).await;
    stage.has_nobody().await;
}
