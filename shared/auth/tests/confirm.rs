//! One answer is not the truth about a tenant: what a sequence of answers makes of it and of
//! its token.

use auth::cause::CauseCode;
use auth::refresh::{Refresh, RefreshReport};
use auth::renew::{Judgement, RenewalError};
use auth::tenant::TenantStatus;

use crate::fakes::World;

use Answer::{Gives, Refuses};
use CauseCode as C;
use TenantStatus as S;

/// `REVOCATION_CONFIRM_SECONDS` of the fakes.
pub(crate) const CONFIRM: i64 = 300;

#[derive(Clone, Copy)]
pub(crate) enum Answer {
    Gives,
    Refuses(CauseCode),
}

fn prepare(world: &World, answer: Answer) {
    match answer {
        Gives => world.issuer.give(3599),
        Refuses(code) => world.issuer.refuse(code),
    }
}

/// One attempt that is judged, as the refresher's and the operator's are.
async fn attempt(world: &World, answer: Answer) {
    prepare(world, answer);
    let record = world.store.record();
    let attempt = world.renewal.attempt(&record).await;
    let settled = world.renewal.settle(&record, &attempt, Judgement::Final);
    assert!(!matches!(settled.await, Err(RenewalError::Store(_))));
}

pub(crate) async fn run(world: &World, answer: Answer) -> RefreshReport {
    prepare(world, answer);
    let refresh = Refresh {
        tokens: world.store.clone(),
        leases: world.leases.clone(),
        runs: world.runs.clone(),
        spending: None,
        renewal: world.renewal.clone(),
        concurrency: 4,
        clock: world.clock.clone(),
        pause: world.pause.clone(),
    };
    let deadline = world.now() + std::time::Duration::from_secs(240);
    refresh.run(deadline).await
}

#[tokio::test]
async fn a_revocation_is_believed_when_it_is_refused_again_and_not_before() {
    // the answers with the seconds between them; status and token that come out
    type Row = (&'static [(i64, Answer)], TenantStatus, bool);
    let rows: &[Row] = &[
        (&[(0, Refuses(C::NotConsented))], S::Active, true),
        (&[(0, Refuses(C::RolesMissing))], S::Active, true),
        (&[(0, Refuses(C::ApplicationDisabled))], S::Active, true),
        (&[(0, Refuses(C::TenantNotFound))], S::Active, true),
        (
            &[
                (0, Refuses(C::NotConsented)),
                (CONFIRM - 1, Refuses(C::NotConsented)),
            ],
            S::Active,
            true,
        ),
        (
            &[
                (0, Refuses(C::NotConsented)),
                (CONFIRM, Refuses(C::NotConsented)),
            ],
            S::Revoked,
            false,
        ),
        // Another number says the same thing: there is no consent.
        (
            &[
                (0, Refuses(C::NotConsented)),
                (CONFIRM, Refuses(C::RolesMissing)),
            ],
            S::Revoked,
            false,
        ),
        // A third one in between does not start the wait again.
        (
            &[
                (0, Refuses(C::NotConsented)),
                (200, Refuses(C::NotConsented)),
                (100, Refuses(C::NotConsented)),
            ],
            S::Revoked,
            false,
        ),
        // A token says that all is well; what came before it does not count.
        (
            &[
                (0, Refuses(C::NotConsented)),
                (60, Gives),
                (CONFIRM, Refuses(C::NotConsented)),
            ],
            S::Active,
            true,
        ),
        // An outage, an unknown number and a fault of ours say nothing of the tenant.
        (
            &[
                (0, Refuses(C::NotConsented)),
                (60, Refuses(C::Unavailable)),
                (CONFIRM, Refuses(C::NotConsented)),
            ],
            S::Revoked,
            false,
        ),
        (
            &[
                (0, Refuses(C::NotConsented)),
                (CONFIRM, Refuses(C::Unknown)),
            ],
            S::Active,
            true,
        ),
        (
            &[
                (0, Refuses(C::NotConsented)),
                (CONFIRM, Refuses(C::CredentialRefused)),
            ],
            S::Active,
            true,
        ),
        (
            &[
                (0, Refuses(C::Unavailable)),
                (CONFIRM, Refuses(C::NotConsented)),
            ],
            S::Active,
            true,
        ),
        // A clock that was set back lets nobody look confirmed.
        (
            &[
                (0, Refuses(C::NotConsented)),
                (-900, Refuses(C::NotConsented)),
            ],
            S::Active,
            true,
        ),
    ];
    for (number, (answers, status, holds)) in rows.iter().enumerate() {
        let world = World::with_token(3599);
        for (seconds, answer) in *answers {
            world.clock.advance(*seconds);
            attempt(&world, *answer).await;
        }
        assert_eq!(world.store.tenant().status, *status, "row {number}");
        assert_eq!(world.store.record().token.is_some(), *holds, "row {number}");
    }
}

#[tokio::test]
async fn the_mark_is_in_the_record_goes_with_a_token_and_is_looked_at_soon() {
    let world = World::with_token(3599);
    let first = world.now();
    attempt(&world, Refuses(C::NotConsented)).await;
    for wait in [30, 60, 120] {
        let record = world.store.record();
        assert_eq!(
            record.suspected_at,
            Some(first),
            "after {wait} more seconds"
        );
        let confirmed_at = first + std::time::Duration::from_secs(CONFIRM as u64);
        assert!(record.refresh_at <= confirmed_at, "{:?}", record.refresh_at);
        world.clock.advance(wait);
        attempt(&world, Refuses(C::RolesMissing)).await;
    }
    attempt(&world, Gives).await;
    let record = world.store.record();
    assert_eq!((record.suspected_at, record.last_failure), (None, None));
}

#[tokio::test]
async fn a_tenant_whose_token_has_ended_is_degraded_until_it_is_confirmed() {
    let world = World::with_token(0);
    attempt(&world, Refuses(C::NotConsented)).await;
    let tenant = world.store.tenant();
    assert_eq!(tenant.status, S::Degraded);
    assert_eq!(tenant.cause, Some(C::NotConsented.into()));
    world.clock.advance(CONFIRM);
    attempt(&world, Refuses(C::NotConsented)).await;
    assert_eq!(world.store.tenant().status, S::Revoked);
}

/// The run that meets the first refusal is followed by one that is due by itself.
#[tokio::test]
async fn the_refresher_finds_a_revocation_within_the_confirmation_and_one_period() {
    let world = World::with_token(3599);
    world.clock.advance(1800);
    let began = world.now();
    loop {
        run(&world, Refuses(C::NotConsented)).await;
        if world.store.tenant().status == S::Revoked {
            break;
        }
        assert!(began.seconds_until(world.now()) < 600, "not found in time");
        world.clock.advance(300);
    }
    assert!(world.store.record().token.is_none());
}
