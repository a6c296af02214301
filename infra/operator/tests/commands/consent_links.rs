//! `tenants link` makes a fresh consent link for a tenant's admin; `tenants show` says where one
//! is needed, and makes none.

use auth::invite::InviteId;
use auth::ports::Invites as _;
use auth::{Cause, CauseCode, Cloud, TenantStatus};
use operator::Exit;
use serde_json::json;

use crate::world::{TENANT, World, tenant};

use CauseCode as C;
use TenantStatus as S;

#[tokio::test]
async fn a_link_is_for_this_tenant_and_its_own_account() {
    let world = World::start().await;
    let revoked = auth::Tenant {
        cloud: Cloud::Gcc,
        ..tenant(TENANT, S::Revoked, Some(C::NotConsented.into()))
    };
    world.connect(&revoked).await;
    let link = ["tenants", "link", TENANT, "--json"];
    let first = world.run(&link).await.json();
    let url = first["consent_url"].as_str().unwrap();
    let (page, id) = url.split_once("?invite=").unwrap();
    assert_eq!(page, "http://localhost:8080/consent");
    let id: InviteId = id.parse().unwrap();
    let invite = world.table.find_invite(&id.key()).await.unwrap().unwrap();
    assert_eq!(invite.customer, revoked.customer);
    assert_eq!(
        (invite.tenant, invite.cloud),
        (Some(revoked.id), Some(Cloud::Gcc))
    );
    assert_eq!(first["expires_on"], invite.expires_at.unix());
    let life = invite.created_at.seconds_until(invite.expires_at);
    assert_eq!(life, 7 * 24 * 60 * 60);

    let again = world.run(&link).await.json();
    assert_ne!(again["consent_url"], first["consent_url"], "each is fresh");
    let text = world.run(&["tenants", "link", TENANT]).await.out;
    assert!(text.contains("/consent?invite="), "{text}");
    assert!(
        text.contains("secret of the person it is sent to"),
        "{text}"
    );
}

/// In every state but one: an admin may consent again at any time.
#[tokio::test]
async fn a_suspended_tenant_has_no_link_and_an_unknown_one_neither() {
    let world = World::start().await;
    let rows = [
        (S::Active, None, ""),
        (S::Degraded, Some(C::Unavailable), ""),
        (S::Removed, None, ""),
        (
            S::Suspended,
            Some(C::Suspended),
            "`operator tenants resume ",
        ),
    ];
    for (status, cause, refusal) in rows {
        let world = World::start().await;
        let tenant = tenant(TENANT, status, cause.map(Cause::new));
        world.connect(&tenant).await;
        let ran = world.run(&["tenants", "link", TENANT]).await;
        let made = ran.out.contains("/consent?invite=");
        assert_eq!(made, refusal.is_empty(), "{status}: {ran:?}");
        assert!(ran.err.contains(refusal), "{status}: {ran:?}");
    }
    let ran = world.run(&["tenants", "link", TENANT]).await;
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Failed, ""));
}

#[tokio::test]
async fn where_an_admin_has_to_act_the_command_is_named_and_no_link_made() {
    let rows = [
        (S::Active, None, false),
        (S::Propagating, Some(C::RolesMissing), false),
        (S::Propagating, Some(C::ResourceMissing), true),
        (S::Degraded, Some(C::BlockedByPolicy), true),
        (S::Degraded, Some(C::Unavailable), false),
        (S::Revoked, Some(C::ApplicationDisabled), true),
        (S::Suspended, Some(C::Suspended), false),
        (S::Removed, None, true),
    ];
    for (status, cause, expected) in rows {
        let world = World::start().await;
        let tenant = tenant(TENANT, status, cause.map(Cause::new));
        world.connect(&tenant).await;
        let show = ["tenants", "show", TENANT, "--json"];
        let shown = world.run(&show).await.json();
        assert_eq!(shown["consent_needed"], expected, "{status}");
        let text = world.run(&["tenants", "show", TENANT]).await.out;
        let named = text.contains(&format!("`operator tenants link {TENANT}`"));
        assert_eq!(named, expected, "{text}");
        assert!(!text.contains("invite="), "{text}");
        let said = cause.map(C::what_happened);
        assert_eq!(shown["what_happened"], json!(said), "{status}");
        if let Some(code) = cause {
            let turn = tenant.fault().unwrap_or(code.fault()).whose_turn();
            assert!(text.contains(turn), "{text}");
        }
    }
}

#[tokio::test]
async fn without_the_reply_url_no_link_can_be_made() {
    let world = World::start().await;
    let revoked = tenant(TENANT, S::Revoked, Some(C::NotConsented.into()));
    world.connect(&revoked).await;
    world.change_run("/settings/CONSENT_REDIRECT_URI", json!(""));
    let ran = world.run(&["tenants", "link", TENANT]).await;
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Failed, ""));
    assert!(
        ran.err.contains("CONSENT_REDIRECT_URI is not set"),
        "{ran:?}"
    );
    // What is only read needs no such setting.
    let shown = world.run(&["tenants", "show", TENANT]).await;
    assert_eq!((shown.exit, shown.err.as_str()), (Exit::Done, ""));
}
