//! `tenants suspend` and `tenants resume`: what the operator holds back, and that a token
//! has to show that it can come back.

use std::sync::Arc;
use std::time::Duration;

use auth::change::{ChangeError, Changing};
use auth::{Cause, CauseCode, TenantStatus, Timestamp};
use aws::SystemClock;
use operator::Exit;
use serde_json::json;

use crate::authority::Authority;
use crate::world::{OTHER, TENANT, World, tenant};

const HOUR: Duration = Duration::from_secs(3600);

async fn connected(id: &str) -> World {
    let world = World::start().await;
    world.connect(&tenant(id, TenantStatus::Active, None)).await;
    world
}

/// A suspended tenant of the simulator's, and the simulator.
async fn suspended() -> (World, Authority, String) {
    let world = World::start().await;
    let authority = Authority::start(&world, 1).await;
    let id = authority.tenants[0].clone();
    let cause = Some(CauseCode::Suspended.into());
    world
        .connect(&tenant(&id, TenantStatus::Suspended, cause))
        .await;
    (world, authority, id)
}

#[tokio::test]
async fn suspending_deletes_the_tokens_and_says_how_it_is_lifted() {
    let world = connected(TENANT).await;
    let token = world.hold_token(TENANT, HOUR).await;
    let suspend = ["tenants", "suspend", TENANT, "--yes"];
    let outcome = world.run(&suspend).await;
    assert_eq!((outcome.exit, outcome.err.as_str()), (Exit::Done, ""));
    for part in [
        "is suspended",
        "VEND_STATE_MAX_AGE_SECONDS",
        "tenants resume",
    ] {
        assert!(outcome.out.contains(part), "{outcome:?}");
    }
    let found = world.find(TENANT).await;
    assert_eq!(found.status, TenantStatus::Suspended);
    assert_eq!(found.cause, Some(CauseCode::Suspended.into()));
    let refused = world.run(&["token", TENANT, "--raw"]).await;
    assert!(refused.refusal().contains("is suspended"), "{refused:?}");
    assert!(!refused.err.contains(&token));
    let show = ["tenants", "show", TENANT, "--json"];
    assert_eq!(world.run(&show).await.json()["tokens"][0]["state"], "none");

    let again = world.run(&suspend).await;
    assert!(again.out.contains("suspended already"), "{again:?}");
    let json = world
        .run(&[&suspend[..], &["--json"]].concat())
        .await
        .json();
    let expected = (&json!(false), &json!("suspended"));
    assert_eq!((&json["changed"], &json["status"]), expected);
}

#[tokio::test]
async fn a_person_is_asked_before_a_suspension_and_can_say_no() {
    let world = connected(TENANT).await;
    let suspend = ["tenants", "suspend", TENANT];
    let no = world.run_typing(&suspend, "no\n").await;
    assert_eq!((no.exit, no.out.as_str()), (Exit::Failed, ""));
    for part in ["Contoso, Inc.", "Type yes", "nothing was suspended"] {
        assert!(no.err.contains(part), "{no:?}");
    }
    assert_eq!(world.find(TENANT).await.status, TenantStatus::Active);
    let yes = world.run_typing(&suspend, "yes\n").await;
    assert_eq!(yes.exit, Exit::Done, "{yes:?}");
    assert_eq!(world.find(TENANT).await.status, TenantStatus::Suspended);
}

#[tokio::test]
async fn what_cannot_be_held_back_or_let_go_says_what_to_do() {
    let world = connected(TENANT).await;
    world
        .connect(&tenant(OTHER, TenantStatus::Removed, None))
        .await;
    let unknown = "00000000-0000-0000-0000-000000000001";
    let rows: [(&[&str], Exit, &str); 6] = [
        (&["suspend", TENANT], Exit::Usage, "add --yes"),
        (&["suspend", OTHER, "--yes"], Exit::Failed, "was removed at"),
        (
            &["suspend", unknown, "--yes"],
            Exit::Failed,
            "operator invite",
        ),
        (&["resume", OTHER], Exit::Failed, "opens a consent link"),
        (&["resume", unknown], Exit::Failed, "operator invite"),
        (&["resume", OTHER, "--json"], Exit::Failed, "tenants link"),
    ];
    for (line, exit, part) in rows {
        let outcome = world.run(&[&["tenants"], line].concat()).await;
        assert_eq!((outcome.exit, outcome.out.as_str()), (exit, ""));
        assert_eq!(outcome.err.lines().count(), 1, "{outcome:?}");
        assert!(outcome.err.contains(part), "{line:?}: {}", outcome.err);
    }
    assert_eq!(world.find(TENANT).await.status, TenantStatus::Active);
    assert_eq!(world.find(OTHER).await.status, TenantStatus::Removed);
}

#[tokio::test]
async fn resuming_proves_the_tenant_and_lets_it_go() {
    let (world, authority, id) = suspended().await;
    authority.grant(&authority.tenants);
    let outcome = world.run(&["tenants", "resume", &id]).await;
    assert_eq!((outcome.exit, outcome.err.as_str()), (Exit::Done, ""));
    assert!(outcome.out.contains("is active again"), "{outcome:?}");
    assert!(outcome.out.contains("ActivityFeed.Read"), "{outcome:?}");
    assert_eq!(authority.asked().await, 1);
    let found = world.find(&id).await;
    assert_eq!((found.status, found.cause), (TenantStatus::Active, None));
    let consented_at = found.consented_at.map(Timestamp::unix);
    assert_eq!(consented_at, Some(1_431_655_100), "nobody consented");
    let vended = world.run(&["token", &id]).await.json();
    assert_eq!(vended["claims"]["tid"], id);

    let again = world.run(&["tenants", "resume", &id]).await;
    assert_eq!(again.exit, Exit::Done);
    assert!(again.out.contains("not suspended but active"), "{again:?}");
    assert_eq!(authority.asked().await, 2, "the vend's, and no further one");
}

#[tokio::test]
async fn a_proof_that_fails_is_told_by_the_catalogue_and_changes_nothing() {
    let other = microsoft::certificate::create("another", 1, auth::Timestamp::from_unix(0));
    let other = other.unwrap().der;
    let rows = [
        (json!(null), CauseCode::NotConsented, "AADSTS7000229"),
        (json!({"kind": "role_removed"}), CauseCode::RolesMissing, ""),
        (
            json!({"kind": "app_disabled"}),
            CauseCode::ApplicationDisabled,
            "AADSTS7000112",
        ),
        (
            json!({"kind": "throttle", "value": 1}),
            CauseCode::Throttled,
            "",
        ),
        (json!("key"), CauseCode::CredentialRefused, "AADSTS700027"),
    ];
    for (fault, code, number) in rows {
        let (world, authority, id) = suspended().await;
        match &fault {
            serde_json::Value::Null => {}
            serde_json::Value::String(_) => {
                authority.grant(&authority.tenants);
                authority.register(&[&other]);
            }
            fault => {
                authority.grant(&authority.tenants);
                authority.fault(fault.clone()).await;
            }
        }
        let before = world.find(&id).await;
        let outcome = world.run(&["tenants", "resume", &id]).await;
        let refusal = outcome.refusal();
        // Nobody else tries again for a suspended tenant.
        let next = match (code.is_transient(), code.is_revocation()) {
            (true, _) => "Run the command again later.",
            // A suspended tenant's link is refused: the way is out and in again.
            (_, true) => "operator tenants remove",
            (false, false) => code.next_step(),
        };
        for part in [
            code.as_str(),
            number,
            code.what_happened(),
            code.fault().whose_turn(),
            next,
            "Nothing was changed",
        ] {
            assert!(refusal.contains(part), "{code}: {part}: {refusal}");
        }
        let after = world.find(&id).await;
        assert_eq!(after.version, before.version, "{code}");
        assert_eq!(after.cause, Some(Cause::new(CauseCode::Suspended)));
    }
}

#[tokio::test]
async fn who_comes_second_decides_on_what_the_first_one_wrote() {
    let world = connected(TENANT).await;
    let changing = Changing {
        tenants: Arc::new(world.table.clone()),
        clock: Arc::new(SystemClock),
    };
    let seen = world.find(TENANT).await;
    world.run(&["tenants", "suspend", TENANT, "--yes"]).await;
    let removed = changing.remove(&seen).await.unwrap();
    assert_eq!(removed.before.unwrap().status, TenantStatus::Suspended);
    assert_eq!(world.find(TENANT).await.status, TenantStatus::Removed);

    let seen = world.find(TENANT).await;
    let there = ["tenants", "move", TENANT, "--to", "Fabrikam", "--yes"];
    assert_eq!(world.run(&there).await.exit, Exit::Done);
    let to = "Litware".parse().unwrap();
    let refused = changing.move_to(&seen, &to).await.unwrap_err();
    assert!(matches!(refused, ChangeError::Moved), "{refused}");
    assert_eq!(world.find(TENANT).await.customer.as_str(), "Fabrikam");
}
