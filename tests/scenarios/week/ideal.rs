//! The schedule as the design says it, in arithmetic of its own: no code of the
//! broker, no jitter, no failed request. All times are seconds since the week began, and a run
//! of the refresher takes no time.

/// How often the refresher runs.
pub const PERIOD: i64 = 300;
/// What callers are promised not to notice (`OUTAGE_TO_SURVIVE_SECONDS`).
pub const OUTAGE: i64 = 900;
/// The life of Entra ID's tokens, in most weeks.
pub const USUAL_LIFE: i64 = 3599;

/// From a renewal to the run that renews again: a token that lives `life` is due
/// `min(outage + 2 × period + 120 s, life / 2)` before its end.
pub fn interval(life: i64) -> i64 {
    let lead = (OUTAGE + 2 * PERIOD + 120).min(life / 2);
    run_at_or_after(life - lead)
}

/// The first run that is not before `time`.
pub fn run_at_or_after(time: i64) -> i64 {
    (time + PERIOD - 1).div_euclid(PERIOD) * PERIOD
}

/// The first renewal at or after `time` of a token that was renewed at `renewed` and
/// ever since lives `life`.
pub fn renewal_at_or_after(time: i64, renewed: i64, life: i64) -> i64 {
    let every = interval(life);
    renewed + (time - renewed + every - 1).div_euclid(every) * every
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

/// What is left of a token's life when it is renewed again, if Entra ID is down from
/// `start` to `start + OUTAGE`, both seconds included; the token was renewed at 0.
pub fn left_after_outage(start: i64) -> i64 {
    let down = start..=start + OUTAGE;
    let mut run = interval(USUAL_LIFE);
    while down.contains(&run) {
        run += PERIOD;
    }
    USUAL_LIFE - run
}

#[test]
fn the_arithmetic_is_the_designs() {
    assert_eq!(
        [USUAL_LIFE, 5400, 600].map(interval),
        [2100, 3900, 300],
        "3599 − 1620, 5400 − 1620 and 600 − 300 seconds, at the next run"
    );
    assert_eq!(renewal_at_or_after(86_400, 0, USUAL_LIFE), 88_200);
    assert_eq!(renewal_at_or_after(88_200, 0, USUAL_LIFE), 88_200);
    let lives = [(0, USUAL_LIFE), (4200, 600)];
    assert_eq!(requests(&lives, &[], 4800), 4, "0, 2100, 4200, 4500");
    assert_eq!(requests(&lives, &[(100, 4400)], 4800), 2, "0, 4500");
}

#[test]
fn an_outage_that_begins_with_the_run_at_which_tokens_are_due_leaves_the_least() {
    let due = interval(USUAL_LIFE);
    let least = left_after_outage(due);
    for start in 0..=due {
        assert!(start == due || left_after_outage(start) > least, "{start}");
    }
    assert_eq!(least, 299, "four runs fail, the fifth is in time");
}
