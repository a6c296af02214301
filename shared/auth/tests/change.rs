//! What an operator makes of a tenant, against other writers: what is tried again, on
//! what, and when it is given up. A suspended tenant comes back by a proof only.

use std::sync::Arc;

use auth::cause::CauseCode;
use auth::change::{ChangeError, Changed, Changing, ResumeError, Resuming};
use auth::requirements::Requirements;
use auth::{Customer, Tenant, TenantStatus, Timestamp};

use crate::fakes::World;
use crate::raced::{Raced, tenant};

use TenantStatus as S;

/// The rounds of a change.
const ROUNDS: u32 = 4;

fn changing(world: &World, tenants: &Arc<Raced>) -> Changing {
    Changing {
        tenants: tenants.clone(),
        clock: world.clock.clone(),
    }
}

async fn removed(world: &World, tenants: &Arc<Raced>) -> Result<Changed, ChangeError> {
    let seen = tenant(S::Active, 0);
    changing(world, tenants).remove(&seen).await
}

async fn resumed(world: &World, tenants: &Arc<Raced>) -> Result<Changed, ResumeError> {
    let resuming = Resuming {
        changing: changing(world, tenants),
        issuer: world.issuer.clone(),
        requirements: Requirements::new(None, vec!["ActivityFeed.Read".into()]),
    };
    resuming.resume(&tenant(S::Suspended, 0)).await
}

fn asked(world: &World) -> u32 {
    world.issuer.asked.load(std::sync::atomic::Ordering::SeqCst)
}

#[tokio::test]
async fn each_retry_is_on_what_was_read_anew() {
    let world = World::with_token(3600);
    let tenants = Raced::new(ROUNDS - 1, Some(tenant(S::Revoked, 0)));
    let changed = removed(&world, &tenants).await.unwrap();
    assert_eq!(changed.before.unwrap().status, S::Revoked);
    let after = &changed.tenant;
    assert_eq!(after.status, S::Removed);
    assert_eq!(after.cause, Some(CauseCode::Removed.into()));
    assert_eq!(after.cause_resource, None);
    assert_eq!(after.since, world.now());
    let versions: Vec<_> = tenants.written().into_iter().map(|it| it.read).collect();
    assert_eq!(versions, ["0", "1", "2", "3"]);
}

#[tokio::test]
async fn gives_up_when_it_is_never_first() {
    let world = World::with_token(3600);
    let tenants = Raced::new(ROUNDS, Some(tenant(S::Active, 0)));
    let error = removed(&world, &tenants).await.unwrap_err();
    assert!(matches!(error, ChangeError::Busy), "{error}");
    assert!(error.to_string().contains("try again"), "{error}");
    assert_eq!(tenants.count(), ROUNDS);
}

#[tokio::test]
async fn a_tenant_that_somebody_else_removed_is_removed() {
    let world = World::with_token(3600);
    let tenants = Raced::new(1, Some(tenant(S::Removed, 0)));
    let changed = removed(&world, &tenants).await.unwrap();
    assert!(changed.before.is_none());
    assert_eq!(tenants.count(), 1);
}

#[tokio::test]
async fn a_tenant_that_came_to_another_account_meanwhile_is_left_to_a_second_look() {
    let moved = Tenant {
        customer: "Fabrikam".parse().unwrap(),
        ..tenant(S::Active, 0)
    };
    let world = World::with_token(3600);
    let tenants = Raced::new(1, Some(moved.clone()));
    let refused = removed(&world, &tenants).await.unwrap_err();
    assert!(matches!(refused, ChangeError::Moved), "{refused}");
    assert_eq!(tenants.count(), 1);

    // To where it was to be moved: nothing is left to do.
    let tenants = Raced::new(1, Some(moved.clone()));
    let changing = changing(&world, &tenants);
    let seen = tenant(S::Active, 0);
    let changed = changing.move_to(&seen, &moved.customer).await.unwrap();
    assert!(changed.before.is_none());
    assert_eq!(changed.tenant.customer, moved.customer);
}

#[tokio::test]
async fn a_tenant_that_is_gone_is_not_made_anew() {
    let world = World::with_token(3600);
    let tenants = Raced::new(1, None);
    let error = removed(&world, &tenants).await.unwrap_err();
    assert!(matches!(error, ChangeError::NotConnected), "{error}");
    let tenants = Raced::new(1, None);
    let error = resumed(&world, &tenants).await.unwrap_err();
    let gone = ResumeError::Change(ChangeError::NotConnected);
    assert_eq!(error.to_string(), gone.to_string());
}

#[tokio::test]
async fn suspending_and_moving_are_changes_and_keep_what_they_do_not_mean() {
    let world = World::with_token(3600);
    let tenants = Raced::new(0, None);
    let changing = changing(&world, &tenants);
    let seen = tenant(S::Degraded, 0);
    changing.suspend(&seen).await.unwrap();
    let to: Customer = "Fabrikam".parse().unwrap();
    changing.move_to(&seen, &to).await.unwrap();
    let written = tenants.written();
    assert_eq!((written[0].how, written[1].how), ("change", "change"));
    let (suspended, moved) = (&written[0].after, &written[1].after);
    assert_eq!(suspended.status, S::Suspended);
    assert_eq!(suspended.cause, Some(CauseCode::Suspended.into()));
    assert_eq!(suspended.customer, seen.customer);
    assert_eq!((moved.status, &moved.customer), (S::Degraded, &to));
    assert_eq!((&moved.cause, moved.since), (&seen.cause, seen.since));
}

#[tokio::test]
async fn a_proof_brings_a_suspended_tenant_back_as_active() {
    let world = World::with_token(3600);
    let tenants = Raced::new(1, Some(tenant(S::Suspended, 0)));
    let changed = resumed(&world, &tenants).await.unwrap();
    assert_eq!(changed.before.unwrap().status, S::Suspended);
    let written = tenants.written();
    let last = written.last().unwrap();
    assert_eq!((last.how, last.records, written.len()), ("connect", 1, 2));
    assert_eq!(last.after.status, S::Active);
    assert_eq!(
        (&last.after.cause, &last.after.cause_resource),
        (&None, &None)
    );
    assert_eq!(last.after.roles, ["ActivityFeed.Read"]);
    assert_eq!(last.after.since, world.now());
    assert_eq!(last.after.consented_at, Some(Timestamp::from_unix(0)));
    assert_eq!(asked(&world), 1, "the proof is not repeated with the write");
}

#[tokio::test]
async fn a_proof_that_fails_changes_nothing() {
    let other = "1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357";
    let (ours, role) = (crate::fakes::tenant().to_string(), "ActivityFeed.Read");
    type Answer<'a> = Box<dyn Fn(&World) + 'a>;
    let rows: [(Answer<'_>, CauseCode); 4] = [
        (
            Box::new(|world| world.issuer.refuse(CauseCode::NotConsented)),
            CauseCode::NotConsented,
        ),
        (
            Box::new(|world| world.issuer.refuse(CauseCode::CredentialRefused)),
            CauseCode::CredentialRefused,
        ),
        (
            Box::new(|world| world.issuer.give_claims(&ours, "ServiceHealth.Read")),
            CauseCode::RolesMissing,
        ),
        (
            Box::new(|world| world.issuer.give_claims(other, role)),
            CauseCode::TokenInvalid,
        ),
    ];
    for (answer, expected) in rows {
        let world = World::with_token(3600);
        answer(&world);
        let tenants = Raced::new(0, None);
        match resumed(&world, &tenants).await.unwrap_err() {
            ResumeError::NotProven(failed) => assert_eq!(failed.error.cause.code, expected),
            other => panic!("{other}"),
        }
        assert_eq!(tenants.count(), 0, "{expected}");
    }
}

#[tokio::test]
async fn what_is_not_suspended_is_neither_asked_for_nor_changed() {
    for status in S::ALL.iter().filter(|status| **status != S::Suspended) {
        let world = World::with_token(3600);
        let tenants = Raced::new(0, None);
        let resuming = Resuming {
            changing: changing(&world, &tenants),
            issuer: world.issuer.clone(),
            requirements: Requirements::new(None, vec![]),
        };
        let changed = resuming.resume(&tenant(*status, 0)).await.unwrap();
        assert!(changed.before.is_none(), "{status}");
        assert_eq!((asked(&world), tenants.count()), (0, 0), "{status}");
    }
}

#[tokio::test]
async fn a_tenant_that_was_removed_during_the_proof_stays_removed() {
    let world = World::with_token(3600);
    let tenants = Raced::new(1, Some(tenant(S::Removed, 0)));
    let changed = resumed(&world, &tenants).await.unwrap();
    assert_eq!(changed.tenant.status, S::Removed);
    assert!(changed.before.is_none());
    assert_eq!(tenants.count(), 1);
}
