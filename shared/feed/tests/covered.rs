//! Every second since the subscription began is listed as often as it should be, or counted,
//! whatever becomes of the runs, of our clock and of what was not worth a write.

use auth::Timestamp;
use feed::Window;
use feed::pass::Pass;
use feed::planner;
use feed::progress::Progress;
use feed::spans::Spans;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
const SETTLE: i64 = 300;
const REACH: i64 = 7 * DAY - 300;
/// How old a second is at least in each pass.
const DELAYS: [i64; 4] = [SETTLE, 3 * HOUR, DAY, 6 * DAY];
const GRID: i64 = 4_567;
const BEGAN: i64 = 20_000 * DAY;

/// Numbers that look like chance and are the same in every run of the test.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        ((self.0 >> 33) % limit.unsigned_abs()) as i64
    }

    fn one_in(&mut self, many: i64) -> bool {
        self.below(many) == 0
    }
}

/// A tenant's feed as the table, Microsoft's clock and ours have it.
struct World {
    chance: Chance,
    /// Microsoft's time.
    now: i64,
    /// How far our clock is off.
    off: i64,
    /// What the row says, which a run reads.
    row: Progress,
    /// Where the mark of the last run was, as the shard's lease says, if it did not write.
    listed_until: Option<i64>,
    /// Listings that came to their end: what, when, what of it was not stored.
    listings: Vec<(Window, i64, Spans)>,
    lost: Spans,
    unrepeated: u64,
    writes: usize,
    requests: usize,
}

impl World {
    fn new(seed: u64) -> Self {
        Self {
            chance: Chance(seed),
            now: BEGAN,
            off: 0,
            row: Progress::beginning(Timestamp::from_unix(BEGAN), SETTLE as u32),
            listed_until: None,
            listings: Vec::new(),
            lost: Spans::default(),
            unrepeated: 0,
            writes: 0,
            requests: 0,
        }
    }

    /// One turn. `trouble`: one in so many listings fails or leaves hours unfinished.
    fn turn(&mut self, trouble: Option<i64>) {
        let before = self.row.clone();
        let mut progress = before.clone();
        if let Some(at) = self.listed_until {
            progress.listed_until(Timestamp::from_unix(at));
        }
        let ours = Timestamp::from_unix(self.now + self.off);
        let answered = Timestamp::from_unix(self.now).min(ours);
        let mut fault = false;
        for window in planner::due(ours, &progress, GRID) {
            self.requests += 1;
            // Refused: AF20030 where our clock is behind, and at any time whatever else.
            let refused = window.start().unix() < self.now - 7 * DAY;
            if refused || trouble.is_some_and(|many| self.chance.one_in(many)) {
                fault = true;
                continue;
            }
            let unfinished = self.unfinished(window, trouble);
            fault |= !unfinished.is_empty();
            progress.listed(window, answered, &unfinished);
            self.listings.push((window, answered.unix(), unfinished));
        }
        let expired = progress.expire(Timestamp::from_unix(self.now), &Spans::default());
        self.unrepeated += expired.unrepeated_seconds;
        let lost = !expired.lost.is_empty();
        expired
            .lost
            .windows()
            .iter()
            .for_each(|window| self.lost.insert(*window));
        if fault
            || lost
            || expired.unrepeated_seconds > 0
            || progress.is_worth_a_write(&before, false)
        {
            self.row = progress;
            self.listed_until = None;
            self.writes += 1;
        } else {
            self.listed_until = Some(progress.unlisted(Pass::First).mark.unix());
        }
    }

    fn unfinished(&mut self, window: Window, trouble: Option<i64>) -> Spans {
        let mut hours = Spans::default();
        for hour in window.hours() {
            if trouble.is_some_and(|many| self.chance.one_in(4 * many)) {
                hours.insert(hour);
            }
        }
        hours
    }

    /// The ages at which a second was listed.
    fn ages(&self, second: i64) -> Vec<i64> {
        let second = Timestamp::from_unix(second);
        let of = self
            .listings
            .iter()
            .filter(|(window, _, _)| window.contains(second));
        of.map(|(_, at, _)| at - second.unix()).collect()
    }

    /// Whether a second was listed late enough, and what was found is stored.
    fn is_stored(&self, second: i64) -> bool {
        let at = Timestamp::from_unix(second);
        self.listings.iter().any(|(window, when, unfinished)| {
            let left = unfinished.windows().iter().any(|hour| hour.contains(at));
            window.contains(at) && when - second >= SETTLE && !left
        })
    }

    fn is_lost(&self, second: i64) -> bool {
        let at = Timestamp::from_unix(second);
        self.lost.windows().iter().any(|window| window.contains(at))
    }
}

#[test]
fn a_healthy_tenant_has_every_second_listed_four_times_at_the_right_ages() {
    let mut world = World::new(1);
    while world.now < BEGAN + 20 * DAY {
        world.now += 300;
        world.turn(None);
    }
    for second in (BEGAN..BEGAN + 12 * DAY).step_by(4_513) {
        let ages = world.ages(second);
        let late = [600, 4 * HOUR, 36 * HOUR, 6 * DAY + 12 * HOUR];
        for (delay, latest) in DELAYS.into_iter().zip(late) {
            let range = delay..=latest + 300;
            assert!(
                ages.iter().any(|age| range.contains(age)),
                "{delay}: {ages:?}"
            );
        }
    }
    assert!(world.lost.is_empty());
    assert_eq!(world.unrepeated, 0);
    // An idle tenant: 288 turns a day, two listings each for the day and for day six.
    assert!(world.requests <= 20 * (288 + 4), "{}", world.requests);
    assert!(world.writes <= 20 * 2 + 2, "{}", world.writes);
}

#[test]
fn what_was_neither_stored_nor_is_waiting_is_counted_as_lost_to_the_second() {
    for seed in 0..24 {
        let mut world = World::new(seed);
        let mut outage_until = 0;
        while world.now < BEGAN + 40 * DAY {
            world.now += 60 + world.chance.below(1_200);
            if world.chance.one_in(800) {
                outage_until = world.now + world.chance.below(12 * DAY);
            }
            // Ours is set forwards or back, by minutes or by weeks; then right again.
            if world.chance.one_in(200) {
                let far = [600, 2 * HOUR, 30 * HOUR, 20 * DAY][world.chance.below(4) as usize];
                world.off = world.chance.below(2 * far) - far;
            }
            if world.chance.one_in(20) {
                world.off = 0;
            }
            if world.now >= outage_until {
                world.turn(Some(6));
            }
        }
        // Well again: all that can be listed is.
        world.off = 0;
        for _ in 0..3 {
            world.now += 300;
            world.turn(None);
        }
        check(&world, seed);
    }
}

fn check(world: &World, seed: u64) {
    let first = world.row.unlisted(Pass::First);
    assert!(first.gaps.is_empty(), "seed {seed}: {:?}", first.gaps);
    let expired_before = world.now - REACH;
    for second in (BEGAN..world.now - SETTLE).step_by(2_411) {
        let (stored, lost) = (world.is_stored(second), world.is_lost(second));
        assert!(stored || lost, "seed {seed}: {second} is missing");
        // What failed and expired is lost, although an earlier listing had found it empty.
        if lost {
            assert!(
                second < expired_before,
                "seed {seed}: {second} could be listed"
            );
        }
    }
}

#[test]
fn an_outage_of_more_than_seven_days_costs_exactly_what_it_must() {
    for (days, idle_hours) in [(8, 0), (9, 5), (10, 11), (30, 3)] {
        let mut world = World::new(0);
        for _ in 0..12 * (24 + idle_hours) {
            world.now += 300;
            world.turn(None);
        }
        let listed_until = world.now - SETTLE;
        world.now += days * DAY;
        world.turn(None);
        let expected = Window::new(
            Timestamp::from_unix(listed_until),
            Timestamp::from_unix(world.now - REACH),
        );
        assert_eq!(world.lost.windows(), expected.as_slice(), "{days} days");
        // Nothing more later, though the row was not written at every turn.
        for _ in 0..400 {
            world.now += 300;
            world.turn(None);
        }
        assert_eq!(world.lost.windows(), expected.as_slice(), "{days} days");
    }
}

#[test]
fn a_clock_of_ours_that_is_weeks_ahead_loses_nothing() {
    let mut world = World::new(0);
    for turn in 0..3_000 {
        world.now += 300;
        world.off = if turn % 100 < 50 { 20 * DAY } else { 0 };
        world.turn(None);
    }
    assert!(world.lost.is_empty());
    for second in (BEGAN..world.now - 8 * HOUR).step_by(1_009) {
        assert!(world.is_stored(second), "{}", second - BEGAN);
    }
}
