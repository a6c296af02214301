//! The contract of `Ledger`: the rows of the audit log, of which each is written by one of the
//! runs that meet, and none is left out where they are read.

use auth::ports::{StoreError, Tenants as _, Write};
use auth::{TenantId, TenantStatus, Timestamp};
use aws::Connection;
use aws_sdk_dynamodb::types::AttributeValue;
use feed::batch::BatchName;
use feed::content::ContentKey;
use feed::due::{Due, Hold};
use feed::ledger::{BatchRow, BatchState, StoredBatch, StoredObject, TenantFeed, Totals, TypeFeed};
use feed::object_key::Format;
use feed::ports::{DueFeeds as _, Ledger as _};
use feed::progress::{Progress, Unlisted};
use feed::refusal::Refusal;
use feed::rhythm::Rhythm;
use feed::subscription::Known;
use feed::{ContentType, Window};

use super::world::{
    NOW, Row, World, at, eight_times, management, one_done_seven_stale, tenant_id, tenant_with,
};

pub(super) const TYPE: ContentType = ContentType::Exchange;

fn window(start: i64, end: i64) -> Window {
    Window::new(at(start), at(end)).unwrap()
}

/// The feed of a tenant with everything that it can hold.
pub(super) fn feed_of(tenant: TenantId) -> TenantFeed {
    TenantFeed {
        tenant,
        is_paused: true,
        leaves: Some(at(-2)),
        due: Due::InTurn,
        types: ContentType::ALL.into_iter().map(type_feed).collect(),
        version: None,
    }
}

/// Of one type with everything, and of the others with what a new one has.
fn type_feed(content_type: ContentType) -> TypeFeed {
    let pass = |mark, gaps: &[Window]| Unlisted {
        mark: at(mark),
        gaps: gaps.iter().copied().collect(),
    };
    let gaps = [window(-60, -30), window(0, 300)];
    let passes = [
        pass(9, &gaps),
        pass(8, &[]),
        pass(7, &gaps[..1]),
        pass(-6, &[]),
    ];
    let new = TypeFeed {
        content_type,
        known: Known::default(),
        progress: None,
        totals: Totals::default(),
        stored_at: None,
        rhythm: Rhythm::default(),
    };
    if content_type != TYPE {
        return new;
    }
    TypeFeed {
        known: Known {
            started_at: Some(at(-90)),
            refusal: Some(Refusal::Throttled),
        },
        progress: Some(Progress::stored(at(-100), 0, passes)),
        totals: Totals {
            listed: 1,
            stored: 2,
            lost: 3,
            records: 4,
            repeated: 5,
            without_id: 6,
            dead: 7,
            bytes: u64::MAX,
            expired_seconds: 9,
            unrepeated_seconds: 10,
        },
        stored_at: Some(at(-1)),
        rhythm: Rhythm::stored(7_200),
        ..new
    }
}

/// A batch that is listed, of the hour of `created`.
pub(super) fn batch_of(tenant: TenantId, created: Timestamp, ids: &[&str]) -> BatchRow {
    let hour = Window::hour_of(created);
    let contents: Vec<_> = ids.iter().map(|id| ContentKey::of(id)).collect();
    BatchRow {
        tenant,
        content_type: TYPE,
        hour,
        name: BatchName::of(hour.start(), &contents),
        contents,
        format: Format::Gzip,
        state: BatchState::Listed,
    }
}

/// The same, stored, with everything that it can hold.
pub(super) fn stored(batch: BatchRow) -> BatchRow {
    let object = |name: &str| StoredObject {
        key: format!("tenant={}/{name}.gz", batch.tenant),
        size: 1 << 40,
        sha256: [7; 32],
    };
    let stored = StoredBatch {
        at: at(5),
        records: Some(object("json")),
        dead: Some(object("dead")),
        record_count: 1,
        repeated: 2,
        without_id: 3,
        dead_count: 4,
        lost: 5,
        bytes: 6,
    };
    BatchRow {
        state: BatchState::Stored(stored),
        ..batch
    }
}

async fn put(world: &World, batch: &BatchRow) {
    assert_eq!(world.table.put_batch(batch).await.unwrap(), Write::Done);
}

async fn found(world: &World, tenant: TenantId, within: Window) -> Vec<BatchRow> {
    world.table.batches(tenant, TYPE, within).await.unwrap()
}

/// What it says, whatever version it has.
fn said(feed: &TenantFeed) -> String {
    let version = None;
    format!(
        "{:?}",
        TenantFeed {
            version,
            ..feed.clone()
        }
    )
}

/// With nothing, with everything, and with nothing again.
pub async fn a_feed_is_found_as_it_was_put(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    assert!(world.table.feed(tenant).await.unwrap().is_none());
    let new = TypeFeed {
        known: Known::default(),
        progress: None,
        totals: Totals::default(),
        stored_at: None,
        rhythm: Rhythm::default(),
        ..type_feed(TYPE)
    };
    let bare = TenantFeed {
        is_paused: false,
        leaves: None,
        due: Due::From(at(7)),
        types: vec![new],
        ..feed_of(tenant)
    };
    let full = feed_of(tenant);
    let emptied = TenantFeed {
        types: ContentType::ALL
            .into_iter()
            .map(|content_type| TypeFeed {
                content_type,
                ..bare.types[0].clone()
            })
            .collect(),
        ..bare.clone()
    };
    let mut version = None;
    for feed in [bare, full, emptied] {
        let feed = TenantFeed { version, ..feed };
        assert_eq!(world.table.put_feed(&feed).await.unwrap(), Write::Done);
        let read = world.table.feed(tenant).await.unwrap().unwrap();
        assert_eq!(said(&read), said(&feed));
        assert_ne!(read.version, feed.version);
        version = read.version;
    }
}

/// Nor over nothing, where a row was read.
pub async fn a_feed_is_put_over_the_version_that_was_read_alone(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    let first = feed_of(tenant);
    assert_eq!(world.table.put_feed(&first).await.unwrap(), Write::Done);
    assert_eq!(world.table.put_feed(&first).await.unwrap(), Write::Stale);
    let read = world.table.feed(tenant).await.unwrap().unwrap();
    assert_eq!(world.table.put_feed(&read).await.unwrap(), Write::Done);
    assert_eq!(world.table.put_feed(&read).await.unwrap(), Write::Stale);
    let other = TenantFeed {
        tenant: tenant_id(),
        ..read
    };
    assert_eq!(world.table.put_feed(&other).await.unwrap(), Write::Stale);
    assert!(world.table.feed(other.tenant).await.unwrap().is_none());
}

/// Also where there was none before.
pub async fn of_eight_runs_one_puts_the_feed(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    let mut feed = feed_of(tenant);
    for _ in 0..2 {
        let attempt = |_| {
            let (table, feed) = (world.table.clone(), feed.clone());
            async move { table.put_feed(&feed).await.unwrap() }
        };
        assert_eq!(eight_times(attempt).await, one_done_seven_stale());
        feed = world.table.feed(tenant).await.unwrap().unwrap();
    }
}

/// In a shard of its own kind, so that the refresher sees nothing of it.
pub async fn a_feed_is_in_the_due_index_where_its_row_says(connection: &Connection) {
    let world = World::new(connection).await;
    let tenant: TenantId = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
    let table = &world.table;
    table.look_again(tenant, NOW).await.unwrap();
    assert!(world.scan().await.is_empty(), "no row is made");
    let mut feed = feed_of(tenant);
    let places = [
        Due::InTurn,
        Due::From(NOW),
        Due::Held(Hold::Paused),
        Due::Held(Hold::Inactive),
        Due::Held(Hold::Left),
        Due::InTurn,
    ];
    for due in places {
        feed.due = due;
        assert_eq!(table.put_feed(&feed).await.unwrap(), Write::Done);
        feed = table.feed(tenant).await.unwrap().unwrap();
        assert_eq!(feed.due, due);
        let mut found = Vec::new();
        for shard in 0..table.shards() {
            let rows = table.rows(shard).await.unwrap();
            found.extend(rows.into_iter().map(|row| (shard, row)));
        }
        assert_eq!(found, [(7, (tenant, due))]);
        assert!(world.at_turns().await.is_empty() && world.due(NOW).await.is_empty());
    }
    table.look_again(tenant, at(60)).await.unwrap();
    let moved = [(tenant, Due::From(at(60)))];
    assert_eq!(table.rows(7).await.unwrap(), moved);
    assert_eq!(
        table.put_feed(&feed).await.unwrap(),
        Write::Done,
        "it is no other version"
    );
}

/// Of its tenant and type, whole hours: also those of which the window has one second.
pub async fn batches_are_found_by_the_hours_of_a_window(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    let hour = |hour: i64| at(hour * 3_600);
    let mut batches = Vec::new();
    for number in -1..=2 {
        batches.push(batch_of(tenant, hour(number), &["a"]));
    }
    batches.push(stored(batch_of(tenant, hour(1), &["b", "c"])));
    let others = [
        batch_of(tenant_id(), hour(0), &["a"]),
        BatchRow {
            content_type: ContentType::General,
            ..batch_of(tenant, hour(0), &["a"])
        },
    ];
    for batch in batches.iter().chain(&others) {
        put(&world, batch).await;
    }
    let start = |number: i64| Window::hour_of(hour(number)).start();
    let second = std::time::Duration::from_secs(1);
    let rows = [
        (start(0), start(1), 1),
        (start(1), start(2), 2),
        (start(0), start(1) + second, 3),
        (start(0) - second, start(0), 1),
        (start(0) - second, start(0) + second, 2),
        (start(1) + second, start(1) + second + second, 2),
        (start(-1), start(3), 5),
        (start(3), start(9), 0),
        (start(-9), start(-1), 0),
    ];
    for (from, to, count) in rows {
        let within = Window::new(from, to).unwrap();
        let found = found(&world, tenant, within).await;
        assert_eq!(found.len(), count, "{within}");
        assert!(
            found.iter().all(|batch| batches.contains(batch)),
            "{within}"
        );
    }
}

/// Two megabytes: a query of DynamoDB gives one at a time.
pub async fn every_batch_of_a_window_is_found_however_many_there_are(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    for number in 0..200 {
        let mut row = stored(batch_of(tenant, NOW, &[&format!("{number}")]));
        if let BatchState::Stored(StoredBatch {
            records: Some(object),
            ..
        }) = &mut row.state
        {
            object.key = "k".repeat(12_000);
        }
        put(&world, &row).await;
    }
    let within = Window::hour_of(NOW);
    assert_eq!(found(&world, tenant, within).await.len(), 200);
}

/// And its contents stay those of the first.
pub async fn of_eight_runs_one_lists_a_batch(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    let batch = batch_of(tenant, NOW, &["a", "b"]);
    let attempt = |_| {
        let (table, batch) = (world.table.clone(), batch.clone());
        async move { table.put_batch(&batch).await.unwrap() }
    };
    assert_eq!(eight_times(attempt).await, one_done_seven_stale());
    assert_eq!(found(&world, tenant, batch.hour).await, [batch]);
}

/// One that is stored stays so; one that is not there is not made.
pub async fn of_eight_runs_one_stores_a_batch(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    let batch = batch_of(tenant, NOW, &["a"]);
    let done = stored(batch.clone());
    assert_eq!(world.table.finish_batch(&done).await.unwrap(), Write::Stale);
    put(&world, &batch).await;
    let attempt = |_| {
        let (table, done) = (world.table.clone(), done.clone());
        async move { table.finish_batch(&done).await.unwrap() }
    };
    assert_eq!(eight_times(attempt).await, one_done_seven_stale());
    assert_eq!(world.table.put_batch(&batch).await.unwrap(), Write::Stale);
    assert_eq!(found(&world, tenant, batch.hour).await, [done]);
}

/// Not when it is stored, nor when it was split before, nor where a part is there already.
pub async fn a_batch_is_split_whole_or_not_at_all(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    let table = &world.table;
    let batch = |ids| batch_of(tenant, NOW, ids);
    let whole = batch(&["a", "b"]);
    let parts = [batch(&["a"]), batch(&["b"])];
    assert_eq!(
        table.split_batch(&whole, &parts).await.unwrap(),
        Write::Stale
    );
    put(&world, &whole).await;
    put(&world, &parts[1]).await;
    assert_eq!(
        table.split_batch(&whole, &parts).await.unwrap(),
        Write::Stale
    );
    assert_eq!(found(&world, tenant, whole.hour).await.len(), 2);

    let other = batch(&["c", "d"]);
    let of_other = [batch(&["c"]), batch(&["d"])];
    put(&world, &other).await;
    assert_eq!(
        table.split_batch(&other, &of_other).await.unwrap(),
        Write::Done
    );
    assert_eq!(
        table.split_batch(&other, &of_other).await.unwrap(),
        Write::Stale
    );
    assert_eq!(
        table.finish_batch(&stored(other)).await.unwrap(),
        Write::Stale
    );
    let rows = found(&world, tenant, whole.hour).await;
    assert!(of_other.iter().all(|part| rows.contains(part)));
    assert_eq!(rows.len(), 4);

    let done = stored(whole.clone());
    assert_eq!(table.finish_batch(&done).await.unwrap(), Write::Done);
    assert_eq!(
        table.split_batch(&whole, &parts[..1]).await.unwrap(),
        Write::Stale
    );
    assert!(found(&world, tenant, whole.hour).await.contains(&done));
}

/// It names the row and the attribute. What the damaged batch held is not known, so that the
/// batches beside it are not given without it.
pub async fn a_damaged_row_of_the_ledger_is_an_error(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    assert_eq!(
        world.table.put_feed(&feed_of(tenant)).await.unwrap(),
        Write::Done
    );
    let batch = batch_of(tenant, NOW, &["a"]);
    put(&world, &batch).await;
    put(&world, &batch_of(tenant, NOW, &["b"])).await;
    let word = |text: &str| Some(AttributeValue::S(text.to_owned()));
    let map = |name: &str, value: AttributeValue| {
        Some(AttributeValue::M(Row::from([(name.to_owned(), value)])))
    };
    let numbers = |count: i64| {
        AttributeValue::L(
            (0..count)
                .map(|at| AttributeValue::N(at.to_string()))
                .collect(),
        )
    };
    let since = AttributeValue::N("1".to_owned());
    let rows = [
        ("FEED", "exchange", word("paused")),
        (
            "FEED",
            "exchange",
            map("refusal", AttributeValue::S("unheard_of".to_owned())),
        ),
        ("FEED", "exchange", map("since", since)),
        ("FEED", "exchange", map("totals", numbers(1))),
        ("FEED", "paused", word("perhaps")),
        ("FEED", "version", None),
        (&batch.name.as_str()[..], "contents", None),
        (
            batch.name.as_str(),
            "contents",
            Some(AttributeValue::B(vec![0; 15].into())),
        ),
        (batch.name.as_str(), "contents", word("a")),
        (batch.name.as_str(), "format", word("rar")),
        (batch.name.as_str(), "state", word("lost")),
        (batch.name.as_str(), "state", word("stored")),
    ];
    for (sort, attribute, value) in rows {
        let rows = world.scan().await;
        let is_it = |row: &&Row| row["sk"].as_s().unwrap().ends_with(sort);
        let good = rows.iter().find(is_it).unwrap().clone();
        let mut damaged = good.clone();
        damaged.remove(attribute);
        damaged.extend(value.map(|value| (attribute.to_owned(), value)));
        world.put(damaged).await;
        let error = match sort {
            "FEED" => world.table.feed(tenant).await.err(),
            _ => world.table.batches(tenant, TYPE, batch.hour).await.err(),
        };
        let Some(StoreError::Damaged(said)) = error else {
            panic!("{sort} {attribute}: {error:?}");
        };
        assert!(
            said.contains(": attribute ") && said.contains(sort),
            "{said}"
        );
        world.put(good).await;
    }
    // Other contents than the name says.
    let mut row = world
        .scan()
        .await
        .into_iter()
        .find(|row| row["sk"].as_s().unwrap().ends_with(batch.name.as_str()))
        .unwrap();
    row.insert("contents".to_owned(), AttributeValue::B(vec![0; 16].into()));
    world.put(row).await;
    assert!(world.table.batches(tenant, TYPE, batch.hour).await.is_err());
}

/// What is stored stays the customer's, and the collector still has to stop its subscriptions. It
/// goes on from there when the tenant is connected again.
pub async fn a_removed_tenant_keeps_its_ledger(connection: &Connection) {
    let world = World::new(connection).await;
    let tenant = world.connected(&[management()]).await;
    let (table, batch) = (&world.table, batch_of(tenant.id, NOW, &["a"]));
    assert_eq!(
        table.put_feed(&feed_of(tenant.id)).await.unwrap(),
        Write::Done
    );
    put(&world, &batch).await;
    let removed = tenant_with(tenant.id, TenantStatus::Removed);
    assert_eq!(table.remove(&tenant, &removed).await.unwrap(), Write::Done);
    assert!(table.feed(tenant.id).await.unwrap().is_some());
    assert_eq!(found(&world, tenant.id, batch.hour).await, [batch]);
    assert_eq!(world.scan().await.len(), 3, "the token is gone");
}
