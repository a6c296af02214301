//! The vend under a table and an authority that are held in memory: what is served
//! from where, what is refused, and what fails closed.

use std::sync::atomic::Ordering;
use std::time::Duration;

use auth::cause::CauseCode;
use auth::ports::StoreError;
use auth::tenant::TenantStatus;
use auth::vend::{DEFAULT_MIN_TTL, Source, VendRefusal};

use crate::fakes::{World, resource, tenant};

const ANY: Duration = Duration::ZERO;

#[tokio::test]
async fn memory_serves_until_the_state_is_too_old_then_the_table_does() {
    let world = World::with_token(3599);
    let source = async || {
        world
            .vend
            .vend(tenant(), &resource(), ANY)
            .await
            .unwrap()
            .source
    };
    assert_eq!(source().await, Source::Table);
    assert_eq!(source().await, Source::Memory);
    world.clock.advance(30);
    assert_eq!(source().await, Source::Table);
    assert_eq!(world.store.reads.load(Ordering::SeqCst), 2);
    assert_eq!(world.issuer.asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_tenant_that_was_revoked_is_refused_once_the_state_is_read_again() {
    let world = World::with_token(3599);
    world.vend.vend(tenant(), &resource(), ANY).await.unwrap();
    world
        .store
        .change(|record| record.status = TenantStatus::Revoked);
    world.clock.advance(30);
    let refused = world.vend.vend(tenant(), &resource(), ANY).await;
    assert!(matches!(
        refused,
        Err(VendRefusal::NotActive {
            status: TenantStatus::Revoked,
            ..
        })
    ));
}

#[tokio::test]
async fn a_table_that_does_not_answer_fails_closed_after_the_state_is_too_old() {
    let world = World::with_token(3599);
    world.vend.vend(tenant(), &resource(), ANY).await.unwrap();
    world.store.fail(StoreError::Unavailable("down".into()));
    world.clock.advance(29);
    assert!(world.vend.vend(tenant(), &resource(), ANY).await.is_ok());
    world.clock.advance(1);
    let refused = world.vend.vend(tenant(), &resource(), ANY).await;
    assert!(matches!(refused, Err(VendRefusal::Store(_))));
}

#[tokio::test]
async fn a_token_that_lives_too_short_is_renewed_and_served_all_the_same_when_that_fails() {
    let world = World::with_token(300);
    world.issuer.refuse(CauseCode::Unavailable);
    let vended = world
        .vend
        .vend(tenant(), &resource(), DEFAULT_MIN_TTL)
        .await
        .unwrap();
    assert_eq!(vended.source, Source::Table);
    assert_eq!(world.issuer.asked.load(Ordering::SeqCst), 1);

    // The failure is remembered: nobody asks again for a while.
    world
        .vend
        .vend(tenant(), &resource(), DEFAULT_MIN_TTL)
        .await
        .unwrap();
    assert_eq!(world.issuer.asked.load(Ordering::SeqCst), 1);

    world.issuer.give(3599);
    world.clock.advance(60);
    let vended = world
        .vend
        .vend(tenant(), &resource(), DEFAULT_MIN_TTL)
        .await
        .unwrap();
    assert_eq!(vended.source, Source::Entra);
}

#[tokio::test]
async fn without_a_living_token_a_failure_tells_when_to_ask_again() {
    let world = World::with_token(0);
    world.issuer.refuse(CauseCode::Throttled);
    let refused = world.vend.vend(tenant(), &resource(), ANY).await;
    let Err(VendRefusal::NoToken {
        cause, retry_at, ..
    }) = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(cause.code, CauseCode::Throttled);
    assert!(retry_at > world.now());
    // Who asks again before that is told the same, without a request.
    let refused = world.vend.vend(tenant(), &resource(), ANY).await;
    assert!(
        matches!(refused, Err(VendRefusal::NoToken { cause, .. }) if cause.code == CauseCode::Throttled)
    );
    assert_eq!(world.issuer.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_life_that_entra_never_gives_does_not_cost_a_request_at_every_vend() {
    let world = World::with_token(3599);
    let day = Duration::from_secs(86_400);
    for _ in 0..5 {
        world.vend.vend(tenant(), &resource(), day).await.unwrap();
    }
    assert_eq!(world.issuer.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_vend_never_takes_a_tenant_for_revoked_by_itself() {
    let world = World::with_token(0);
    world.issuer.refuse(CauseCode::NotConsented);
    let refused = world.vend.vend(tenant(), &resource(), ANY).await;
    assert!(
        matches!(refused, Err(VendRefusal::NoToken { cause, .. }) if cause.code == CauseCode::NotConsented)
    );
    assert_eq!(world.store.tenant().status, TenantStatus::Active);
}

#[tokio::test]
async fn a_token_of_another_tenant_or_without_roles_is_neither_kept_nor_served() {
    let other = "1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357";
    for (tid, roles) in [
        (other, "ActivityFeed.Read"),
        (&tenant().to_string()[..], "Other"),
    ] {
        let world = World::with_token(0);
        world.issuer.give_claims(tid, roles);
        let refused = world.vend.vend(tenant(), &resource(), ANY).await;
        assert!(refused.is_err(), "{tid} {roles}");
        assert!(
            world
                .store
                .record()
                .token
                .is_none_or(|token| !token.lives_for(0, world.now()))
        );
    }
}

#[tokio::test]
async fn a_fault_of_ours_refuses_the_vend_and_leaves_the_tenant_as_it_was() {
    let world = World::with_token(0);
    world.issuer.refuse(CauseCode::CredentialRefused);
    let refused = world.vend.vend(tenant(), &resource(), ANY).await;
    assert!(
        matches!(refused, Err(VendRefusal::NoToken { .. })),
        "{refused:?}"
    );
    assert_eq!(world.store.tenant().status, TenantStatus::Active);
}

#[tokio::test]
async fn who_loses_the_race_hands_out_what_the_winner_wrote() {
    let world = World::with_token(0);
    world.store.another_writer_is_first(1800);
    let vended = world.vend.vend(tenant(), &resource(), ANY).await.unwrap();
    assert_eq!(vended.expires_at.unix() - world.now().unix(), 1800);
}

#[tokio::test]
async fn an_unknown_tenant_is_not_found_and_costs_no_request() {
    let world = World::with_token(3599);
    let unknown = "1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357".parse().unwrap();
    let refused = world.vend.vend(unknown, &resource(), ANY).await;
    assert!(matches!(refused, Err(VendRefusal::NotFound)));
    assert_eq!(world.issuer.asked.load(Ordering::SeqCst), 0);
}
