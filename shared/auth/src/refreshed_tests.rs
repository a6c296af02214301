//! What is read, remembered and believed: sequences of steps with a clock that is moved by
//! hand, and callers that come while another one reads.

use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};

use futures::FutureExt as _;
use futures::future::join_all;
use tokio::sync::Semaphore;

use super::*;

const FRESH_FOR: Duration = Duration::from_secs(60);
const BELIEVED_FOR: Duration = Duration::from_secs(300);
const PAUSE: u64 = 20;
const PAUSE_AFTER_FAILURE: u64 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Broken;

type Found = Result<u32, Broken>;

#[derive(Default)]
struct MovedClock {
    time_of_day: AtomicI64,
    running: AtomicU64,
}

impl Clock for MovedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.time_of_day.load(Ordering::SeqCst))
    }

    fn since_start(&self) -> Duration {
        Duration::from_secs(self.running.load(Ordering::SeqCst))
    }
}

/// What is read, and a source that counts its reads and can be slow.
struct Stage {
    clock: Arc<MovedClock>,
    refreshed: Refreshed<u32, Broken>,
    source: StdMutex<Found>,
    reads: AtomicU32,
    /// A read takes one.
    lets_through: Semaphore,
}

impl Stage {
    fn set(believed_for: Option<Duration>) -> Self {
        let clock = Arc::new(MovedClock::default());
        let mut refreshed = Refreshed::new(clock.clone(), FRESH_FOR);
        if let Some(believed_for) = believed_for {
            refreshed.set_believed_for(believed_for);
        }
        Self {
            clock,
            refreshed,
            source: StdMutex::new(Ok(1)),
            reads: AtomicU32::new(0),
            lets_through: Semaphore::new(1_000),
        }
    }

    fn after(&self, seconds: u64) {
        self.turn(i64::try_from(seconds).unwrap());
        self.run(seconds);
    }

    fn turn(&self, seconds: i64) {
        self.clock.time_of_day.fetch_add(seconds, Ordering::SeqCst);
    }

    fn run(&self, seconds: u64) {
        self.clock.running.fetch_add(seconds, Ordering::SeqCst);
    }

    fn finds(&self, found: Found) {
        *self.source.lock().unwrap() = found;
    }

    async fn read(&self) -> Found {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.lets_through.acquire().await.unwrap().forget();
        *self.source.lock().unwrap()
    }

    async fn current(&self) -> Option<u32> {
        self.refreshed.current(pause, || self.read()).await
    }

    /// Asks for something that is not there.
    async fn insists(&self) -> Option<Result<(), Broken>> {
        let read = || self.read();
        self.refreshed.read_unless(|| false, pause, read).await
    }

    fn reads(&self) -> u32 {
        self.reads.load(Ordering::SeqCst)
    }
}

fn pause(last: &Result<(), Broken>) -> Duration {
    Duration::from_secs(if last.is_ok() {
        PAUSE
    } else {
        PAUSE_AFTER_FAILURE
    })
}

/// What happens, with what a caller has after it and how often was read by then.
enum Step {
    Finds(Found),
    After(u64),
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
            After(seconds) => stage.after(seconds),
            Turn(seconds) => stage.turn(seconds),
            Run(seconds) => stage.run(seconds),
            Replace(value) => stage.refreshed.replace(value),
            Confirm(value) => stage.refreshed.confirm(value, stage.refreshed.now()),
            Prepare(reads) => {
                let read = || stage.read().map(|found| found.ok().map(Ok));
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

#[tokio::test]
async fn after_a_first_read_that_failed_elsewhere_the_pause_begins() {
    let mut stage = Stage::set(None);
    stage.refreshed.set_failed(Broken);
    let steps = vec![
        Current(None, 0),
        After(4),
        Current(None, 0),
        After(1),
        Current(Some(1), 1),
    ];
    play("failed before", &stage, steps).await;
}

#[tokio::test]
async fn one_reads_while_the_others_go_on_with_what_there_is() {
    let stage = Stage::set(Some(BELIEVED_FOR));
    assert_eq!(stage.current().await, Some(1));
    stage.finds(Ok(2));
    stage.after(60);
    stage.lets_through.forget_permits(1_000);
    let mut reader = std::pin::pin!(stage.current());
    assert_eq!(reader.as_mut().now_or_never(), None);
    for _ in 0..3 {
        assert_eq!(stage.current().now_or_never(), Some(Some(1)));
    }
    // With what is not believed any more, no caller goes on.
    stage.after(240);
    assert_eq!(stage.current().now_or_never(), None);
    stage.lets_through.add_permits(1);
    assert_eq!(reader.await, Some(2));
    assert_eq!(stage.reads(), 2);
}

#[tokio::test]
async fn all_wait_for_the_one_that_reads_where_nothing_is_there_or_another_value_is_needed() {
    let stage = Stage::set(None);
    stage.lets_through.forget_permits(999);
    let first = join_all((0..5).map(|_| stage.current())).await;
    assert_eq!((first, stage.reads()), (vec![Some(1); 5], 1));
    stage.after(20);
    stage.lets_through.add_permits(1);
    let needed = join_all((0..5).map(|_| stage.insists())).await;
    assert_eq!((needed, stage.reads()), (vec![Some(Ok(())); 5], 2));
    let enough = stage
        .refreshed
        .read_unless(|| true, |_| Duration::ZERO, || stage.read());
    assert_eq!((enough.await, stage.reads()), (Some(Ok(())), 2));
}

/// A source whose time-out is longer than the pause.
#[tokio::test]
async fn callers_that_waited_for_a_read_that_failed_do_not_wait_for_another_one() {
    let stage = Stage::set(None);
    stage.finds(Err(Broken));
    stage.lets_through.forget_permits(1_000);
    let mut callers = std::pin::pin!(join_all((0..5).map(|_| stage.current())));
    assert_eq!(callers.as_mut().now_or_never(), None);
    stage.after(10);
    stage.lets_through.add_permits(5);
    assert_eq!(callers.await, vec![None; 5]);
    assert_eq!(stage.reads(), 1);
}

#[tokio::test]
async fn a_reader_that_gives_up_leaves_the_read_to_the_next_one() {
    let stage = Stage::set(None);
    stage.lets_through.forget_permits(1_000);
    assert_eq!(stage.current().now_or_never(), None);
    stage.lets_through.add_permits(1);
    assert_eq!((stage.current().await, stage.reads()), (Some(1), 2));
}
