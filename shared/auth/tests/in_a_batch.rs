//! What a batch asks of a vend besides: an end to waiting, and records that are read together
//! before they are opened.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use auth::cause::CauseCode;
use auth::ports::{Clock as _, NotRenewed, TokenRenewer};
use auth::tenant::TenantStatus;
use auth::vend::{DEFAULT_MIN_TTL, Taken, VendRefusal, Wanted};
use auth::{Resource, TenantId};

use crate::fakes::{World, resource, tenant};

/// As old as memory may be.
const STATE_MAX_AGE: i64 = 30;

/// Gives no answer.
struct Never;

#[async_trait]
impl TokenRenewer for Never {
    async fn renew(&self, _: TenantId, _: &Resource) -> Result<(), NotRenewed> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_caller_without_time_gets_what_there_is_and_leaves_no_lease_behind() {
    // Seconds that the token lives, seconds that the caller has, whether there is a token,
    // whether one was asked for.
    let rows = [
        (300, 10, true, 1),
        (300, 0, true, 0),
        (0, 10, false, 1),
        (0, 0, false, 0),
    ];
    for (life, left, expected, asked) in rows {
        let row = format!("{life} s of life, {left} s of time");
        let world = World::renewed_by(life, |_| Arc::new(Never));
        let wanted = Wanted {
            until: Some(world.clock.since_start() + Duration::from_secs(left)),
            ..Wanted::living(DEFAULT_MIN_TTL)
        };
        let resource = resource();
        let opened = world.vend.open(tenant(), &resource, wanted).await.unwrap();
        match opened.token().await {
            Ok(Taken::Vended(_)) => assert!(expected, "{row}"),
            Err(VendRefusal::NoToken { cause, .. }) => {
                assert!(!expected, "{row}");
                assert_eq!(cause.code, CauseCode::BrokerUnavailable, "{row}");
            }
            _ => panic!("{row}: another outcome"),
        }
        let taken = world.leases.taken.load(Ordering::SeqCst);
        assert_eq!((taken, world.leases.is_held()), (asked, false), "{row}");
    }
}

/// Reads ahead, lets time pass and something happen, and opens: how often the table was read
/// then, and the state that the caller is judged by.
async fn opened(seconds: i64, meanwhile: &str) -> (u32, TenantStatus) {
    let world = World::with_token(3_599);
    let (resource, wanted) = (resource(), Wanted::living(DEFAULT_MIN_TTL));
    let named = [(tenant(), resource.clone())];
    let ahead = world.vend.read_ahead(&named).await.remove(0);
    world.clock.advance(seconds);
    world
        .store
        .replace(|record| record.status = TenantStatus::Degraded);
    if meanwhile == "vended" {
        drop(world.vend.open(tenant(), &resource, wanted).await.unwrap());
    }
    let before = world.store.reads.load(Ordering::SeqCst);
    let opened = world.vend.open_read(tenant(), &resource, wanted, ahead);
    let opened = opened.await.unwrap();
    let status = opened.facts().connected.unwrap().status;
    (world.store.reads.load(Ordering::SeqCst) - before, status)
}

#[tokio::test]
async fn what_was_read_ahead_is_believed_as_long_as_memory_and_never_before_a_younger_record() {
    let rows = [
        (0, "nothing", (0, TenantStatus::Active)),
        (STATE_MAX_AGE, "nothing", (0, TenantStatus::Active)),
        (STATE_MAX_AGE + 1, "nothing", (1, TenantStatus::Degraded)),
        (1, "vended", (0, TenantStatus::Degraded)),
        (STATE_MAX_AGE + 1, "vended", (0, TenantStatus::Degraded)),
    ];
    for (seconds, meanwhile, expected) in rows {
        let found = opened(seconds, meanwhile).await;
        assert_eq!(found, expected, "{seconds} s, {meanwhile}");
    }
}

#[tokio::test]
async fn what_memory_serves_is_not_read_ahead_and_what_is_named_twice_is_read_once() {
    let world = World::with_token(3_599);
    let key = (tenant(), resource());
    let named = [key.clone(), key];
    let read = world.vend.read_ahead(&named).await;
    assert_eq!(world.store.reads.load(Ordering::SeqCst), 1);
    assert_eq!(read.iter().filter(|read| read.is_some()).count(), 1);
    let vended = world
        .vend
        .vend(tenant(), &named[0].1, DEFAULT_MIN_TTL)
        .await;
    assert!(vended.is_ok());
    let before = world.store.reads.load(Ordering::SeqCst);
    let read = world.vend.read_ahead(&named).await;
    assert!(read.iter().all(Option::is_none));
    assert_eq!(world.store.reads.load(Ordering::SeqCst), before);
}
