//! The contract of `Ledger` for batches: each is written by one of the runs that meet, and none is
//! left out where they are read.

use auth::ports::{StoreError, Write};
use aws::Connection;
use aws_sdk_dynamodb::types::AttributeValue;
use feed::ledger::{BatchRow, BatchState, StoredBatch};
use feed::ports::Ledger as _;
use feed::{ContentType, Window};

use super::ledger_rows::{TYPE, batch_of, feed_of, found, put, stored};
use super::world::{NOW, Row, World, at, eight_times, one_done_seven_stale, tenant_id};

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
        (batch.name.as_str(), "contents", None),
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
