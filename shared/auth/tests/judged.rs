//! What runs make of the answers, one after the other: a cloud that is down, a fault of ours,
//! customers who revoke; and that each change of the fleet's state is made once.

use auth::Cloud;
use auth::cause::CauseCode;
use auth::fleet::Transition;
use auth::refresh::EndedEarly;

use crate::fleet::{PERIOD, RUN_TIME, asked, fleet, ids};

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
