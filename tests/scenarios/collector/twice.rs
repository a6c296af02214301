//! A message that the queue brings twice, to two worker processes at once, over one table and one
//! object store. They wait for each other at a request: both have asked all that comes before it,
//! and neither has done anything that comes after it.

use std::sync::Arc;

use local::queue::Message;
use serde_json::json;
use tests::gate::Passage;
use tokio::sync::Barrier;

use crate::processes::requests::{
    BATCHES_READ, LISTED, OBJECT_PUT, ROW_READ, ROW_WRITTEN, TENANT_READ, TOKEN, WINDOW_TAKEN,
};
use crate::processes::{Done, ID, Origin, Stage, Texts, event};

impl Stage {
    /// Both processes run to their ends.
    async fn brings_twice(&self, message: &Message, texts: Texts) -> [Done; 2] {
        let barrier = Arc::new(Barrier::new(2));
        let passages = [(); 2].map(|()| Passage::meeting(texts, &barrier));
        let event = event(message);
        let [one, other] = passages
            .each_ref()
            .map(|passage| self.runs(&event, passage));
        let (one, other) = futures::join!(one, other);
        [one, other]
    }
}

impl Done {
    /// The queue is to bring the message again.
    fn comes_again(&self) -> bool {
        let answer = self.answer.as_ref().unwrap();
        let failed = json!({"batchItemFailures": [{"itemIdentifier": ID}]});
        let done = json!({"batchItemFailures": []});
        assert!([&failed, &done].contains(&answer), "{answer}");
        *answer == failed
    }

    fn has_stored(&self) -> bool {
        self.has(OBJECT_PUT)
    }
}

/// One of the two has stored, and its work is counted once.
async fn is_once(stage: &Stage, what: &str, both: &[Done; 2]) {
    let stored = both.iter().filter(|one| one.has_stored()).count();
    assert_eq!(stored, 1, "{what}");
    let again = stage.is_completed(what).await;
    assert_eq!(again, 0, "{what}: a content is fetched once");
    let (counted, records) = (stage.counted().await, stage.records().len());
    assert_eq!(
        (counted.records, counted.stored),
        (records as u64, counted.listed),
        "{what}: {counted:?}"
    );
}

/// Where they meet in a turn that a webhook woke.
const WOKEN: [(&str, Texts); 6] = [
    ("the tenant is looked up", TENANT_READ),
    ("the tenant's row is read", ROW_READ),
    ("a token is given", TOKEN),
    ("the window is listed", LISTED),
    ("batches are read", BATCHES_READ),
    ("the tenant is claimed", ROW_WRITTEN),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_that_two_workers_get_at_once_is_stored_and_counted_once() {
    let origin = Origin::collected(2).await;
    for (what, texts) in WOKEN {
        let stage = origin.stage().await;
        let message = stage.notified();
        let offered = stage.offered().await;
        let both = stage.brings_twice(&message, texts).await;
        // Of two claims by the same row one is made. Before that, one worker may be done when the
        // other goes on.
        let least = usize::from(texts == ROW_WRITTEN);
        let again = both.iter().filter(|one| one.comes_again()).count();
        assert!((least..=1).contains(&again), "{what}: {again}");
        assert!(stage.has(&offered), "{what}");
        stage.brings(&message).await;
        is_once(&stage, what, &both).await;
    }
}

/// Where they meet before a window that a turn handed out.
const HANDED: [(&str, Texts); 3] = [
    ("the tenant is looked up", TENANT_READ),
    ("the tenant's row is read", ROW_READ),
    ("the window is taken", WINDOW_TAKEN),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_window_that_two_workers_get_at_once_is_done_and_counted_once() {
    let origin = Origin::collected(8).await;
    for (what, texts) in HANDED {
        let stage = origin.stage().await;
        let message = stage.hands_out().await;
        let both = stage.brings_twice(&message, texts).await;
        assert!(!both.iter().any(Done::comes_again), "{what}");
        is_once(&stage, what, &both).await;
    }
}
