//! Quiet tenants are looked at more seldom, and nothing else changes: what arrives, what is said, what
//! expires.

use std::collections::BTreeMap;
use std::time::Duration;

use auth::Timestamp;
use feed::due::Due;
use feed::pace::{Pace, Pacing};
use feed::refusal::Refusal;

use crate::collecting::{NOW, line};
use crate::fakes::fleet::{Counts, FleetWorld, numbered};
use crate::fakes::{BY_QUIET, TYPE};

const DAY: u64 = 86_400;
const HOUR: u64 = 3_600;

/// Tenants that have been quiet for so many hours, with runs all the time.
async fn quiet(tenants: usize, hours: u64) -> FleetWorld {
    let world = FleetWorld::paced(tenants, NOW, BY_QUIET);
    world.run().await;
    let runs = usize::try_from(hours * HOUR / 300).unwrap();
    world.runs(runs, 300).await;
    world.table.counted();
    world.tokens.counted();
    world.listings();
    world
}

fn pace(world: &FleetWorld, number: usize) -> u32 {
    match world.due(number) {
        Due::InTurn(pace) => pace.multiple(),
        due => panic!("{due:?}"),
    }
}

#[tokio::test]
async fn an_idle_tenant_of_a_day_makes_28_listings_of_a_type_and_two_writes() {
    for tenants in [1, 10, 40] {
        // Eight days: each pass has begun.
        let world = quiet(tenants, 8 * 24).await;
        let report = world.runs(288, 300).await;
        let counts = world.table.counted();
        let number = u64::try_from(tenants).unwrap();
        // 24 of its hours, and two each of the passes after a day and on day six.
        assert_eq!(world.listings(), 28 * 2 * number, "{tenants}");
        assert_eq!(world.tokens.counted(), 24 * number);
        assert_eq!(u64::from(counts.reads), 24 * number);
        assert_eq!(u64::from(counts.writes), 2 * number);
        assert_eq!((counts.moves, counts.batches), (0, 0));
        let expected = Counts {
            pages: (u32::try_from(tenants).unwrap() / 16 + 1) * 288,
            queries: 8 * 288,
            marks: 8 * 288,
            leases: counts.leases,
            reads: counts.reads,
            writes: counts.writes,
            ..Counts::default()
        };
        assert_eq!(counts, expected);
        assert!(u64::from(counts.leases) <= 24 * number.min(96));
        assert!(report.is_whole() && report.lag == 0, "{report:?}");
    }
}

#[tokio::test]
async fn a_quiet_stretch_costs_four_writes_more_and_content_ends_it_with_its_own() {
    let world = quiet(3, 24).await;
    world.api.offer(0, "a", world.now() + 1);
    while world.stored(0).is_empty() {
        world.runs(1, 300).await;
    }
    assert_eq!(pace(&world, 0), 1);
    world.table.counted();
    // Each hour of a stretch of twelve: the pace then.
    let expected = [1, 2, 4, 4, 8, 8, 12, 12, 12, 12, 12, 12];
    let mut moves = 0;
    let stored = world.row(0).types.iter().find_map(|one| one.stored_at);
    let stored = stored.unwrap().unix();
    for (hour, pace_then) in expected.into_iter().enumerate() {
        let until = stored + 3_600 * i64::try_from(hour).unwrap() + 3_000;
        while world.now() < until {
            world.runs(1, 300).await;
            moves += world.table.counted().moves;
        }
        assert_eq!(pace(&world, 0), pace_then, "hour {hour}");
    }
    assert_eq!(moves, 4);
    world.api.offer(0, "b", world.now() + 1);
    while world.stored(0).len() < 2 {
        world.runs(1, 300).await;
    }
    let counts = world.table.counted();
    assert_eq!((pace(&world, 0), counts.moves), (1, 1));
}

/// With webhooks off, whatever the setting is: what is made is stored when it says.
#[tokio::test]
async fn what_is_made_is_stored_within_the_bound_however_quiet_it_was() {
    // The bound, the slowest pace then.
    let rows = [
        (600, 1),
        (899, 1),
        (900, 2),
        (1_499, 2),
        (1_500, 4),
        (2_699, 4),
        (2_700, 8),
        (3_899, 8),
        (3_900, 12),
        (14_400, 12),
    ];
    for (lag_max, slowest) in rows {
        let pacing = Pacing {
            lag_max: Duration::from_secs(lag_max),
            ..BY_QUIET
        };
        let world = FleetWorld::paced(12, NOW, pacing);
        world.run().await;
        world.runs(100, 300).await;
        for number in 0..12 {
            assert_eq!(pace(&world, number), slowest, "{lag_max}");
        }
        // At another time of its pace each.
        for number in 0..12 {
            let offset = 7 + 301 * i64::try_from(number).unwrap();
            world.api.offer(number, "new", world.now() + offset);
        }
        let mut waiting: BTreeMap<usize, i64> = (0..12)
            .map(|number| {
                (
                    number,
                    world.now() + 7 + 301 * i64::try_from(number).unwrap(),
                )
            })
            .collect();
        while !waiting.is_empty() {
            world.runs(1, 300).await;
            let now = world.now();
            waiting.retain(|number, made| {
                let is_stored = world.stored(*number) == [line("new")];
                let waits = u64::try_from(now - *made).unwrap_or(0);
                assert!(waits <= lag_max, "{lag_max}: {number} waits {waits}");
                !is_stored
            });
        }
    }
}

#[tokio::test]
async fn hourly_tenants_are_spread_over_the_runs_and_each_comes_once_an_hour() {
    let world = quiet(240, 12).await;
    for _ in 0..3 {
        world.api.listed.lock().unwrap().clear();
        let mut turns = Vec::new();
        for _ in 0..12 {
            turns.push(world.runs(1, 300).await.turns);
        }
        assert!(
            turns.iter().all(|turns| (8..=34).contains(turns)),
            "{turns:?}"
        );
        let listed = world.api.listed.lock().unwrap().clone();
        assert_eq!(listed.len(), 240);
        // Once each, and now and then what the late passes add.
        assert!(listed.values().all(|count| (2..=6).contains(count)));
    }
}

#[tokio::test]
async fn a_turn_that_was_missed_is_made_up_for_once_and_no_other_comes_with_it() {
    // Seconds without a run; how many of 60 hourly tenants are due then.
    let rows = [
        (300, 1..=12),
        (600, 3..=18),
        (1_800, 20..=40),
        (3_000, 40..=58),
        (3_600, 60..=60),
        (3_700, 60..=60),
        (6 * 3_600, 60..=60),
        (2 * 86_400, 60..=60),
    ];
    for (pause, expected) in rows {
        let world = quiet(60, 12).await;
        world.pass(pause);
        let report = world.run().await;
        assert!(expected.contains(&report.turns), "{pause}: {report:?}");
        assert_eq!((report.left, report.behind), (0, 0));
        let report = world.run().await;
        assert_eq!(report.turns, 0, "{pause}");
        let next = world.runs(12, 300).await;
        assert!(next.is_whole());
        for number in 0..60 {
            assert_eq!(pace(&world, number), 12);
        }
    }
}

/// To the second, for every tenant, although hourly turns come at other times, and rows are written
/// twice a day.
#[tokio::test]
async fn what_expires_of_a_slow_tenant_in_an_outage_is_counted_exactly() {
    // Seconds between runs before the outage, hours of quiet, days of the outage.
    let rows = [
        (300, 12, 9),
        (299, 12, 9),
        (301, 12, 9),
        (300, 30, 8),
        (300, 30, 40),
        (300, 2, 9),
        (300, 5, 9),
        (150, 12, 9),
        (90, 12, 9),
        (900, 30, 9),
        (4_000, 60, 9),
    ];
    for (apart, hours, days) in rows {
        let world = FleetWorld::paced(12, NOW, BY_QUIET);
        world.run().await;
        let runs = usize::try_from(hours * HOUR / apart).unwrap();
        world.runs(runs, apart).await;
        let ends = world.api.ends.lock().unwrap().clone();
        world.pass(days * DAY);
        // The horizon is that of the turn, and a run takes no time here.
        world.run().await;
        let horizon = world.now() - (7 * 86_400 - 300);
        world.runs(13, 300).await;
        for number in 0..12 {
            for one in world.row(number).types {
                let end = ends[&(numbered(number), one.content_type)];
                let counted = i64::try_from(one.totals.expired_seconds).unwrap();
                assert_eq!(counted, horizon - end, "{apart} {hours} {days}, {number}");
            }
        }
    }
}

#[tokio::test]
async fn a_run_that_dies_at_any_call_loses_nothing_of_slow_tenants() {
    for at in (1..60).chain([80, 120]) {
        let world = quiet(4, 8).await;
        for number in 0..4 {
            world.api.offer(number, "a", world.now() - 400);
            world.api.offer(number, "b", world.now() - 30);
        }
        world.pass(1_200);
        world.fuse.set(at);
        world.run().await;
        world.fuse.set(0);
        world.runs(13, 300).await;
        for number in 0..4 {
            assert_eq!(world.stored(number), [line("a"), line("b")], "died at {at}");
            let types = world.row(number).types;
            let totals = types.iter().map(|one| one.totals.expired_seconds);
            assert_eq!(totals.sum::<u64>(), 0, "died at {at}");
        }
        assert!(world.table.is_done(), "died at {at}");
    }
}

#[tokio::test]
async fn a_status_of_a_slow_tenant_is_as_young_as_its_turn_and_says_how_often_it_comes() {
    let world = quiet(3, 30).await;
    let operate = world.operate();
    for _ in 0..12 {
        world.runs(1, 300).await;
        for number in 0..3 {
            let ends = world.api.ends.lock().unwrap().clone();
            let status = operate.status(numbered(number)).await.unwrap().unwrap();
            assert_eq!((status.period.as_secs(), status.usual), (3_600, 3_900));
            assert!(status.is_whole(status.usual), "{status:?}");
            for one in &status.types {
                let end = ends[&(numbered(number), one.content_type)];
                let lag = u64::try_from(world.now() - 300 - end).unwrap();
                assert_eq!((one.lag, one.behind), (lag, lag));
                assert!(lag < 3_600);
            }
            let gaps = operate.gaps(numbered(number), None).await.unwrap();
            assert!(gaps.is_empty(), "{gaps:?}");
        }
    }
    world.pass(4_000);
    let status = operate.status(numbered(1)).await.unwrap().unwrap();
    assert!(!status.is_whole(status.usual), "nothing comes any more");
    assert_eq!(operate.gaps(numbered(1), None).await.unwrap().len(), 2);
}

/// What an operator asks for is done by the next run, and not in an hour.
#[tokio::test]
async fn what_an_operator_does_with_a_slow_tenant_is_done_by_the_next_run() {
    let world = quiet(4, 12).await;
    let operate = world.operate();
    operate.pause(numbered(0)).await.unwrap();
    operate.leave(numbered(1)).await.unwrap();
    let hours = feed::Window::new(
        Timestamp::from_unix(world.now() - 7_200),
        Timestamp::from_unix(world.now() - 3_600),
    );
    operate.backfill(numbered(2), hours.unwrap()).await.unwrap();
    world.runs(1, 300).await;
    assert!(matches!(world.due(0), Due::Held(_)) && matches!(world.due(1), Due::Held(_)));
    let open = operate.unlisted(numbered(2), hours.unwrap()).await.unwrap();
    assert!(open.is_empty(), "{open:?}");
    assert_eq!((pace(&world, 2), pace(&world, 3)), (12, 12));
    operate.resume(numbered(0)).await.unwrap();
    world.runs(1, 300).await;
    assert_eq!(pace(&world, 0), 12);
    for one in world.row(0).types {
        assert_eq!(one.totals.expired_seconds, 0);
    }
}

/// What has still something to do is looked at in every turn.
#[tokio::test]
async fn a_tenant_that_has_something_to_do_is_not_slow() {
    // What every request is refused with, whether its turns stay fast.
    let rows = [
        (Refusal::Unavailable, true),
        (Refusal::TokenRefused, true),
        (Refusal::PageStale, true),
        (Refusal::AddressRefused, true),
        (Refusal::WindowRefused, true),
        (Refusal::TenantMisconfigured, true),
        (Refusal::RoleMissing, false),
        (Refusal::AuditingOff, false),
        (Refusal::RequestRefused, false),
        (Refusal::TenantGone, false),
    ];
    for (refusal, is_fast) in rows {
        let world = quiet(2, 12).await;
        world.api.refuse(0, Some(refusal));
        let mut fast = 0;
        for _ in 0..24 {
            world.runs(1, 300).await;
            fast += u32::from(world.due(0) == Due::InTurn(Pace::FASTEST));
        }
        assert_eq!(fast > 0, is_fast, "{refusal:?}");
        assert_eq!(pace(&world, 1), 12);
        world.api.refuse(0, None);
        world.api.offer(0, "well", world.now() + 1);
        world.runs(26, 300).await;
        assert_eq!(world.stored(0), [line("well")], "{refusal:?}");
        let types = world.row(0).types;
        let one = types.iter().find(|one| one.content_type == TYPE).unwrap();
        assert_eq!((one.known.refusal, one.totals.expired_seconds), (None, 0));
    }
}

/// Rows that an earlier release wrote name no pace.
#[tokio::test]
async fn a_row_of_an_earlier_release_goes_on_and_becomes_slow_by_one_write() {
    let world = FleetWorld::of(3, NOW);
    world.run().await;
    world.runs(150, 300).await;
    for number in 0..3 {
        assert_eq!(world.due(number), Due::InTurn(Pace::FASTEST));
        let number_then = world.due(number).number(numbered(number));
        assert!((0..256).contains(&number_then));
    }
    // The next release, with the same table.
    let mut world = world;
    world.paces(BY_QUIET);
    world.table.counted();
    let ends = world.api.ends.lock().unwrap().clone();
    world.runs(1, 300).await;
    let counts = world.table.counted();
    assert_eq!((counts.reads, counts.moves), (3, 3));
    for number in 0..3 {
        assert_eq!(pace(&world, number), 12);
    }
    let later = world.api.ends.lock().unwrap().clone();
    assert!(later.iter().all(|(who, end)| *end == ends[who] + 300));
    world.pass(9 * DAY);
    world.run().await;
    let horizon = world.now() - (7 * 86_400 - 300);
    for number in 0..3 {
        for one in world.row(number).types {
            let end = later[&(numbered(number), one.content_type)];
            let counted = i64::try_from(one.totals.expired_seconds).unwrap();
            assert_eq!(counted, horizon - end);
        }
    }
}
