//! `tenants show` prints a fresh consent link where an admin of the tenant has to act, and
//! no link where nobody has to.

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
    let show = ["tenants", "show", TENANT, "--json"];
    let first = world.run(&show).await.json();
    let link = first["consent_url"].as_str().unwrap();
    let (page, id) = link.split_once("?invite=").unwrap();
    assert_eq!(page, "http://localhost:8080/consent");
    let id: InviteId = id.parse().unwrap();
    let invite = world.table.find_invite(&id.key()).await.unwrap().unwrap();
    assert_eq!(invite.customer, revoked.customer);
    assert_eq!(
        (invite.tenant, invite.cloud),
        (Some(revoked.id), Some(Cloud::Gcc))
    );
    let life = invite.created_at.seconds_until(invite.expires_at);
    assert_eq!(life, 7 * 24 * 60 * 60);

    let again = world.run(&show).await.json();
    assert_ne!(again["consent_url"], first["consent_url"], "each is fresh");
    let text = world.run(&["tenants", "show", TENANT]).await.out;
    let line = text.lines().find(|line| line.starts_with("consent link"));
    assert!(line.unwrap().contains("/consent?invite="), "{text}");
    assert!(
        text.contains("secret of the person it is sent to"),
        "{text}"
    );
    assert_eq!(text.matches("invite=").count(), 1, "{text}");
}

#[tokio::test]
async fn only_where_an_admin_has_to_act_there_is_a_link() {
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
        assert_eq!(shown["consent_url"].is_string(), expected, "{status}");
        let text = world.run(&["tenants", "show", TENANT]).await.out;
        assert_eq!(text.contains("consent link "), expected, "{text}");
        let told = cause.map(C::what_happened);
        assert_eq!(shown["what_happened"], json!(told), "{status}");
        if let Some(code) = cause {
            let turn = tenant.fault().unwrap_or(code.fault()).whose_turn();
            assert!(text.contains(turn), "{text}");
        }
    }
}

#[tokio::test]
async fn without_the_settings_the_field_says_how_to_get_a_link() {
    let world = World::start().await;
    let revoked = tenant(TENANT, S::Revoked, Some(C::NotConsented.into()));
    world.connect(&revoked).await;
    world.change_run("/settings/CONSENT_REDIRECT_URI", json!(""));
    let outcome = world.run(&["tenants", "show", TENANT]).await;
    assert_eq!((outcome.exit, outcome.err.as_str()), (Exit::Done, ""));
    let text = outcome.out;
    let line = text.lines().find(|line| line.starts_with("consent link"));
    let line = line.unwrap();
    for part in [
        "none",
        "CONSENT_REDIRECT_URI is not set",
        "operator invite",
        TENANT,
    ] {
        assert!(line.contains(part), "{line}");
    }
    let shown = world
        .run(&["tenants", "show", TENANT, "--json"])
        .await
        .json();
    assert_eq!(shown["consent_url"], json!(null));
}
