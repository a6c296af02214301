//! Our clock is wrong: what counts follows Microsoft's.

use std::sync::atomic::Ordering;
use std::time::Duration;

use auth::Timestamp;
use feed::collect::{Halt, Report};
use feed::subscription::Status;

use crate::collecting::{NOW, line, totals};
use crate::fakes::{TYPE, World};

const DAY: i64 = 86_400;

/// A world whose clock is ahead by `off` seconds from now on.
fn ahead(world: &World, off: i64) {
    let before = world.api.behind.swap(off.unsigned_abs(), Ordering::SeqCst);
    world.clock.turn(off - i64::try_from(before).unwrap());
}

fn theirs(world: &World) -> i64 {
    world.now() - i64::try_from(world.api.behind.load(Ordering::SeqCst)).unwrap()
}

fn until(report: &Report) -> Option<i64> {
    report.listed_until.map(Timestamp::unix)
}

/// A tenant is connected while our clock is ahead, talks for days, and our clock is set right.
#[tokio::test]
async fn a_clock_that_is_ahead_loses_nothing_and_holds_up_nothing() {
    let rows = [
        0,
        60,
        299,
        301,
        3_600,
        6 * 3_600,
        DAY,
        3 * DAY,
        8 * DAY,
        20 * DAY,
        400 * DAY,
    ];
    for off in rows {
        let world = World::at(NOW);
        ahead(&world, off);
        let mut lease = None;
        let mut offered = Vec::new();
        for turn in 0..40 {
            let report = world.turn_as(lease, false).await;
            assert_eq!(report.halt, None, "{off}");
            lease = until(&report);
            assert!(lease.is_none_or(|until| until <= theirs(&world)), "{off}");
            if turn == 20 {
                ahead(&world, 0);
            }
            // Each third turn talks; the row is not written in the others.
            world.pass(1_800);
            if turn % 3 == 0 && turn < 38 {
                let id = format!("c{turn:02}");
                world.api.offer(&id, theirs(&world) - 900);
                offered.push(line(&id));
            }
            if turn == 19 {
                assert!(world.objects.lines("").len() >= 6, "{off}: it waits");
            }
        }
        assert_eq!(world.objects.lines(""), offered, "{off}");
        assert_eq!(totals(&world).expired_seconds, 0, "{off}");
    }
}

#[tokio::test]
async fn the_lease_gets_no_time_of_a_turn_that_listed_nothing_or_was_halted() {
    let world = World::at(NOW);
    world.tokens.held.store(true, Ordering::SeqCst);
    assert_eq!(until(&world.turn().await), None);
    world.tokens.held.store(false, Ordering::SeqCst);
    let report = world.turn().await;
    assert_eq!(until(&report), Some(NOW));
    world.pass(3_600);
    assert_eq!(until(&world.turn_of(0, None, false).await), None);
    let report = world.turn().await;
    assert_eq!(until(&report), Some(NOW + 3_300));
    // Our clock is set back: nothing is due, and the mark says so.
    world.clock.turn(-1_000);
    let report = world.turn_as(until(&report), false).await;
    assert_eq!((report.windows, until(&report)), (0, Some(NOW + 3_300)));
}

#[tokio::test]
async fn a_subscription_that_runs_already_is_collected_as_far_back_as_microsofts_clock_says() {
    for off in [0, 3_600, DAY, 3 * DAY, 20 * DAY] {
        let world = World::at(NOW);
        world
            .api
            .subscriptions
            .lock()
            .unwrap()
            .push((TYPE, Status::Enabled));
        for days in [1, 4, 6] {
            world.api.offer(&format!("c{days}"), NOW - days * DAY);
        }
        ahead(&world, off);
        world.turn().await;
        ahead(&world, 0);
        world.pass(300);
        world.turn().await;
        assert_eq!(
            world.objects.lines(""),
            ["c1", "c4", "c6"].map(line),
            "{off}"
        );
    }
}

/// Answers whose `Date` is ahead of what they list: a proxy's, or a cache's.
#[tokio::test]
async fn a_date_that_is_far_ahead_marks_nothing_that_is_yet_to_come() {
    // By how many seconds, in how many turns from the first one on; whether it ran already.
    let rows = [
        (0, 3, false),
        (60, 3, false),
        (301, 1, false),
        (3_600, 1, false),
        (3_600, 3, true),
        (DAY, 1, false),
        (DAY, 3, true),
        (8 * DAY, 1, false),
        (8 * DAY, 1, true),
        (400 * DAY, 1, false),
        (400 * DAY, 3, true),
        (400 * DAY, 20, false),
        (i64::MAX / 2, 2, false),
    ];
    for (off, turns, runs) in rows {
        let mut world = World::at(NOW);
        world.collector.before_start = Duration::from_secs(DAY.unsigned_abs());
        if runs {
            let mut held = world.api.subscriptions.lock().unwrap();
            held.push((TYPE, Status::Enabled));
        }
        world.api.ahead.store(off.unsigned_abs(), Ordering::SeqCst);
        world.api.offer("before", NOW - 600);
        for turn in 0..30 {
            if turn == turns {
                world.api.ahead.store(0, Ordering::SeqCst);
            }
            world.api.offer(&format!("c{turn:02}"), world.now() + 10);
            let report = world.turn().await;
            let mark = until(&report);
            assert!(mark.is_none_or(|mark| mark <= world.now()), "{off} {turn}");
            world.pass(900);
        }
        world.turn().await;
        let contents = (0..30).map(|turn| line(&format!("c{turn:02}")));
        let expected: Vec<_> = [line("before")].into_iter().chain(contents).collect();
        assert_eq!(world.objects.lines(""), expected, "{off} {turns} {runs}");
        assert_eq!(totals(&world).expired_seconds, 0, "{off}");
    }
}

/// The lease is of other tenants, or of the time before: what this one has not listed is listed.
#[tokio::test]
async fn a_lease_says_nothing_of_a_type_that_no_turn_has_listed() {
    // Whether the subscription runs before the first turn, whether the tenant was held for an hour.
    for (runs, is_held) in [(true, false), (false, true), (true, true)] {
        let world = World::at(NOW);
        if runs {
            let mut held = world.api.subscriptions.lock().unwrap();
            held.push((TYPE, Status::Enabled));
        }
        if is_held {
            world.turn().await;
            world.pass(600);
            world.turn().await;
            world.tokens.held.store(true, Ordering::SeqCst);
            world.pass(3_000);
            world.turn().await;
            world.tokens.held.store(false, Ordering::SeqCst);
        }
        world.api.offer("a", world.now() - 1_500);
        // The list of subscriptions is the last request that there is time for.
        world.api.slow_lists.store(60, Ordering::SeqCst);
        let report = world.turn_of(50, Some(world.now() - 300), false).await;
        assert_eq!(report.halt, Some(Halt::Deadline), "{runs} {is_held}");
        world.api.slow_lists.store(0, Ordering::SeqCst);
        world.pass(300);
        world.turn_as(Some(world.now() - 600), false).await;
        assert_eq!(world.objects.lines(""), [line("a")], "{runs} {is_held}");
    }
}
