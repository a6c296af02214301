//! Many processes miss the same token at once: one asks Entra ID, the others wait for
//! what it writes, and nobody waits for ever.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use auth::cause::{Cause, CauseCode};
use auth::ports::StoreError;
use auth::tenant::TenantStatus;
use auth::vend::{DEFAULT_MIN_TTL, Source, VendRefusal, Vended};

use crate::fakes::{World, resource, tenant};

const LEASE: Duration = Duration::from_secs(30);

async fn vend(world: &World) -> Result<Vended, VendRefusal> {
    world
        .vend
        .vend(tenant(), &resource(), DEFAULT_MIN_TTL)
        .await
}

fn asked(world: &World) -> u32 {
    world.issuer.asked.load(Ordering::SeqCst)
}

#[tokio::test]
async fn who_misses_takes_the_lease_asks_and_gives_it_back() {
    let world = World::with_token(0);
    assert_eq!(vend(&world).await.unwrap().source, Source::Entra);
    assert_eq!(world.leases.taken.load(Ordering::SeqCst), 1);
    assert!(!world.leases.is_held());

    world.clock.advance(4000);
    world.issuer.refuse(CauseCode::Unavailable);
    assert!(vend(&world).await.is_err());
    assert!(!world.leases.is_held(), "given back after a failure too");
}

#[tokio::test]
async fn who_finds_it_taken_waits_for_what_the_holder_writes() {
    let world = World::with_token(0);
    world.leases.held_by_another(world.now() + LEASE);
    let store = Arc::clone(&world.store);
    world.pause.meanwhile(move |pauses| {
        if pauses == 3 {
            store.write_token(3599);
        }
    });
    assert_eq!(vend(&world).await.unwrap().source, Source::Table);
    assert_eq!(world.pause.pauses.load(Ordering::SeqCst), 3);
    assert_eq!(asked(&world), 0);
}

#[tokio::test]
async fn who_waits_is_told_the_holders_failure_and_the_tenants_new_state() {
    let world = World::with_token(0);
    world.leases.held_by_another(world.now() + LEASE);
    let (store, retry_at) = (Arc::clone(&world.store), world.now() + LEASE);
    world.pause.meanwhile(move |_| {
        store.change(|record| {
            record.next_attempt_at = Some(retry_at);
            record.last_failure = Some(Cause::new(CauseCode::Throttled));
        });
    });
    let refused = vend(&world).await.unwrap_err();
    let VendRefusal::NoToken { cause, .. } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(cause.code, CauseCode::Throttled);

    let world = World::with_token(0);
    world.leases.held_by_another(world.now() + LEASE);
    let store = Arc::clone(&world.store);
    world
        .pause
        .meanwhile(move |_| store.change(|record| record.status = TenantStatus::Revoked));
    let refused = vend(&world).await.unwrap_err();
    assert!(
        matches!(refused, VendRefusal::NotActive { .. }),
        "{refused:?}"
    );
    assert_eq!(asked(&world), 0);
}

#[tokio::test]
async fn who_waits_in_vain_is_served_what_still_lives_or_told_to_come_back_soon() {
    for (life, served) in [(300, true), (0, false)] {
        let world = World::with_token(life);
        world.leases.held_by_another(world.now() + LEASE);
        match vend(&world).await {
            Ok(vended) => assert!(served && vended.source == Source::Table),
            Err(VendRefusal::NoToken { retry_at, .. }) => {
                assert!(!served && world.now().seconds_until(retry_at) <= 5);
            }
            Err(other) => panic!("{other:?}"),
        }
        let pauses = world.pause.pauses.load(Ordering::SeqCst);
        assert!((10..20).contains(&pauses), "{pauses}");
        assert_eq!(asked(&world), 0);
    }
}

#[tokio::test]
async fn a_holder_that_died_is_replaced_when_its_lease_ends() {
    let world = World::with_token(0);
    world.leases.held_by_another(world.now() + LEASE);
    let clock = Arc::clone(&world.clock);
    world.pause.meanwhile(move |_| clock.advance(10));
    assert_eq!(vend(&world).await.unwrap().source, Source::Entra);
    assert_eq!(world.pause.pauses.load(Ordering::SeqCst), 3);
    assert_eq!(asked(&world), 1);
}

#[tokio::test]
async fn without_a_table_there_is_no_lease_and_nobody_asks() {
    let world = World::with_token(0);
    world.store.fail(StoreError::Unavailable("down".into()));
    let refused = vend(&world).await.unwrap_err();
    assert!(matches!(refused, VendRefusal::Store(_)), "{refused:?}");
    assert_eq!(asked(&world), 0);
}
