use std::collections::BTreeMap;

use super::*;

const CYCLE: i64 = 300;

fn at(unix: i64) -> Timestamp {
    Timestamp::from_unix(unix)
}

fn tenant(number: u32) -> TenantId {
    let text = format!("00000000-0000-4000-8000-{number:012}");
    text.parse().unwrap()
}

fn turns() -> Turns {
    Turns::every(Duration::from_secs(CYCLE.unsigned_abs()))
}

#[test]
fn a_tenant_is_asked_about_as_often_as_a_sixth_of_the_time_it_has_been_quiet() {
    const HOUR: u64 = 3_600;
    // Interval, settle, the longest lag, seconds of quiet, one turn in so many.
    let rows = [
        (300, 300, 3_900, 0, 1),
        (300, 300, 3_900, 1_800, 1),
        (300, 300, 3_900, HOUR - 1, 1),
        (300, 300, 3_900, HOUR, 2),
        (300, 300, 3_900, 2 * HOUR - 1, 2),
        (300, 300, 3_900, 2 * HOUR, 4),
        (300, 300, 3_900, 4 * HOUR, 8),
        (300, 300, 3_900, 6 * HOUR - 1, 8),
        (300, 300, 3_900, 6 * HOUR, 12),
        (300, 300, 3_900, 7 * 24 * HOUR, 12),
        (300, 300, 3_900, u64::MAX, 12),
        // The bound holds whatever the quiet is, and content settles within it.
        (300, 300, 3_899, u64::MAX, 8),
        (300, 0, 3_600, u64::MAX, 12),
        (300, 0, 3_599, u64::MAX, 8),
        (300, 300, 900, u64::MAX, 2),
        (300, 300, 600, u64::MAX, 1),
        (300, 300, 0, u64::MAX, 1),
        (600, 300, 3_900, u64::MAX, 4),
        (3_600, 300, 3_900, u64::MAX, 1),
        (3_600, 300, 14_400, u64::MAX, 2),
        (256, 300, 3_900, 6 * 12 * 256, 12),
        // Turns come no more often than each 256 seconds.
        (1, 0, 3_900, u64::MAX, 12),
    ];
    for (interval, settle, lag_max, quiet, expected) in rows {
        let pacing = Pacing {
            interval: Duration::from_secs(interval),
            lag_max: Duration::from_secs(lag_max),
        };
        let pace = pacing.pace(Duration::from_secs(quiet), settle);
        let row = (interval, settle, lag_max, quiet);
        assert_eq!(pace.multiple(), expected, "{row:?}");
    }
}

#[test]
fn a_quiet_stretch_changes_the_pace_four_times_and_never_back() {
    let pacing = Pacing {
        interval: Duration::from_secs(300),
        lag_max: Duration::from_secs(3_900),
    };
    let paces = (0..3 * 86_400).map(|quiet| pacing.pace(Duration::from_secs(quiet), 300));
    let mut paces: Vec<_> = paces.collect();
    assert!(paces.is_sorted());
    paces.dedup();
    assert_eq!(paces, Pace::all().collect::<Vec<_>>());
}

#[test]
fn a_number_that_is_not_known_is_looked_at_in_every_turn() {
    for pace in Pace::all() {
        assert_eq!(Pace::numbered(i64::from(pace.number())), pace);
    }
    for number in [-1, i64::MIN, 5, 15, 255, 256, 260, i64::MAX] {
        assert_eq!(Pace::numbered(number), Pace::FASTEST, "{number}");
    }
}

#[test]
fn the_turns_of_a_pace_are_so_many_of_the_slots_turns_apart() {
    let start = 1_800_000_000;
    for pace in Pace::all() {
        for number in 0..200 {
            let tenant = tenant(number);
            let slot = Slot::of(tenant);
            let mut now = at(start);
            for _ in 0..20 {
                let next = pace.next(turns(), tenant, now);
                assert!(next > now);
                assert_eq!(turns().last(slot, next), next, "it is a turn of its slot");
                assert_eq!(pace.last(turns(), tenant, next), next);
                let before = at(next.unix() - 1);
                assert_eq!(
                    pace.last(turns(), tenant, before),
                    next - pace.period(turns())
                );
                assert_eq!(pace.next(turns(), tenant, before), next);
                now = next;
            }
        }
    }
}

/// A tenant that goes over to a slower pace has each of its turns there or here: none is further
/// away than the slower pace allows.
#[test]
fn going_over_to_another_pace_never_makes_a_longer_pause_than_that_pace() {
    for (from, to) in Pace::all().flat_map(|from| Pace::all().map(move |to| (from, to))) {
        for number in 0..50 {
            let tenant = tenant(number);
            let looked = from.next(turns(), tenant, at(1_800_000_000));
            let next = to.next(turns(), tenant, looked);
            assert!(looked.seconds_until(next) <= to.period(turns()).as_secs());
        }
    }
}

/// Of a fleet that is quiet, a run finds a like part.
#[test]
fn the_tenants_of_a_pace_come_in_different_runs() {
    const TENANTS: u32 = 12_000;
    for pace in Pace::all() {
        let mut runs: BTreeMap<i64, u32> = BTreeMap::new();
        let start = 1_800_000_000 / (12 * CYCLE) * 12 * CYCLE;
        for number in 0..TENANTS {
            let turn = pace.next(turns(), tenant(number), at(start - 1)).unix();
            *runs.entry((turn - start) / CYCLE).or_default() += 1;
        }
        assert_eq!(runs.len(), usize::try_from(pace.multiple()).unwrap());
        let like = TENANTS / pace.multiple();
        for (run, count) in runs {
            assert!(
                count.abs_diff(like) <= like / 6,
                "{pace:?}, run {run}: {count} of {like}"
            );
        }
    }
}
