//! A record lies in the store by its notification before its tenant's turn has come.

use std::path::Path;
use std::time::Duration;

use auth::Timestamp;
use auth::ports::Clock as _;
use auth::turns::Slot;
use feed::content::ContentKey;
use feed::ledger::BatchState;
use feed::ports::{DueFeeds as _, Ledger as _};
use feed::{Window, marks};
use serde_json::json;
use tests::MovedRun;
use tests::audit_book::{Offered, offered};
use tests::clock::START;
use tests::neighbour::Neighbour;

use super::book::scenario;
use super::connected;
use super::webhooks::{TYPE, complete, notified};

/// From one turn of the tenant to its next, in seconds.
const TURN: u64 = 3_600;
/// From one look for notifications to the next, in seconds.
const STEP: i64 = 300;

fn environment(name: &str) -> Option<String> {
    match name {
        "FEED_CONTENT_TYPES" => Some(TYPE.to_owned()),
        "FEED_EVERY_SECONDS" => Some(TURN.to_string()),
        _ => None,
    }
}

/// When the content of this record was stored, by the ledger.
async fn stored_at(neighbour: &Neighbour, tenant: &str, record: &Offered) -> Option<Timestamp> {
    let table = neighbour.platform.store.table();
    let hour = Window::hour_of(record.created);
    let rows = table.batches(tenant.parse().unwrap(), record.content_type, hour);
    let key = ContentKey::of(&record.content_id);
    let mut rows = rows.await.unwrap().into_iter();
    let row = rows.find(|row| row.contents.contains(&key))?;
    match row.state {
        BatchState::Stored(batch) => Some(batch.at),
        BatchState::Listed => None,
    }
}

/// Until when turns were looked at, by the lease of the tenant's shard.
async fn looked_until(neighbour: &Neighbour, tenant: &str) -> Timestamp {
    let store = &neighbour.platform.store;
    let shard = marks::shard_of(tenant.parse().unwrap(), store.table().shards());
    let looked = store.leases.looked(&marks::lease_of(shard)).await;
    looked.unwrap().unwrap().until
}

async fn started(data: &Path) -> MovedRun {
    let run = MovedRun::start_at(data, 1, START, environment).await;
    let little = json!({"blob_every_seconds": 600, "records_per_blob": 2, "latest_seconds": 0});
    scenario(&run.broker, little).await;
    connected(&run, 0).await;
    run.machine.collect().await.unwrap();
    run
}

#[tokio::test]
async fn a_record_lies_in_the_store_by_its_notification_before_its_tenants_turn_has_come() {
    let data = tempfile::tempdir().unwrap();
    let run = started(data.path()).await;
    let tenant = run.tenant(0);
    let (turns, slot) = (
        marks::turns(Duration::from_secs(TURN)),
        Slot::of(tenant.parse().unwrap()),
    );
    let turn = turns.next(slot, run.clock.now());
    run.clock.set(turn.unix());
    assert_eq!(run.machine.collect().await.unwrap().turns, 1);
    let next = turns.next(slot, turn);
    while run.clock.now().unix() + STEP < next.unix() {
        run.clock.advance(STEP);
        assert_eq!(notified(&run).await.1, 0);
        run.machine.work().await.unwrap();
    }
    // Of the last ones the notification may be still to come.
    let notified_by = run.clock.now() - Duration::from_secs(30);
    let mut records = offered(&run.broker, &tenant).await;
    records.retain(|one| one.available_at > turn && one.available_at < notified_by);
    assert!(records.len() >= 4, "{}", records.len());
    let neighbour = Neighbour::of(data.path(), run.clock.clone()).await;
    for record in &records {
        let stored = stored_at(&neighbour, &tenant, record).await;
        assert!(stored.is_some_and(|at| at < next), "{record:?}: {stored:?}");
    }
    assert_eq!(
        looked_until(&neighbour, &tenant).await,
        turn,
        "no turn came"
    );
    let report = run.machine.collect().await.unwrap();
    assert_eq!((report.due, report.requests), (0, 0), "{report:?}");
    // And its turn stores none of them again.
    run.clock.set(next.unix());
    let report = run.machine.collect().await.unwrap();
    assert_eq!((report.turns, report.ended_early), (1, None), "{report:?}");
    complete(&run).await;
}
