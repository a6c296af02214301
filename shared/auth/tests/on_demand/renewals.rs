//! Renewals on demand: the record decides whether Entra ID is asked, and no answer holds what
//! was got.

use std::sync::atomic::Ordering;
use std::time::Duration;

use auth::Timestamp;
use auth::cause::{Cause, CauseCode};
use auth::on_demand::RenewOnDemand;
use auth::ports::{NotRenewed, OutOfReach, StoreError, TokenRenewer as _};
use auth::tenant::TenantStatus;
use auth::token::TokenRecord;

use crate::fakes::{World, resource, tenant};

fn asked(world: &World) -> u32 {
    world.issuer.asked.load(Ordering::SeqCst)
}

fn renewer(world: &World) -> RenewOnDemand {
    RenewOnDemand::new(world.renewal.clone())
}

fn issued(record: &mut TokenRecord, at: Timestamp) {
    record.token.as_mut().unwrap().issued_at = at;
}

#[tokio::test]
async fn the_record_says_whether_there_is_anything_to_ask_for() {
    type Change = fn(&mut TokenRecord, Timestamp);
    // What the record says, whether it is answered as done, how often Entra ID is asked.
    let rows: [(&str, Change, bool, u32); 10] = [
        ("an old token", |_, _| {}, true, 1),
        ("no token", |record, _| record.token = None, true, 1),
        ("a token of this second", issued, true, 0),
        (
            "of 59 s ago",
            |r, now| issued(r, now - Duration::from_secs(59)),
            true,
            0,
        ),
        (
            "of a minute ago",
            |r, now| issued(r, now - Duration::from_secs(60)),
            true,
            1,
        ),
        (
            "a failure that is not over",
            |record, now| {
                record.next_attempt_at = Some(now + Duration::from_secs(1));
                record.last_failure = Some(Cause::new(CauseCode::Throttled));
            },
            false,
            0,
        ),
        (
            "one that is over",
            |record, now| record.next_attempt_at = Some(now),
            true,
            1,
        ),
        (
            "revoked",
            |record, _| record.status = TenantStatus::Revoked,
            true,
            0,
        ),
        (
            "suspended",
            |record, _| record.status = TenantStatus::Suspended,
            true,
            0,
        ),
        (
            "propagating",
            |record, _| record.status = TenantStatus::Propagating,
            true,
            0,
        ),
    ];
    for (name, change, done, requests) in rows {
        let world = World::with_token(3599);
        let now = world.now();
        world.store.change(|record| change(record, now));
        let outcome = renewer(&world).renew(tenant(), &resource()).await;
        assert_eq!(outcome.is_ok(), done, "{name}: {outcome:?}");
        assert_eq!(asked(&world), requests, "{name}");
    }
}

#[tokio::test]
async fn what_entra_refuses_is_answered_and_written_down() {
    let world = World::with_token(0);
    world.issuer.refuse(CauseCode::Throttled);
    let refused = renewer(&world)
        .renew(tenant(), &resource())
        .await
        .unwrap_err();
    let NotRenewed::Refused {
        cause,
        next_attempt_at,
    } = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(cause.code, CauseCode::Throttled);
    assert_eq!(world.store.record().next_attempt_at, Some(next_attempt_at));
    // A caller that insists is answered from the record.
    for _ in 0..100 {
        let again = renewer(&world).renew(tenant(), &resource()).await;
        assert!(matches!(again, Err(NotRenewed::Refused { .. })));
    }
    assert_eq!(asked(&world), 1);
}

#[tokio::test]
async fn a_tenant_that_is_gone_is_done_and_a_table_that_is_down_is_not() {
    let world = World::with_token(0);
    world.store.remove_record();
    assert!(renewer(&world).renew(tenant(), &resource()).await.is_ok());
    let world = World::with_token(0);
    world.store.fail(StoreError::Unavailable("down".into()));
    let refused = renewer(&world).renew(tenant(), &resource()).await;
    assert!(matches!(refused, Err(NotRenewed::Unable(_))), "{refused:?}");
    assert_eq!(asked(&world), 0);
}

#[tokio::test]
async fn renewals_of_one_tenant_are_limited_whatever_its_record_says() {
    let world = World::with_token(0);
    let renewer = renewer(&world);
    for _ in 0..30 {
        world.store.change(|record| record.token = None);
        assert!(renewer.renew(tenant(), &resource()).await.is_ok());
    }
    world.store.change(|record| record.token = None);
    let refused = renewer.renew(tenant(), &resource()).await;
    let busy = matches!(refused, Err(NotRenewed::OutOfReach(OutOfReach::Busy)));
    assert!(busy, "{refused:?}");
    assert_eq!(asked(&world), 30);
}
