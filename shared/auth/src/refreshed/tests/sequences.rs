//! What is read, remembered and believed: sequences of steps.

use futures::FutureExt as _;

use super::*;

/// What happens, with what a caller has after it and how often was read by then.
enum Step {
    Finds(Found),
    After(i64),
    /// The time of day alone.
    Turn(i64),
    /// The running time alone.
    Run(u64),
    Replace(u32),
    Confirm(u32),
    /// Read before a caller asks; a failure is not remembered.
    Prepare(u32),
    Current(Option<u32>, u32),
    Insist(Result<(), Broken>, u32),
}
use Step::{After, Confirm, Current, Finds, Insist, Prepare, Replace, Run, Turn};

async fn play(row: &str, stage: &Stage, steps: Vec<Step>) {
    for (number, step) in steps.into_iter().enumerate() {
        let place = format!("{row}: step {number}");
        match step {
            Finds(found) => stage.finds(found),
            After(seconds) => stage.clock.advance(seconds),
            Turn(seconds) => stage.clock.turn(seconds),
            Run(seconds) => stage.clock.run(seconds),
            Replace(value) => stage.refreshed.replace(value),
            Confirm(value) => stage.refreshed.confirm(value, stage.refreshed.now()),
            Prepare(reads) => {
                let read = |_| stage.read().map(|found| found.ok().map(Ok));
                stage.refreshed.prepare(read).await;
                assert_eq!(stage.reads(), reads, "{place}");
            }
            Current(expected, reads) => {
                let came = (stage.current().await, stage.reads());
                assert_eq!(came, (expected, reads), "{place}");
            }
            Insist(expected, reads) => {
                let came = (stage.insists().await, stage.reads());
                assert_eq!(came, (Some(expected), reads), "{place}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_old_is_read_again_and_believed_for_a_while_where_it_cannot_be() {
    let one = || Current(Some(1), 1);
    let rows = [
        ("fresh", vec![one(), After(59), one()]),
        (
            "old",
            vec![one(), Finds(Ok(2)), After(60), Current(Some(2), 2)],
        ),
        (
            "old, and not to be had: after a pause again",
            vec![
                one(),
                Finds(Err(Broken)),
                After(60),
                Current(Some(1), 2),
                After(4),
                Current(Some(1), 2),
                After(1),
                Current(Some(1), 3),
            ],
        ),
        (
            "believed so long and no longer",
            vec![
                one(),
                Finds(Err(Broken)),
                After(299),
                Current(Some(1), 2),
                After(1),
                Current(None, 2),
                After(4),
                Current(None, 3),
                Finds(Ok(2)),
                After(5),
                Current(Some(2), 4),
            ],
        ),
        (
            "never read",
            vec![
                Finds(Err(Broken)),
                Current(None, 1),
                Current(None, 1),
                After(5),
                Current(None, 2),
                Finds(Ok(7)),
                After(5),
                Current(Some(7), 3),
            ],
        ),
        (
            "replaced: no younger for it",
            vec![
                one(),
                After(59),
                Replace(9),
                Current(Some(9), 1),
                After(1),
                Current(Some(1), 2),
            ],
        ),
        ("nothing to replace", vec![Replace(9), one()]),
        (
            "confirmed: young again",
            vec![one(), After(59), Confirm(9), After(59), Current(Some(9), 1)],
        ),
        (
            "prepared, and not twice",
            vec![Prepare(1), Prepare(1), one(), After(59), one()],
        ),
        (
            "prepared in vain: the first caller reads at once",
            vec![
                Finds(Err(Broken)),
                Prepare(1),
                Finds(Ok(2)),
                Current(Some(2), 2),
            ],
        ),
        (
            "another read, however fresh, after the pause",
            vec![
                one(),
                Finds(Ok(2)),
                Insist(Ok(()), 1),
                After(20),
                Insist(Ok(()), 2),
                Insist(Ok(()), 2),
                Current(Some(2), 2),
            ],
        ),
        (
            "another read that fails takes nothing away",
            vec![
                one(),
                After(20),
                Finds(Err(Broken)),
                Insist(Err(Broken), 2),
                After(4),
                Insist(Err(Broken), 2),
                Current(Some(1), 2),
            ],
        ),
    ];
    for (row, steps) in rows {
        play(row, &Stage::set(Some(BELIEVED_FOR)), steps).await;
    }
}

#[tokio::test]
async fn no_clock_that_stands_or_is_set_back_makes_a_value_younger() {
    let for_ever = [
        ("set back", vec![Turn(-1), Current(Some(1), 2)]),
        (
            "set back, and a new one",
            vec![Turn(-1), Finds(Ok(2)), Current(Some(2), 2)],
        ),
        (
            "set back, and not to be had",
            vec![Turn(-1), Finds(Err(Broken)), Current(Some(1), 2)],
        ),
        (
            "frozen",
            vec![Turn(86_400), Finds(Err(Broken)), Current(Some(1), 2)],
        ),
    ];
    let for_a_while = [
        ("set back", vec![Turn(-1), Current(Some(1), 2)]),
        (
            "set back, and not to be had",
            vec![Turn(-1), Finds(Err(Broken)), Current(None, 2)],
        ),
        (
            "set back, and right again",
            vec![
                Turn(-1),
                Finds(Err(Broken)),
                Current(None, 2),
                Turn(1),
                Current(Some(1), 2),
            ],
        ),
        (
            "frozen",
            vec![Turn(300), Finds(Err(Broken)), Current(None, 2)],
        ),
        (
            "the time of day stands still",
            vec![Run(300), Finds(Err(Broken)), Current(None, 2)],
        ),
        (
            "set back during a pause",
            vec![
                Finds(Err(Broken)),
                After(300),
                Current(None, 2),
                Turn(-1),
                Current(None, 3),
            ],
        ),
    ];
    let stages = for_ever.map(|row| (None, row)).into_iter();
    for (believed_for, (row, mut steps)) in
        stages.chain(for_a_while.map(|row| (Some(BELIEVED_FOR), row)))
    {
        steps.insert(0, Current(Some(1), 1));
        play(row, &Stage::set(believed_for), steps).await;
    }
}
