//! The collector's program is killed (SIGKILL) at each request that it makes: to the table, the
//! object store, the Activity API and the vending function. What comes next completes its work:
//! nothing is lost, no record is stored twice, and only what was under way is fetched again.
//!
//! What is done when a process dies with the answer to a request in hand is what is done when it
//! dies before its next request reaches the service: one death stands for both.

mod queued;
mod scheduled;

use std::ops::RangeInclusive;

use serde_json::Value;
use tests::gate::{At, Passage};

use crate::processes::{Done, Stage, Texts};

/// What such requests are for, and at which of them a process dies, one after the other.
type Step = (&'static str, Texts, RangeInclusive<usize>);

/// Each death: what was done last, and where the gates stop.
fn deaths(steps: &[Step]) -> impl Iterator<Item = (String, Option<At>)> {
    let at = |(name, texts, places): &Step| {
        let (name, texts) = (*name, *texts);
        let places = places.clone();
        places.map(move |nth| (format!("{nth}: {name}"), Some(At::Nth(texts, nth))))
    };
    let first = ("nothing is done".to_owned(), Some(At::Nth([""; 2], 0)));
    let last = ("it has answered".to_owned(), None);
    let steps: Vec<_> = steps.iter().flat_map(at).collect();
    std::iter::once(first).chain(steps).chain([last])
}

/// The program runs with this event, and is killed there.
async fn killed(stage: &Stage, event: &Value, (what, at): (&str, Option<At>)) -> Done {
    let dead = stage.runs(event, &Passage::until(at)).await;
    let has_answered = dead.answer.is_some();
    assert_eq!(has_answered, at.is_none(), "{what} was not reached");
    dead
}
