//! Runs of the refresher over a whole fleet: what one cloud's outage, a fault of ours, a
//! throttled table and other runs at the same time make of it.

use std::sync::atomic::Ordering;
use std::time::Duration;

use auth::cause::CauseCode;
use auth::fleet::Transition;
use auth::refresh::EndedEarly;
use auth::schedule::RefreshSchedule;
use auth::{Cloud, TenantId};
use futures::future::join_all;

use crate::fakes::Fleet;

const RUN_TIME: u64 = 240;
const HOUR: u64 = 3_599;
const PERIOD: i64 = 300;

fn tenant(number: u32) -> TenantId {
    format!("00000000-0000-4000-8000-{number:012x}")
        .parse()
        .unwrap()
}

fn ids(numbers: std::ops::Range<u32>) -> Vec<TenantId> {
    numbers.map(tenant).collect()
}

fn fleet(count: u32) -> Fleet {
    let schedule = RefreshSchedule {
        outage_to_survive: Duration::from_secs(900),
        period: Duration::from_secs(300),
        confirm_after: Duration::from_secs(300),
    };
    let tenants: Vec<_> = ids(0..count).into_iter().map(|id| (id, HOUR)).collect();
    Fleet::new(schedule, &tenants)
}

fn asked(fleet: &Fleet) -> Vec<TenantId> {
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
async fn an_outage_of_one_cloud_stops_its_tenants_alone_and_costs_one_request_a_run() {
    let fleet = fleet(200);
    let government = ids(0..100);
    fleet.table.live_in(&government, Cloud::GccHigh);
    fleet.run(RUN_TIME).await;
    fleet
        .authority
        .refuses_each(&government, Some(CauseCode::Unavailable));
    let mut asked_in_vain = Vec::new();
    asked(&fleet);
    for _ in 0..8 {
        fleet.clock.advance(PERIOD);
        let report = fleet.run(RUN_TIME).await;
        assert!(
            !report.fleet_fault && report.failed_by.ours == 0,
            "{report:?}"
        );
        let asked = asked(&fleet);
        asked_in_vain.push(asked.iter().filter(|id| government.contains(id)).count());
        // Every other tenant whose turn came has its token.
        for (record, _) in fleet.table.records() {
            let is_down = government.contains(&record.tenant);
            assert!(is_down || record.refresh_at > fleet.now());
        }
    }
    // Until it was taken to be down, and from then on one probe a run.
    let first = asked_in_vain.iter().position(|count| *count == 1).unwrap();
    assert!(
        asked_in_vain[..first].iter().sum::<usize>() < 40,
        "{asked_in_vain:?}"
    );
    assert!(
        asked_in_vain[first..].iter().all(|count| *count == 1),
        "{asked_in_vain:?}"
    );
    let last = fleet.runs.last().unwrap();
    assert_eq!(
        last.fleet.down.keys().collect::<Vec<_>>(),
        [&Cloud::GccHigh]
    );
    assert_eq!(last.ended_early, Some(EndedEarly::AuthorityDown));

    fleet.authority.refuses_each(&government, None);
    fleet.clock.advance(PERIOD);
    let report = fleet.run(RUN_TIME).await;
    assert_eq!((report.ended_early, report.behind), (None, 0));
    for (record, _) in fleet.table.records() {
        assert!(
            record.refresh_at > fleet.now(),
            "the first run has them all"
        );
    }
    let changes = fleet.runs.changes();
    assert!(
        matches!(
            changes[..],
            [
                Transition::CloudDown(Cloud::GccHigh, _),
                Transition::CloudBack(Cloud::GccHigh, _)
            ]
        ),
        "{changes:?}"
    );
}

#[tokio::test]
async fn a_fault_of_ours_is_one_transition_and_is_probed_with_one_tenant_a_run() {
    let fleet = fleet(200);
    fleet.run(RUN_TIME).await;
    fleet.authority.refuses(Some(CauseCode::CredentialRefused));
    fleet.clock.advance(2_000);
    let report = fleet.run(RUN_TIME).await;
    assert_eq!(report.ended_early, Some(EndedEarly::OurFault));
    assert!(report.fleet_fault && report.failed < 10, "{report:?}");
    asked(&fleet);
    for _ in 0..5 {
        fleet.clock.advance(PERIOD);
        let report = fleet.run(RUN_TIME).await;
        assert!(report.fleet_fault, "the alarm lasts: {report:?}");
        assert_eq!(asked(&fleet).len(), 1);
    }
    let fault = fleet.runs.last().unwrap().fleet.fault.unwrap();
    assert_eq!(fault.cause, CauseCode::CredentialRefused);

    fleet.authority.refuses(None);
    fleet.clock.advance(PERIOD);
    let report = fleet.run(RUN_TIME).await;
    assert!(!report.fleet_fault && report.refreshed >= 190, "{report:?}");
    let expected = [Transition::Fault(fault), Transition::Recovered(fault)];
    assert_eq!(fleet.runs.changes(), expected);
}

/// A run that finds nothing to do says it, too: the alarm must not come and go.
#[tokio::test]
async fn a_fault_that_lasts_is_reported_by_a_run_with_nothing_to_do() {
    let fleet = fleet(3);
    fleet.authority.refuses(Some(CauseCode::CredentialRefused));
    assert!(fleet.run(RUN_TIME).await.fleet_fault);
    let written = fleet.runs.written();
    let idle = fleet.run(RUN_TIME).await;
    assert!(idle.fleet_fault && idle.failed == 0, "{idle:?}");
    assert_eq!(fleet.runs.written(), written, "and costs no write");
}

/// The last of ten that were revoked at once come due alone, when their refusal is confirmed.
#[tokio::test]
async fn customers_who_revoke_at_once_are_no_fault_of_ours_whoever_is_due_with_them() {
    for revoked in [1, 3, 10, 40] {
        let fleet = fleet(200);
        fleet.run(RUN_TIME).await;
        let revoked = ids(0..revoked);
        fleet
            .authority
            .refuses_each(&revoked, Some(CauseCode::NotConsented));
        for _ in 0..24 {
            fleet.clock.advance(PERIOD / 2);
            let report = fleet.run(RUN_TIME).await;
            assert!(!report.fleet_fault, "{report:?}");
            assert_eq!(report.failed_by.ours, 0);
        }
        assert_eq!(fleet.runs.changes(), []);
        for (record, _) in fleet.table.records() {
            let is_revoked = revoked.contains(&record.tenant);
            assert_eq!(
                !record.status.is_vended(),
                is_revoked,
                "{:?}",
                record.status
            );
        }
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

/// Both saw the outage end: the one whose write is done says so.
#[tokio::test]
async fn of_two_runs_that_see_the_same_one_makes_the_transition() {
    let fleet = fleet(200);
    fleet.run(RUN_TIME).await;
    fleet.authority.refuses(Some(CauseCode::CredentialRefused));
    fleet.clock.advance(2_000);
    fleet.run(RUN_TIME).await;
    let rival = fleet.runs.last().unwrap();
    fleet.clock.advance(PERIOD);
    // It wrote the fault before us, and counted it.
    fleet.runs.another_is_first(rival.clone());
    fleet.run(RUN_TIME).await;
    assert_eq!(fleet.runs.changes().len(), 1);
    assert_eq!(fleet.runs.last().unwrap().fleet.changes, 1);

    fleet.authority.refuses(None);
    fleet.clock.advance(PERIOD);
    let (mut over, _) = rival.fleet.after(&Default::default());
    (over.fault, over.changes, over.token_at) = (None, 2, Some(fleet.now()));
    fleet.runs.another_is_first(auth::last_run::LastRun {
        fleet: over,
        ..rival
    });
    fleet.run(RUN_TIME).await;
    assert_eq!(fleet.runs.changes().len(), 1, "the other run made it");
    assert_eq!(fleet.runs.last().unwrap().fleet.changes, 2);
}
