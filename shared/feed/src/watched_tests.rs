use super::*;
use crate::ledger::Totals;
use crate::progress::Progress;
use crate::rhythm::Rhythm;
use crate::spans::Spans;
use crate::subscription::Known;
use crate::window::{DAY, HOUR, Window};

const NOW: i64 = 1_764_490_000;
const TYPE: ContentType = ContentType::Exchange;

fn at(unix: i64) -> Timestamp {
    Timestamp::from_unix(unix)
}

fn tenant() -> TenantId {
    "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap()
}

/// Talks every hour, and is listed up to `listed` seconds ago.
fn talker(listed: i64) -> TypeFeed {
    let mut progress = Progress::beginning(at(NOW - 60 * DAY), 300);
    let all = Window::new(at(NOW - 60 * DAY), at(NOW - listed)).unwrap();
    progress.listed(all, at(NOW), &Spans::default());
    TypeFeed {
        content_type: TYPE,
        known: Known::default(),
        progress: Some(progress),
        totals: Totals {
            listed: 1_000,
            stored: 1_000,
            ..Totals::default()
        },
        stored_at: Some(at(NOW - HOUR)),
        rhythm: Rhythm::stored(HOUR.unsigned_abs()),
        listed_at: None,
    }
}

fn refused(refusal: Refusal, one: TypeFeed) -> TypeFeed {
    TypeFeed {
        known: Known {
            refusal: Some(refusal),
            ..one.known
        },
        ..one
    }
}

fn heard(ago: i64, one: TypeFeed) -> TypeFeed {
    TypeFeed {
        stored_at: Some(at(NOW - ago)),
        ..one
    }
}

#[test]
fn a_talker_that_stopped_is_silent_and_who_is_held_up_is_not() {
    let few = Totals {
        stored: TALKS - 1,
        ..Totals::default()
    };
    let rows = [
        ("it talks", talker(0), false),
        ("a day without a word", heard(DAY, talker(0)), false),
        ("a second more", heard(DAY + 1, talker(0)), true),
        ("a month", heard(30 * DAY, talker(0)), true),
        (
            "what never talked",
            TypeFeed {
                stored_at: None,
                ..talker(0)
            },
            false,
        ),
        (
            "what hardly talked",
            TypeFeed {
                totals: few,
                ..heard(30 * DAY, talker(0))
            },
            false,
        ),
        (
            "what pauses at weekends",
            TypeFeed {
                rhythm: Rhythm::default(),
                ..heard(5 * DAY, talker(0))
            },
            false,
        ),
        (
            "no consent",
            refused(Refusal::NoToken, heard(30 * DAY, talker(0))),
            false,
        ),
        (
            "auditing is off",
            refused(Refusal::AuditingOff, heard(30 * DAY, talker(0))),
            false,
        ),
        (
            "Microsoft does not answer",
            refused(Refusal::Unavailable, heard(30 * DAY, talker(0))),
            false,
        ),
        (
            "paused",
            refused(Refusal::Paused, heard(30 * DAY, talker(0))),
            false,
        ),
        ("we are behind", heard(30 * DAY, talker(2 * HOUR)), false),
        (
            "never listed",
            TypeFeed {
                progress: None,
                ..heard(2 * DAY, talker(0))
            },
            true,
        ),
        ("a clock that was ahead", heard(-DAY, talker(0)), false),
    ];
    for (what, one, is_silent) in rows {
        let since = silent_since(&one, at(NOW), Duration::from_secs(300));
        assert_eq!(since.is_some(), is_silent, "{what}");
    }
}

#[test]
fn what_waits_for_a_customer_or_is_paused_is_not_behind() {
    let rows = [
        (None, 7_200 - 300),
        (Some(Refusal::Unavailable), 7_200 - 300),
        (Some(Refusal::Throttled), 7_200 - 300),
        (Some(Refusal::RequestRefused), 7_200 - 300),
        (Some(Refusal::NotSubscribed), 7_200 - 300),
        (Some(Refusal::AuditingOff), 0),
        (Some(Refusal::RoleMissing), 0),
        (Some(Refusal::NoToken), 0),
        (Some(Refusal::TenantGone), 0),
        (Some(Refusal::Paused), 0),
    ];
    for (refusal, expected) in rows {
        let one = talker(2 * HOUR);
        let one = refusal.map_or(one.clone(), |refusal| refused(refusal, one));
        let found = Watched::of(&[], &[one], at(NOW), tenant());
        assert_eq!(found.behind, expected, "{refusal:?}");
    }
    let never = TypeFeed {
        progress: None,
        ..talker(0)
    };
    assert_eq!(Watched::of(&[], &[never], at(NOW), tenant()).behind, 0);
    // No more than can still be listed.
    let found = Watched::of(&[], &[talker(30 * DAY)], at(NOW), tenant());
    assert_eq!(found.behind, (7 * DAY - 600).unsigned_abs());
}

#[test]
fn a_loss_says_what_held_the_type_up_and_has_one_id() {
    let lost = |contents, expired_seconds| TypeFeed {
        totals: Totals {
            lost: contents,
            expired_seconds,
            ..talker(0).totals
        },
        ..talker(0)
    };
    let rows = [
        ("nothing", talker(0), talker(0), None),
        ("what was lost before", lost(3, 60), lost(3, 60), None),
        (
            "a content",
            talker(0),
            lost(1, 0),
            Some((1, 0, Fault::Ours)),
        ),
        (
            "an hour",
            lost(1, 0),
            lost(1, 3_600),
            Some((0, 3_600, Fault::Ours)),
        ),
        (
            "after a consent that was gone",
            refused(Refusal::NoToken, talker(0)),
            lost(2, 60),
            Some((2, 60, Fault::Customer)),
        ),
        (
            "after Microsoft's outage",
            refused(Refusal::Unavailable, talker(0)),
            lost(2, 0),
            Some((2, 0, Fault::Microsoft)),
        ),
    ];
    for (what, before, after, expected) in rows {
        let losses = || {
            Watched::of(
                std::slice::from_ref(&before),
                std::slice::from_ref(&after),
                at(NOW),
                tenant(),
            )
            .losses
        };
        let found = losses().pop();
        let said = found
            .as_ref()
            .map(|loss| (loss.contents, loss.expired_seconds, loss.fault()));
        assert_eq!(said, expected, "{what}");
        assert_eq!(losses().pop(), found, "{what}: the next run says the same");
    }
    let id = |after| {
        Watched::of(&[talker(0)], &[after], at(NOW), tenant()).losses[0]
            .id
            .clone()
    };
    assert_ne!(id(lost(1, 0)), id(lost(2, 0)));
}

#[test]
fn only_pauses_that_nothing_held_up_are_learned() {
    let pause = 40 * HOUR;
    let rows = [
        ("its own pause", talker(0), pause),
        ("no consent", refused(Refusal::NoToken, talker(0)), HOUR),
        ("we were behind", talker(pause), HOUR),
    ];
    for (what, was, expected) in rows {
        let before = [heard(pause, was)];
        let calm = calm(&before, at(NOW), Duration::from_secs(300));
        let mut after = [heard(0, talker(0))];
        learn(&calm, &before, &mut after);
        let found = after[0].rhythm.longest_pause();
        assert_eq!(found, expected.unsigned_abs(), "{what}");
    }
}

/// What is behind by no more than its turns is its own pause; hourly turns come with some seconds
/// more or less.
#[test]
fn who_is_looked_at_seldom_is_held_up_by_more_than_that_alone() {
    // Seconds from one turn to the next, seconds since the last, whether something holds it up.
    let rows = [
        (300, 0, false),
        (300, 600, false),
        (300, 3_600, false),
        (300, 4_000, true),
        (2_400, 4_000, false),
        (2_400, 5_200, true),
        (3_600, 3_599, false),
        (3_600, 3_600 + 300, false),
        (3_600, 7_200, false),
        (3_600, 7_600, true),
        (14_400, 28_800, false),
        (14_400, 29_200, true),
    ];
    for (period, listed, is_held) in rows {
        let one = heard(3 * DAY, talker(listed));
        let period = Duration::from_secs(period);
        let is_calm = !calm(std::slice::from_ref(&one), at(NOW), period).is_empty();
        assert_eq!(is_calm, !is_held, "{period:?} {listed}");
        let silent = silent_since(&one, at(NOW), period);
        assert_eq!(silent.is_some(), !is_held, "{period:?} {listed}");
    }
}
