//! For how long a set is in force that the store does not confirm: a table of ways in which
//! it can fail to, each with the clock moved second by second.

use std::time::Duration;

use auth::caller::Ruling::{self, Allow, Deny, Undecided};
use auth::policy::StoredPolicy;
use auth::ports::StoreError;

use super::logged::Logged;
use super::stage::*;

/// What happens, and what key `a` is answered then.
enum Step {
    Stored(Found),
    After(i64),
    /// The time of day alone: a function that is frozen, a clock that is set.
    Set(i64),
    /// The running time alone.
    Run(u64),
    Asked(Ruling),
}
use Step::{After, Asked, Run, Set, Stored};

/// A set that permits key `a` is in force; then each step in turn.
async fn play(row: &str, steps: Vec<Step>) {
    let stage = Stage::with(stored(1, "a"));
    assert_eq!(stage.ruling("a").await, Allow, "{row}");
    for (number, step) in steps.into_iter().enumerate() {
        match step {
            Stored(found) => stage.store(found),
            After(seconds) => stage.after(seconds),
            Set(seconds) => stage.clock.turn(seconds),
            Run(seconds) => stage.clock.run(seconds),
            Asked(expected) => {
                let ruling = stage.ruling("a").await;
                assert_eq!(ruling, expected, "{row}: step {number}");
            }
        }
    }
}

fn broken() -> Found {
    Err(StoreError::Broken("not allowed".to_owned()))
}

fn damaged_item() -> Found {
    Err(StoreError::Damaged("no digest".to_owned()))
}

/// The text was changed, and the digest that was stored with it was not.
fn not_its_digest(number: u64) -> Found {
    let digest = StoredPolicy::digest_of(&permits("a"));
    Ok(found(Some(StoredPolicy {
        digest,
        ..version(number, &permits("b"))
    })))
}

fn text(number: u64, text: &str) -> Found {
    Ok(found(Some(version(number, text))))
}

#[tokio::test]
async fn what_is_not_confirmed_for_a_quarter_of_an_hour_is_out_of_force() {
    let ways = [
        ("the store does not answer", outage()),
        ("the store cannot be used", broken()),
        ("the item is damaged", damaged_item()),
        ("another digest in a new version", not_its_digest(2)),
        ("another text under the same version", not_its_digest(1)),
        ("cut off", text(2, "permit(principal == Key::\"a\", action")),
        ("no policy", text(2, "let everybody in")),
        (
            "refused by the schema",
            text(
                2,
                "@id(\"x\") permit(principal == Kee::\"a\", action, resource);",
            ),
        ),
        (
            "refused by a lint",
            text(2, "@id(\"x\") permit(principal, action, resource);"),
        ),
        ("no id", text(2, "permit(principal, action, resource);")),
    ];
    for (row, way) in ways {
        let steps = vec![
            Stored(way),
            After(899),
            Asked(Allow),
            After(1),
            Asked(Undecided),
            After(86_400),
            Asked(Undecided),
            // It heals by itself.
            Stored(stored(3, "a")),
            After(5),
            Asked(Allow),
        ];
        play(row, steps).await;
    }
}

#[tokio::test]
async fn the_time_counts_from_the_last_read_that_confirmed_the_set() {
    let rows = [
        (
            "the very text, again and again",
            vec![
                After(600),
                Asked(Allow),
                Stored(outage()),
                After(899),
                Asked(Allow),
                After(1),
                Asked(Undecided),
            ],
        ),
        (
            "the very text under a new version",
            vec![
                Stored(stored(2, "a")),
                After(600),
                Asked(Allow),
                Stored(outage()),
                After(899),
                Asked(Allow),
                After(1),
                Asked(Undecided),
            ],
        ),
        (
            "a damaged text and an outage together",
            vec![
                Stored(not_its_digest(2)),
                After(600),
                Asked(Allow),
                Stored(outage()),
                After(299),
                Asked(Allow),
                After(1),
                Asked(Undecided),
            ],
        ),
        (
            "back again just in time",
            vec![
                Stored(outage()),
                After(890),
                Asked(Allow),
                Stored(stored(1, "a")),
                After(5),
                Asked(Allow),
                Stored(outage()),
                After(899),
                Asked(Allow),
            ],
        ),
        (
            "back again with a text that permits the key no more",
            vec![
                Stored(outage()),
                After(900),
                Asked(Undecided),
                Stored(stored(2, "b")),
                After(5),
                Asked(Deny),
            ],
        ),
        (
            "taken away at once, and then out of reach",
            vec![
                Stored(Ok(found(None))),
                After(60),
                Asked(Deny),
                Stored(outage()),
                After(899),
                Asked(Deny),
                After(1),
                Asked(Undecided),
            ],
        ),
    ];
    for (row, steps) in rows {
        play(row, steps).await;
    }
}

#[tokio::test]
async fn no_clock_that_stands_or_is_set_back_makes_a_set_younger() {
    let rows = [
        (
            "frozen for hours, the store down: the first question",
            vec![Stored(outage()), Set(7_200), Asked(Undecided)],
        ),
        (
            "frozen for hours, the store up: the first question",
            vec![Set(7_200), Asked(Allow)],
        ),
        (
            "frozen for hours while the policy was replaced",
            vec![Stored(stored(2, "b")), Set(7_200), Asked(Deny)],
        ),
        (
            "frozen just short of it",
            vec![Stored(outage()), Set(899), Asked(Allow)],
        ),
        (
            "set back an hour, the store down",
            vec![Stored(outage()), Set(-3_600), Asked(Undecided)],
        ),
        (
            "set back an hour, the store up",
            vec![Set(-3_600), Asked(Allow)],
        ),
        (
            "set back a second, and right again",
            vec![
                Stored(outage()),
                Set(-1),
                Asked(Undecided),
                Set(1),
                Asked(Allow),
            ],
        ),
        (
            "set back again and again to when the set was read",
            vec![
                Stored(outage()),
                After(500),
                Asked(Allow),
                Set(-500),
                Asked(Allow),
                Run(399),
                Asked(Allow),
                Run(1),
                Asked(Undecided),
            ],
        ),
        (
            "the time of day stands still",
            vec![Stored(outage()), Run(900), Asked(Undecided)],
        ),
    ];
    for (row, steps) in rows {
        play(row, steps).await;
    }
}

/// `POLICY_UNREAD_MAX_AGE_SECONDS`; a set that is read seldom is read before it ends.
#[tokio::test]
async fn the_settings_say_for_how_long_a_set_is_believed() {
    for (max_age, unread) in [(0, 60), (60, 60), (300, 60), (60, 3_600), (300, 86_400)] {
        let row = format!("{max_age} and {unread}");
        let seconds = |number: i64| Duration::from_secs(number.unsigned_abs());
        let stage = Stage::built(stored(1, "a"), |policies| {
            let policies = policies.with_max_age(seconds(max_age));
            policies.with_unread_max_age(seconds(unread))
        });
        assert!(stage.permits("a").await, "{row}");
        stage.after(unread);
        assert!(stage.permits("a").await, "{row}: it is read again");
        stage.store(outage());
        stage.after(unread - 1);
        assert!(stage.permits("a").await, "{row}");
        stage.after(1);
        assert_eq!(stage.ruling("a").await, Undecided, "{row}");
    }
}

/// What is out of reach is not asked at every question, and what comes is logged.
#[tokio::test]
async fn while_a_set_is_too_old_the_store_is_asked_every_five_seconds() {
    let logged = Logged::listen();
    let stage = Stage::with(stored(1, "a"));
    assert!(stage.permits("a").await);
    for way in [outage(), not_its_digest(2)] {
        stage.store(way);
        stage.after(900);
        let before = stage.reads();
        for (pause, read) in [(0, 1), (4, 1), (1, 2)] {
            stage.after(pause);
            assert_eq!(stage.ruling("a").await, Undecided);
            assert_eq!(stage.reads(), before + read);
        }
        stage.store(stored(1, "a"));
        stage.after(5);
        assert!(stage.permits("a").await);
    }
    let expected = [
        "policy_taken",
        "policy_not_read",
        "policy_not_read",
        "policy_refused",
        "policy_refused",
    ];
    assert_eq!(logged.events(), expected);
}
