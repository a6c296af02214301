//! The schedule as the design says it, in arithmetic of its own: no code of the
//! broker, no failed request. All times are seconds since the week began, and a run
//! of the refresher takes no time.

/// How often the refresher runs.
pub const PERIOD: i64 = 300;
/// What callers are promised not to notice (`OUTAGE_TO_SURVIVE_SECONDS`).
pub const OUTAGE: i64 = 900;
/// The life of Entra ID's tokens, in most weeks.
pub const USUAL_LIFE: i64 = 3599;
/// From one turn of a slot to its next: what a token of the usual life may wait.
pub const CYCLE: i64 = may_wait(USUAL_LIFE);

/// A token that lives `life` is due `min(outage + 2 × period + 120 s, life / 2)` before its end.
const fn may_wait(life: i64) -> i64 {
    let lead = OUTAGE + 2 * PERIOD + 120;
    if lead < life / 2 {
        life - lead
    } else {
        life - life / 2
    }
}

/// From a renewal to the next one, on average: the last turn that is in time, or for tokens
/// that cannot wait for a turn the run at which they are due. The run that renews comes up to a
/// period after the turn: the later it comes, the longer its token may wait.
pub fn interval(life: i64) -> i64 {
    match may_wait(life) {
        waits if waits >= CYCLE => {
            let turns: i64 = (0..PERIOD).map(|late| (waits + late) / CYCLE).sum();
            turns * CYCLE / PERIOD
        }
        waits => run_at_or_after(waits),
    }
}

/// The first run that is not before `time`.
pub fn run_at_or_after(time: i64) -> i64 {
    (time + PERIOD - 1).div_euclid(PERIOD) * PERIOD
}

/// Requests at the authority for one tenant, from 0 to before `end`. `lives`: from when
/// on tokens live how long, in order. `gaps`: while no token is to be had, from when to
/// before when; the ideal broker knows, and asks at the first run after.
pub fn requests(lives: &[(i64, i64)], gaps: &[(i64, i64)], end: i64) -> u64 {
    let life_at = |time: i64| {
        let latest = lives.iter().rev().find(|(from, _)| *from <= time);
        latest.unwrap().1
    };
    let (mut at, mut asked) = (0, 0);
    while at < end {
        match gaps
            .iter()
            .find(|(from, back)| (*from..*back).contains(&at))
        {
            Some((_, back)) => at = run_at_or_after(*back),
            None => {
                asked += 1;
                at += interval(life_at(at));
            }
        }
    }
    asked
}

/// What is left of a token's life when it is renewed again at the least: its turn came a moment
/// after a run, and Entra ID is down from the next one on for `OUTAGE`, both ends included.
pub fn left_after_outage() -> i64 {
    let looked_at = CYCLE + PERIOD - 1;
    USUAL_LIFE - (looked_at + OUTAGE + PERIOD)
}

#[test]
fn the_arithmetic_is_the_designs() {
    assert_eq!(
        [USUAL_LIFE, 5400, 5580, 600].map(interval),
        [1979, 2783, 3958, 300],
        "3599 − 1620; one turn or two; two; 600 − 300"
    );
    let lives = [(0, USUAL_LIFE), (3958, 600)];
    assert_eq!(requests(&lives, &[], 4558), 4, "0, 1979, 3958, 4258");
    assert_eq!(requests(&lives, &[(100, 4400)], 4800), 2, "0, 4500");
}

#[test]
fn the_promised_outage_leaves_the_margin_and_no_more() {
    assert_eq!(left_after_outage(), 121);
}
