//! The contract of `Runs`: the record of the refresher's last run.

use auth::cause::FailedBy;
use auth::fleet::{FleetChange, FleetFault, FleetState, Transition};
use auth::last_run::{EndedEarly, LastRun, LifeLeft, OfCloud, RequestUnits};
use auth::ports::{Runs as _, Write};
use auth::{CauseCode, Cloud};
use aws::{Connection, Operation, Units};

use super::outbox::{outbox, waiting};
use super::world::{NOW, World, at, eight_times, one_done_seven_stale};

const FAULT: FleetFault = FleetFault {
    cause: CauseCode::CredentialRefused,
    since: at(30),
};

/// With everything that a row can hold.
pub(super) fn run() -> LastRun {
    let of = |refreshed, failed| OfCloud { refreshed, failed };
    LastRun {
        times: (NOW, at(170)),
        refreshed: 99_000,
        lost: 2,
        skipped: 3,
        failed_by: FailedBy {
            ours: 3,
            customer: 12,
            microsoft: 988,
        },
        causes: [
            (CauseCode::CredentialRefused, 3),
            (CauseCode::NotConsented, 12),
            (CauseCode::Unavailable, 988),
        ]
        .into(),
        clouds: [
            (Cloud::Public, of(99_000, 15)),
            (Cloud::GccHigh, of(0, 988)),
        ]
        .into(),
        slowest_ms: Some(8_012),
        life_left: Some(LifeLeft {
            least: 1_502,
            median: 1_620,
        }),
        units: RequestUnits {
            read: 50_012.5,
            write: 99_031.0,
        },
        ended_early: Some(EndedEarly::OurFault),
        fleet: FleetState {
            fault: Some(FAULT),
            down: [(Cloud::GccHigh, at(-7_200))].into(),
            failures: 3,
            token_at: Some(at(29)),
            changes: 41,
        },
        version: None,
    }
}

fn change() -> FleetChange {
    FleetChange {
        transitions: vec![Transition::Fault(FAULT)],
        last_number: 41,
    }
}

/// Alone, or with a change of the fleet in one transaction.
pub async fn a_run_is_read_as_it_was_written(connection: &Connection) {
    let world = World::new(connection).await;
    let last = async || world.table.last_run().await.unwrap();
    assert_eq!(last().await, None);
    let runs = [
        (run(), None),
        (run(), Some(change())),
        (LastRun::default(), None),
    ];
    for (run, change) in runs {
        let version = last().await.and_then(|last| last.version);
        let run = LastRun { version, ..run };
        let write = world.table.put_last_run(&run, change.as_ref()).await;
        assert_eq!(write.unwrap(), Write::Done);
        let read = last().await.unwrap();
        assert_ne!(read.version, run.version, "each write has its own");
        let version = run.version.clone();
        assert_eq!(LastRun { version, ..read }, run);
        let again = world.table.put_last_run(&run, change.as_ref()).await;
        assert_eq!(again.unwrap(), Write::Stale, "it was read before");
    }
}

/// So that a transition is made once, with its event.
pub async fn of_eight_runs_at_once_one_is_written(connection: &Connection) {
    let world = World::new(connection).await;
    for change in [None, Some(change())] {
        let last = world.table.last_run().await.unwrap();
        let version = last.and_then(|last| last.version);
        let outcomes = eight_times(|number| {
            let (table, change) = (world.table.clone(), change.clone());
            let run = LastRun {
                refreshed: number,
                version: version.clone(),
                ..run()
            };
            async move { table.put_last_run(&run, change.as_ref()).await.unwrap() }
        });
        assert_eq!(outcomes.await, one_done_seven_stale());
        let kinds = waiting(&outbox(&world)).await;
        let kinds: Vec<_> = kinds.into_iter().map(|event| event.kind).collect();
        let expected = change.map(|_| "FleetFault".to_owned());
        assert_eq!(kinds, Vec::from_iter(expected));
    }
}

/// With everything that it can hold.
pub async fn a_run_costs_one_unit_for_each_request(connection: &Connection) {
    let world = World::new(connection).await;
    let write = world.table.put_last_run(&run(), None).await.unwrap();
    assert_eq!(write, Write::Done);
    world.table.last_run().await.unwrap();
    for (operation, units) in [
        (Operation::PutRun, Units::Write),
        (Operation::ReadRun, Units::Read),
    ] {
        let sum = world.tally.take(operation, units);
        assert_eq!((sum.requests, sum.total), (1, 1.0), "{operation:?}");
    }
}
