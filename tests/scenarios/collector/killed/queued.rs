//! What the queue brings: a turn that a webhook woke, and a window that a turn handed out.

use std::time::Duration;

use super::{Step, deaths, killed};
use crate::processes::requests::{
    BATCH_LISTED, BATCHES_READ, FETCHED, LEASE_READ, LISTED, OBJECT_PUT, ROW_READ, ROW_WRITTEN,
    STORED, TENANT_READ, TOKEN, WINDOW_FINISHED, WINDOW_TAKEN,
};
use crate::processes::{Origin, event};

/// A message that was received is seen by no other worker for so long (`VisibilityTimeout` in
/// template.yaml).
const HELD: Duration = Duration::from_secs(900);

/// Of a turn that was woken, in their order.
const WOKEN: [Step; 12] = [
    ("the tenant is looked up", TENANT_READ, 1..=1),
    ("the lease is looked at", LEASE_READ, 1..=1),
    ("the tenant's row is read", ROW_READ, 1..=1),
    ("a token is given", TOKEN, 1..=1),
    ("the window is listed", LISTED, 1..=2),
    ("batches are read", BATCHES_READ, 1..=2),
    ("the tenant is claimed", ROW_WRITTEN, 1..=1),
    ("a batch is listed", BATCH_LISTED, 1..=2),
    ("a content is fetched", FETCHED, 1..=3),
    ("an object is put", OBJECT_PUT, 1..=2),
    ("a batch is stored", STORED, 1..=2),
    ("the tenant's row is written", ROW_WRITTEN, 2..=2),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_in_a_woken_turn_is_completed_by_its_message_or_without_it() {
    let origin = Origin::collected(2).await;
    let mut table = String::new();
    for (nth, (what, at)) in deaths(&WOKEN).enumerate() {
        let stage = origin.stage().await;
        let message = stage.notified();
        let dead = killed(&stage, &event(&message), (&what, at)).await;
        stage.passes(HELD);
        // After every other death the queue has lost its message, and a run is all that comes.
        if nth % 2 == 0 {
            let offered = stage.offered().await;
            stage.brings(&message).await;
            assert!(stage.has(&offered), "{what}: its message completes it");
        }
        let again = stage.is_completed(&what).await;
        assert_eq!(again, dead.under_way(), "{what}: only what was under way");
        table += &format!("{what:32}{again}\n");
    }
    println!("done, and then killed           contents fetched again\n{table}");
}

/// Of a window that a turn handed out, in their order. Its own row is put beside those of batches.
const HANDED: [Step; 11] = [
    ("the tenant is looked up", TENANT_READ, 1..=1),
    ("the tenant's row is read", ROW_READ, 1..=1),
    ("the window is taken", WINDOW_TAKEN, 1..=1),
    ("a token is given", TOKEN, 1..=1),
    ("the window is listed", LISTED, 1..=2),
    ("batches are read", BATCHES_READ, 1..=1),
    ("a batch is listed", BATCH_LISTED, 2..=3),
    ("a content is fetched", FETCHED, 1..=3),
    ("an object is put", OBJECT_PUT, 1..=2),
    ("a batch is stored", STORED, 1..=2),
    ("its outcome is written", WINDOW_FINISHED, 1..=1),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_killed_in_a_window_is_completed_by_a_turn_after_its_claim() {
    let origin = Origin::collected(8).await;
    let mut table = String::new();
    for (what, at) in deaths(&HANDED) {
        let stage = origin.stage().await;
        let message = stage.hands_out().await;
        let dead = killed(&stage, &event(&message), (&what, at)).await;
        let again = stage.is_completed(&what).await;
        assert_eq!(again, dead.under_way(), "{what}: only what was under way");
        // Its message comes again, much too late.
        let records = stage.records();
        stage.brings(&message).await;
        assert_eq!(stage.records(), records, "{what}");
        table += &format!("{what:32}{again}\n");
    }
    println!("done, and then killed           contents fetched again\n{table}");
}
