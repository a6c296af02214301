//! Runs that fail, are dropped, meet or are late: nothing is lost, nothing is said that is not so, and one
//! tenant's trouble is its own.

use std::sync::atomic::Ordering;
use std::time::Duration;

use feed::due::{Due, Hold};
use feed::pace::Pace;
use feed::refusal::Refusal;
use feed::run::EndedEarly;
use futures::FutureExt as _;

use crate::collecting::{NOW, line};
use crate::fakes::TYPE;
use crate::fakes::fleet::{FleetWorld, Gives, OTHER, numbered};

const DAY: u64 = 86_400;

/// So many tenants that are idle and were looked at before.
pub(crate) async fn settled(tenants: usize) -> FleetWorld {
    let world = FleetWorld::of(tenants, NOW);
    world.run().await;
    world.runs(6, 300).await;
    world.table.counted();
    world.listings();
    world
}

#[tokio::test]
async fn a_run_that_is_dropped_holds_its_shards_until_its_time_is_over_and_claims_nothing() {
    let world = settled(20).await;
    world.pass(300);
    for polls in 1..30 {
        let mut run = Box::pin(world.run());
        for _ in 0..polls {
            if (&mut run).now_or_never().is_some() {
                break;
            }
        }
        drop(run);
        world.listings();
        world.pass(100);
        world.run().await;
        world.pass(300);
        let report = world.run().await;
        assert!(report.is_whole(), "{report:?}");
        assert_eq!(report.behind, 0);
        assert!(world.listings() >= 40);
    }
}

#[tokio::test]
async fn a_run_that_died_while_its_clock_was_days_ahead_holds_no_shard() {
    for days in [1, 5, 400] {
        let world = settled(20).await;
        let jump = days * 86_400;
        world.clock.advance(jump);
        world.api.ahead.store(jump, Ordering::SeqCst);
        let mut run = Box::pin(world.run());
        for _ in 0..6 {
            assert!((&mut run).now_or_never().is_none());
        }
        drop(run);
        world.clock.advance(-jump);
        world.api.ahead.store(0, Ordering::SeqCst);
        let report = world.run_after(300).await;
        assert!(report.is_whole(), "{days}: {report:?}");
        assert_eq!((report.turns, report.behind), (20, 0), "{days}");
    }
}

#[tokio::test]
async fn of_two_runs_at_once_each_tenant_is_looked_at_by_one() {
    for tenants in [1, 8, 50] {
        let world = settled(tenants).await;
        world.pass(300);
        let (first, second) = futures::join!(world.run(), world.run());
        let number = u32::try_from(tenants).unwrap();
        assert_eq!(first.turns + second.turns, number);
        assert_eq!(world.listings(), 2 * u64::from(number));
        let report = world.runs(1, 300).await;
        assert_eq!((report.turns, report.behind), (number, 0));
    }
}

#[tokio::test]
async fn a_clock_that_jumps_loses_nothing_and_counts_nothing_as_expired() {
    let hours = 3_600_i64;
    for jump in [-30 * 24, -48, -2, -1, 1, 2, 5 * 24].map(|number| number * hours) {
        let world = settled(4).await;
        world.api.offer(0, "before", world.now() - 100);
        world.clock.advance(jump);
        world.api.ahead.store(jump, Ordering::SeqCst);
        world.run().await;
        world.runs(2, 300).await;
        world.clock.advance(-jump);
        world.api.ahead.store(0, Ordering::SeqCst);
        world.api.offer(1, "after", world.now() + 10);
        let report = world.runs(4, 300).await;
        assert_eq!(report.behind, 0, "{jump}");
        assert_eq!(world.stored(0), [line("before")], "{jump}");
        assert_eq!(world.stored(1), [line("after")], "{jump}");
        for number in 0..4 {
            let row = world.row(number);
            let expired = row.types.iter().map(|one| one.totals.expired_seconds);
            assert_eq!(expired.sum::<u64>(), 0, "{jump}");
        }
    }
}

#[tokio::test]
async fn a_tenant_whose_row_cannot_be_read_is_looked_at_now_and_then_and_holds_up_no_other() {
    let world = settled(10).await;
    world.table.damaged.lock().unwrap().insert(numbered(3));
    world.table.counted();
    world.api.offer(5, "well", world.now() + 10);
    let report = world.runs(12, 300).await;
    assert_eq!((report.behind, report.ended_early), (0, None));
    // Nine others in each run, and the one four times an hour.
    let reads = world.table.counted().reads;
    assert!((9 * 12 + 3..=9 * 12 + 5).contains(&reads), "{reads}");
    assert_eq!(world.stored(5), [line("well")]);
    world.table.damaged.lock().unwrap().clear();
    world.runs(4, 300).await;
    assert_eq!(world.due(3), Due::InTurn(Pace::FASTEST));
}

#[tokio::test]
async fn a_fault_that_every_tenant_has_stops_the_run_and_writes_few_rows() {
    type Breaks = fn(&FleetWorld);
    let rows: [(&str, Breaks, EndedEarly, u32); 5] = [
        (
            "no tokens",
            |world| *world.tokens.otherwise.lock().unwrap() = Gives::Later,
            EndedEarly::ApiDown,
            24,
        ),
        (
            "no permit",
            |world| *world.tokens.otherwise.lock().unwrap() = Gives::Held,
            EndedEarly::ApiDown,
            24,
        ),
        (
            "the API is down",
            |world| (0..60).for_each(|number| world.api.refuse(number, Some(Refusal::Unavailable))),
            EndedEarly::ApiDown,
            24,
        ),
        (
            "our requests are wrong",
            |world| {
                (0..60).for_each(|number| world.api.refuse(number, Some(Refusal::RequestRefused)));
            },
            EndedEarly::OurFault,
            8,
        ),
        (
            "no table",
            |world| world.fuse.set(60),
            EndedEarly::StoreUnavailable,
            0,
        ),
    ];
    for (name, breaks, why, most) in rows {
        let world = settled(60).await;
        breaks(&world);
        let report = world.runs(1, 300).await;
        assert_eq!(report.ended_early, Some(why), "{name}: {report:?}");
        let counts = world.table.counted();
        assert!(counts.writes <= most, "{name}: {counts:?}");
        // It is over.
        world.fuse.set(0);
        *world.tokens.otherwise.lock().unwrap() = Gives::Token;
        (0..60).for_each(|number| world.api.refuse(number, None));
        for number in 0..60 {
            world.api.offer(number, "kept", world.now() - 100);
        }
        let report = world.runs(4, 300).await;
        assert!(
            report.is_whole() && report.behind == 0,
            "{name}: {report:?}"
        );
        for number in 0..60 {
            assert_eq!(world.stored(number), [line("kept")], "{name}");
            let types = world.row(number).types;
            assert!(
                types.iter().all(|one| one.known.refusal.is_none()),
                "{name}"
            );
        }
    }
}

#[tokio::test]
async fn a_run_goes_on_after_refusals_that_are_each_tenants_own() {
    use Refusal as R;
    for refusal in R::ALL.iter().copied() {
        let world = settled(40).await;
        (0..39).for_each(|number| world.api.refuse(number, Some(refusal)));
        let report = world.runs(1, 300).await;
        let ends = match refusal {
            R::RequestRefused => Some(EndedEarly::OurFault),
            R::Unavailable | R::Throttled | R::TokenRefused | R::NoToken => {
                Some(EndedEarly::ApiDown)
            }
            _ => None,
        };
        assert_eq!(report.ended_early, ends, "{refusal:?}: {report:?}");
        assert!(ends.is_some() || report.left == 0, "{refusal:?}");
    }
}

#[tokio::test]
async fn tenants_in_trouble_starve_no_other_however_many_they_are() {
    for bad in [1, 5, 15, 25] {
        let world = settled(30).await;
        for number in 0..bad {
            match number % 3 {
                0 => world.tokens.gives(number, Gives::Later),
                1 => world.api.refuse(number, Some(Refusal::Unavailable)),
                _ => world.api.refuse(number, Some(Refusal::AuditingOff)),
            }
        }
        for number in bad..30 {
            world.api.offer(number, "well", world.now() - 100);
        }
        world.runs(8, 300).await;
        for number in bad..30 {
            assert_eq!(world.stored(number), [line("well")], "{bad} bad ones");
        }
    }
}

#[tokio::test]
async fn a_paused_tenant_costs_nothing_and_what_expires_meanwhile_is_counted() {
    // Days of the pause.
    for days in [1, 6, 9] {
        let world = settled(3).await;
        world.runs(5, 60).await;
        let operate = world.operate();
        operate.pause(numbered(1)).await.unwrap();
        world.runs(6, 60).await;
        assert_eq!(world.due(1), Due::Held(Hold::Paused));
        let end = world.api.ends.lock().unwrap()[&(numbered(1), OTHER)];
        world.table.counted();
        world.tokens.counted();
        for _ in 0..days {
            world.pass(DAY - 300);
            world.runs(1, 300).await;
        }
        assert_eq!(
            world.table.counted().reads,
            2 * days,
            "{days}: of the others"
        );
        assert_eq!(world.tokens.counted(), 2 * u64::from(days));
        operate.resume(numbered(1)).await.unwrap();
        world.run().await;
        let horizon = world.now() - (7 * 86_400 - 300);
        let expected = u64::try_from(horizon - end).unwrap_or(0);
        for one in world.row(1).types {
            assert_eq!(one.totals.expired_seconds, expected, "{days}");
        }
        world.runs(2, 300).await;
        assert_eq!(world.due(1), Due::InTurn(Pace::FASTEST));
    }
}

#[tokio::test]
async fn the_figures_of_a_run_are_given_and_a_run_without_time_says_what_is_behind() {
    let world = settled(5).await;
    world.api.offer(2, "a", world.now() - 10);
    world.runs(2, 300).await;
    let figure = |name| world.meter.0.lock().unwrap()[name];
    assert_eq!((figure("FeedStored"), figure("FeedLag")), (0, 0));
    world.pass(1_000);
    let report = world.fleet.run(Duration::from_secs(5)).await;
    assert_eq!(
        (report.turns, report.ended_early),
        (0, Some(EndedEarly::Deadline))
    );
    assert_eq!((report.left, figure("FeedLag")), (5, 1_000));
    assert_eq!(world.stored(2), [line("a")]);
    let held = world.api.subscriptions.lock().unwrap().clone();
    assert!(held.contains(&(numbered(2), TYPE)));
}
