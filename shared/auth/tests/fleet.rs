//! Runs of the refresher over a whole fleet: several at the same time, over a throttled table,
//! after an outage, and what is kept of one.

use std::sync::atomic::Ordering;
use std::time::Duration;

use auth::cause::CauseCode;
use auth::refresh::EndedEarly;
use auth::schedule::RefreshSchedule;
use auth::{Cloud, TenantId};
use futures::future::join_all;

use crate::fakes::Fleet;

pub(crate) const RUN_TIME: u64 = 240;
pub(crate) const HOUR: u64 = 3_599;
pub(crate) const PERIOD: i64 = 300;

pub(crate) fn tenant(number: u32) -> TenantId {
    format!("00000000-0000-4000-8000-{number:012x}")
        .parse()
        .unwrap()
}

pub(crate) fn ids(numbers: std::ops::Range<u32>) -> Vec<TenantId> {
    numbers.map(tenant).collect()
}

pub(crate) fn fleet(count: u32) -> Fleet {
    let schedule = RefreshSchedule {
        outage_to_survive: Duration::from_secs(900),
        period: Duration::from_secs(300),
        confirm_after: Duration::from_secs(300),
    };
    let tenants: Vec<_> = ids(0..count).into_iter().map(|id| (id, HOUR)).collect();
    Fleet::new(schedule, &tenants)
}

pub(crate) fn asked(fleet: &Fleet) -> Vec<TenantId> {
    std::mem::take(&mut *fleet.authority.asked.lock().unwrap())
}

/// The same work for one run and for four at once, each of which takes the shards that no other
/// has.
#[tokio::test]
async fn runs_at_the_same_time_renew_each_tenant_once_and_leave_none() {
    for runs in [1, 2, 4, 8] {
        let fleet = fleet(2_000).at_a_time(50);
        let reports = join_all((0..runs).map(|_| fleet.run(RUN_TIME))).await;
        let renewed: Vec<u32> = reports.iter().map(|report| report.refreshed).collect();
        assert_eq!(renewed.iter().sum::<u32>(), 2_000, "{renewed:?}");
        assert!(
            renewed.iter().all(|count| *count > 0 || runs == 8),
            "{renewed:?}"
        );
        assert!(
            reports
                .iter()
                .all(|report| report.failed + report.lost == 0)
        );
        let mut asked = asked(&fleet);
        asked.sort_unstable();
        assert_eq!(asked, ids(0..2_000));
        assert_eq!(
            fleet.run(RUN_TIME).await,
            Default::default(),
            "nothing is left"
        );
        assert_eq!(
            fleet.runs.changes(),
            [],
            "and nothing happened to the fleet"
        );
    }
}

/// A page is 100, and a shard has 60 here: neither bounds how many are under way.
#[tokio::test]
async fn any_concurrency_is_reached_and_none_is_exceeded() {
    for concurrency in [1, 16, 100, 150] {
        let fleet = fleet(480).at_a_time(concurrency);
        fleet.authority.takes_turns(200);
        assert_eq!(fleet.run(RUN_TIME).await.refreshed, 480);
        let reached = fleet.authority.at_most_at_a_time();
        assert!(reached <= concurrency, "{reached} of {concurrency}");
        // Two shards are open at a time, with sixty each.
        assert!(
            reached >= concurrency.min(100),
            "{reached} of {concurrency}"
        );
    }
}

#[tokio::test]
async fn a_throttled_table_slows_the_run_down_and_ends_nothing() {
    let fleet = fleet(300);
    fleet.run(RUN_TIME).await;
    fleet.clock.advance(2_000);
    fleet.table.throttle(200);
    let report = fleet.run(RUN_TIME).await;
    assert_eq!(
        (report.refreshed, report.ended_early),
        (300, None),
        "{report:?}"
    );
    assert_eq!(report.failed, 0);
    assert!(fleet.pause.pauses.load(Ordering::SeqCst) >= 100);
    let mut asked = asked(&fleet).split_off(300);
    asked.sort_unstable();
    assert_eq!(asked, ids(0..300), "none was asked for twice");
}

/// It ends by itself, and the next run goes on where it was.
#[tokio::test]
async fn a_table_that_stays_throttled_leaves_the_rest_to_the_next_run() {
    let fleet = fleet(50);
    fleet.run(RUN_TIME).await;
    fleet.clock.advance(2_000);
    fleet.table.throttle_all(true);
    let report = fleet.run(RUN_TIME).await;
    assert_eq!(
        report.ended_early,
        Some(EndedEarly::StoreThrottled),
        "{report:?}"
    );
    fleet.table.throttle_all(false);
    let report = fleet.run(RUN_TIME).await;
    assert_eq!(
        (report.refreshed, report.ended_early),
        (50, None),
        "{report:?}"
    );
}

/// Renewals after an outage of an hour come when their slots' turns come.
#[tokio::test]
async fn after_an_outage_renewals_are_spread_over_the_period_again() {
    let fleet = fleet(1_000);
    fleet.run(RUN_TIME).await;
    for _ in 0..14 {
        fleet.clock.advance(PERIOD);
        fleet.run(RUN_TIME).await;
    }
    fleet.authority.refuses(Some(CauseCode::Unavailable));
    for _ in 0..12 {
        fleet.clock.advance(PERIOD);
        fleet.run(RUN_TIME).await;
    }
    fleet.authority.refuses(None);
    fleet.clock.advance(PERIOD);
    assert!(
        fleet.run(RUN_TIME).await.refreshed >= 900,
        "all that are due"
    );
    let mut renewed = Vec::new();
    for _ in 0..14 {
        fleet.clock.advance(PERIOD);
        renewed.push(fleet.run(RUN_TIME).await.refreshed);
    }
    // 1,000 × 300 / 1,979 in each, once the few are through that failed in their turn.
    let even = renewed[6..].iter().all(|count| (90..=220).contains(count));
    assert!(even, "{renewed:?}");
}

#[tokio::test]
async fn the_record_of_a_run_says_what_it_did_and_an_idle_run_writes_none() {
    let fleet = fleet(40);
    fleet.table.live_in(&ids(0..10), Cloud::Gcc);
    let began = fleet.now();
    fleet.run(RUN_TIME).await;
    assert_eq!(fleet.run(RUN_TIME).await, Default::default());
    assert_eq!(fleet.runs.written(), 1);
    let first = fleet.runs.last().unwrap();
    assert_eq!((first.times, first.refreshed), ((began, began), 40));
    assert_eq!(first.life_left, None, "the first tokens follow none");

    fleet
        .authority
        .refuses_each(&ids(0..4), Some(CauseCode::NotConsented));
    fleet
        .authority
        .refuses_each(&ids(10..12), Some(CauseCode::Unavailable));
    fleet.clock.advance(2_000);
    fleet.run(RUN_TIME).await;
    let run = fleet.runs.last().unwrap();
    assert_eq!(run.refreshed, 34);
    assert_eq!((run.failed_by.customer, run.failed_by.microsoft), (4, 2));
    let causes: Vec<_> = run.causes.into_iter().collect();
    assert_eq!(causes.len(), 2, "{causes:?}");
    let of = |cloud| (run.clouds[&cloud].refreshed, run.clouds[&cloud].failed);
    assert_eq!((of(Cloud::Gcc), of(Cloud::Public)), ((6, 4), (28, 2)));
    let life = run.life_left.unwrap();
    assert_eq!(
        (life.least, life.median),
        (HOUR - 2_000, (HOUR - 2_000) / 60 * 60)
    );
    assert_eq!(run.fleet.token_at, Some(fleet.now()));
}
