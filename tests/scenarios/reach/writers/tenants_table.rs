//! A writer of the tenants' table. Tokens are bound to their rows; what the rows say of a
//! tenant is believed, because an old row cannot be told from a new one in one table.

use aws_sdk_dynamodb::types::AttributeValue;
use tests::admin::accept;
use tests::{Browser, Flow, connect};
use url::Url;

use super::row::rows;
use super::world::{World, text};

rows! {
    a_tenant_is_moved("another `customer` in a tenant's rows")
        => "**works**: policies speak of customers, so that the callers of that customer get the tenant's tokens";
    tags_are_changed("other `tags` in a tenant's rows")
        => "**works**: policies that speak of tags follow them";
    a_suspended_tenant_is_set_active("`status` `active` for a tenant that the operator suspended")
        => "**works**: it is served again; Entra ID alone still refuses what the customer took back";
    old_rows_are_put_back("a tenant's rows of yesterday, put back")
        => "**works** for what the rows say: a suspension is undone. The token in them opens until its own end and no longer";
    sealed_tokens_are_swapped("another tenant's sealed token in a tenant's row")
        => "**fails**: it does not open there; the tenant gets a token of its own";
    a_life_is_lengthened("a later `expires_at` beside a sealed token")
        => "**fails**: it does not open any more; a new one is asked for";
    a_token_is_made_up("bytes of one's own as a sealed token")
        => "**fails**: without the ring nothing opens; a new one is asked for";
    an_invite_is_vouched_for("`vouched` in an invite")
        => "**works** for a tenant that has consented before: any person of it binds it to the invite's customer, without a role";
    a_used_invite_is_reopened("an invite without `used_by`")
        => "**works**: the link binds once more, until its end";
}

/// What the run's own caller gets besides.
const OF_MALLORY: &str = "resource in Customer::\"mallory\"";
const OF_GOLD: &str = "resource.hasTag(\"tier\") && resource.getTag(\"tier\") == \"gold\"";

async fn a_tenant_is_moved() {
    let world = World::serving().await;
    world.permit_where(OF_MALLORY).await;
    assert_eq!(world.vend_later(0).await, 403);
    world.forge(0, &[("customer", "mallory")]).await;
    assert_eq!(world.vend_later(0).await, 200);
    assert_eq!(
        world.vend_later(1).await,
        403,
        "another tenant is not moved"
    );
}

async fn tags_are_changed() {
    let world = World::serving().await;
    world.permit_where(OF_GOLD).await;
    assert_eq!(world.vend_later(0).await, 403);
    let gold = AttributeValue::M([("tier".to_owned(), text("gold"))].into());
    for mut row in world.of_tenant(0).await {
        row.insert("tags".to_owned(), gold.clone());
        world.put(&world.tenants(), row).await;
    }
    assert_eq!(world.vend_later(0).await, 200);
}

async fn a_suspended_tenant_is_set_active() {
    let world = World::serving().await;
    world
        .operate(&["tenants", "suspend", "--yes", &world.run.tenant(0)])
        .await;
    assert_eq!(world.vend_later(0).await, 409);
    world.forge(0, &[("status", "active")]).await;
    assert_eq!(world.vend_later(0).await, 200);
    // What the customer took back stays so: Entra ID is asked for the next token.
    let world = World::serving().await;
    let tenant = world.run.tenant(0);
    let revoked = (
        "consent_revoked",
        Some(tenant.as_str()),
        serde_json::json!(null),
    );
    world
        .run
        .broker
        .fault(revoked.0, revoked.1, revoked.2)
        .await;
    world.run.clock.advance(2 * 3_600);
    world.forge(0, &[("status", "active")]).await;
    for _ in 0..3 {
        assert_ne!(world.vend_later(0).await, 200);
    }
}

async fn old_rows_are_put_back() {
    let world = World::serving().await;
    let old = world.of_tenant(0).await;
    world
        .operate(&["tenants", "suspend", "--yes", &world.run.tenant(0)])
        .await;
    assert_eq!(world.vend_later(0).await, 409);
    for row in old.clone() {
        world.put(&world.tenants(), row).await;
    }
    let asked = world.run.app_only_requests().await;
    assert_eq!(world.vend_later(0).await, 200);
    assert_eq!(
        world.run.app_only_requests().await,
        asked,
        "the token in the old row has opened"
    );
    world.run.clock.advance(2 * 3_600);
    for row in old {
        world.put(&world.tenants(), row).await;
    }
    assert_eq!(world.vend_later(0).await, 200);
    assert!(
        world.run.app_only_requests().await > asked,
        "it has ended: a new one was asked for"
    );
}

async fn sealed_tokens_are_swapped() {
    let world = World::serving().await;
    let [_, mut token] = world.of_tenant(0).await;
    let [_, of_other] = world.of_tenant(1).await;
    for name in ["sealed", "expires_at", "issued_at"] {
        token.insert(name.to_owned(), of_other[name].clone());
    }
    world.put(&world.tenants(), token).await;
    gets_a_new_token_of_its_own(&world).await;
}

async fn a_life_is_lengthened() {
    let world = World::serving().await;
    let [_, mut token] = world.of_tenant(0).await;
    token.insert(
        "expires_at".to_owned(),
        AttributeValue::N("4102444800".to_owned()),
    );
    world.put(&world.tenants(), token).await;
    gets_a_new_token_of_its_own(&world).await;
}

async fn a_token_is_made_up() {
    let world = World::serving().await;
    let [_, mut token] = world.of_tenant(0).await;
    let mut sealed = token["sealed"].as_b().unwrap().as_ref().to_vec();
    *sealed.last_mut().unwrap() ^= 1;
    token.insert("sealed".to_owned(), AttributeValue::B(sealed.into()));
    world.put(&world.tenants(), token).await;
    gets_a_new_token_of_its_own(&world).await;
}

/// What is in the row does not open: the authority is asked, and for this tenant.
async fn gets_a_new_token_of_its_own(world: &World) {
    let asked = world.run.app_only_requests().await;
    // A tenth of a token's life: what is in memory is read again before.
    assert_eq!(world.vend_later(0).await, 200);
    let vended = world.run.broker.vend(&world.run.tenant(0)).await;
    assert_eq!(
        vended.claims()["tid"].as_str(),
        Some(world.run.tenant(0).as_str())
    );
    assert!(
        world.run.app_only_requests().await > asked,
        "nothing new was asked for"
    );
}

const INVITED: &[(&str, &str)] = &[("CONSENT_MODE", "invite"), ("CONSENT_FLOW", "v1")];

async fn an_invite_is_vouched_for() {
    let world = World::start(INVITED).await;
    let tenant = world.run.tenant(0);
    world
        .run
        .machine
        .consent_at_simulator(&[tenant.parse().unwrap()])
        .unwrap();
    let body = serde_json::json!({"customer": "Mallory", "tenant_id": tenant});
    for (forged, heading) in [(false, false), (true, true)] {
        let link = world.run.broker.invite(body.clone()).await;
        if forged {
            let mut invites = world.rows(&world.tenants(), "INVITE#").await;
            for invite in &mut invites {
                invite.insert("vouched".to_owned(), text("true"));
                world.put(&world.tenants(), invite.clone()).await;
            }
        }
        assert_eq!(
            binds_unprompted(&world, &link).await,
            heading,
            "forged: {forged}"
        );
    }
}

/// Whether a person without a role binds the first tenant, having taken `prompt` out of
/// Microsoft's address.
async fn binds_unprompted(world: &World, link: &str) -> bool {
    let mut browser = Browser::default();
    let form = browser.open(link).await.form();
    let mut authority: Url = browser.way_out(&form).await;
    let kept: Vec<(String, String)> = authority
        .query_pairs()
        .into_owned()
        .filter(|(name, _)| name != "prompt")
        .collect();
    authority.query_pairs_mut().clear().extend_pairs(kept);
    let page = browser.open(authority.as_str()).await;
    let user = &world.run.broker.ready.simulated_tenants[0].user;
    let confirm = accept(&mut browser, &page, user).await;
    if confirm.heading() != "Connect this organisation?" {
        return false;
    }
    let result = browser.submit(&confirm.form(), &[]).await;
    result.heading() == "Connected"
}

async fn a_used_invite_is_reopened() {
    let world = World::start(&[("CONSENT_MODE", "invite")]).await;
    let link = world
        .run
        .broker
        .invite(serde_json::json!({"customer": "Contoso"}))
        .await;
    let admins = &world.run.broker.ready.simulated_tenants;
    let first = connect(&mut Browser::default(), &link, &admins[0].admin, Flow::V2).await;
    assert_eq!(first.heading(), "Connected", "{}", first.body);
    let refused = Browser::default().open(&link).await;
    assert_ne!(refused.status, 200, "{}", refused.body);
    for mut invite in world.rows(&world.tenants(), "INVITE#").await {
        invite.remove("used_by");
        invite.remove("used_at");
        world.put(&world.tenants(), invite).await;
    }
    let second = connect(&mut Browser::default(), &link, &admins[1].admin, Flow::V2).await;
    assert_eq!(second.heading(), "Connected", "{}", second.body);
}
