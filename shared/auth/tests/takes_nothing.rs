//! A caller who is denied, or wants more than there is, takes nothing from the others.

use std::sync::atomic::Ordering;
use std::time::Duration;

use auth::cause::CauseCode;
use auth::ports::StoreError;
use auth::vend::{DEFAULT_MIN_TTL, Source, Wanted};

use crate::fakes::{World, resource, tenant};

const DAY: Duration = Duration::from_secs(86_400);
const LEASE: Duration = Duration::from_secs(30);

type Outage = (&'static str, fn(&World));

const OUTAGES: [Outage; 4] = [
    ("the table is down", |world| {
        world.store.fail(StoreError::Unavailable("down".into()));
    }),
    ("the table is gone", |world| {
        world.store.fail(StoreError::Broken("gone".into()));
    }),
    ("Entra ID is down", |world| {
        world.issuer.refuse(CauseCode::Unavailable);
    }),
    ("both are down", |world| {
        world.issuer.refuse(CauseCode::Throttled);
        world.store.fail(StoreError::Unavailable("down".into()));
    }),
];

/// What a caller may ask for.
fn attempts(world: &World) -> [(&'static str, Wanted); 7] {
    let token = world.store.record().token.unwrap();
    let rejected = Some(token.access_token.fingerprint());
    let (none, other) = (Duration::ZERO, Some([7; 32]));
    let wanted = |min_ttl, rejected| Wanted {
        rejected,
        ..Wanted::living(min_ttl)
    };
    let refused_before = Wanted {
        not_before: Some(world.now() + LEASE),
        ..Wanted::living(none)
    };
    [
        ("any token", wanted(none, None)),
        ("a usual one", wanted(DEFAULT_MIN_TTL, None)),
        ("one of a day", wanted(DAY, None)),
        ("another one", wanted(none, rejected)),
        ("another one of a day", wanted(DAY, rejected)),
        ("one that it does not know", wanted(DAY, other)),
        ("a later one", refused_before),
    ]
}

#[tokio::test]
async fn a_caller_who_is_denied_takes_nothing_from_those_who_are_permitted() {
    let resource = resource();
    for (outage, begins) in OUTAGES {
        let world = World::with_token(3599);
        let any = Duration::ZERO;
        world.vend.vend(tenant(), &resource, any).await.unwrap();
        let reads = world.store.reads.load(Ordering::SeqCst);
        let attempts = attempts(&world);
        begins(&world);
        for (attempt, wanted) in attempts {
            let row = format!("{outage}, {attempt}");
            for _ in 0..3 {
                // The policy looks at what is known of the tenant and denies.
                drop(world.vend.open(tenant(), &resource, wanted).await);
            }
            let vended = world.vend.vend(tenant(), &resource, any).await;
            assert_eq!(vended.unwrap().source, Source::Memory, "{row}");
        }
        assert_eq!(world.store.reads.load(Ordering::SeqCst), reads, "{outage}");
        assert_eq!(world.issuer.asked.load(Ordering::SeqCst), 0, "{outage}");
    }
}

#[tokio::test]
async fn a_caller_who_wants_more_than_there_is_takes_nothing_from_the_others() {
    let resource = resource();
    for (outage, begins) in OUTAGES {
        let world = World::with_token(3599);
        let any = Duration::ZERO;
        world.vend.vend(tenant(), &resource, any).await.unwrap();
        let attempts = attempts(&world);
        begins(&world);
        for (attempt, wanted) in attempts {
            for _ in 0..3 {
                let opened = world.vend.open(tenant(), &resource, wanted);
                drop(opened.await.unwrap().token().await);
            }
            let vended = world.vend.vend(tenant(), &resource, any).await;
            assert!(vended.is_ok(), "{outage}, {attempt}: {vended:?}");
        }
        assert!(world.issuer.asked.load(Ordering::SeqCst) <= 1, "{outage}");
    }
}

#[tokio::test]
async fn a_rejected_token_causes_one_request_a_minute_however_many_reject_it() {
    let resource = resource();
    let world = World::with_token(3599);
    let wanted = attempts(&world)[3].1;
    for (seconds, expected) in [(0, 1), (1, 1), (58, 1), (1, 2), (59, 2), (1, 3)] {
        world.clock.advance(seconds);
        for _ in 0..10 {
            let opened = world.vend.open(tenant(), &resource, wanted);
            drop(opened.await.unwrap().token().await);
        }
        let asked = world.issuer.asked.load(Ordering::SeqCst);
        assert_eq!(asked, expected, "after {seconds} s more");
    }
}
