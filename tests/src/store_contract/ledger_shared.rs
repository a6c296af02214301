//! The contract of `SharedLedger`: of sessions that meet for one tenant, one stores, each window is
//! one worker's, and what it did is counted once.

use auth::ports::Write;
use aws::Connection;
use aws_sdk_dynamodb::types::AttributeValue;
use feed::due::Due;
use feed::handed::{Outcome, WindowRow};
use feed::ledger::TenantFeed;
use feed::ports::{DueFeeds as _, Ledger as _, SharedLedger as _};

use super::ledger_rows::{TYPE, done, feed_of, window_of};
use super::world::{NOW, World, at, eight_times, one_done_seven_stale, tenant_id};

async fn put(world: &World, feed: &TenantFeed) -> TenantFeed {
    assert_eq!(world.table.put_feed(feed).await.unwrap(), Write::Done);
    world.table.feed(feed.tenant).await.unwrap().unwrap()
}

/// And it holds what was claimed, until the write that ends it.
pub async fn of_eight_sessions_one_claims_a_tenant(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    let table = &world.table;
    assert_eq!(table.claim(&feed_of(tenant), NOW).await.unwrap(), None);
    let read = put(&world, &feed_of(tenant)).await;
    let attempt = |_| {
        let (table, read) = (table.clone(), read.clone());
        async move {
            match table.claim(&read, at(60)).await.unwrap() {
                Some(_) => Write::Done,
                None => Write::Stale,
            }
        }
    };
    assert_eq!(eight_times(attempt).await, one_done_seven_stale());
    let claimed = table.feed(tenant).await.unwrap().unwrap();
    assert_eq!(claimed.busy_until, Some(at(60)));
    assert_eq!(table.put_types(&read).await.unwrap(), Write::Stale);
    let busy_until = None;
    let over = TenantFeed {
        busy_until,
        ..claimed
    };
    assert_eq!(table.put_types(&over).await.unwrap(), Write::Done);
    let read = table.feed(tenant).await.unwrap().unwrap();
    assert_eq!(read.busy_until, None);
}

/// A run may have put it forward meanwhile, by its key alone.
pub async fn what_types_say_is_put_wherever_the_tenant_is_in_the_index(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    let table = &world.table;
    let mut read = put(&world, &feed_of(tenant)).await;
    table.look_again(tenant, at(60)).await.unwrap();
    read.types.truncate(1);
    read.types[0].listed_at = Some(at(11));
    (read.is_paused, read.due) = (false, Due::From(at(7)));
    read.handed.clear();
    assert_eq!(table.put_types(&read).await.unwrap(), Write::Done);
    let after = table.feed(tenant).await.unwrap().unwrap();
    assert_eq!(after.due, Due::From(at(60)));
    assert_eq!(after.types[0].listed_at, Some(at(11)));
    assert_eq!(
        (after.is_paused, after.handed.len()),
        (true, 1),
        "they stay"
    );
    let nothing = feed_of(tenant_id());
    assert_eq!(table.put_types(&nothing).await.unwrap(), Write::Stale);
}

/// One of another claim is another row.
pub async fn of_eight_workers_one_has_a_window_and_says_once_what_it_did(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    let (table, row) = (&world.table, window_of(tenant));
    assert_eq!(
        table.finish_window(&done(row.clone())).await.unwrap(),
        Write::Stale,
        "it was not taken"
    );
    let attempt = |_| {
        let (table, row) = (table.clone(), row.clone());
        async move { table.take_window(&row).await.unwrap() }
    };
    assert_eq!(eight_times(attempt).await, one_done_seven_stale());
    assert_eq!(table.windows(tenant, TYPE).await.unwrap(), [row.clone()]);
    let mut again = row.clone();
    again.handed.until = at(1_800);
    assert_eq!(table.take_window(&again).await.unwrap(), Write::Done);
    let nothing = WindowRow {
        outcome: Some(Outcome::default()),
        ..again
    };
    assert_eq!(table.finish_window(&nothing).await.unwrap(), Write::Done);
    let finished = done(row);
    let attempt = |_| {
        let (table, row) = (table.clone(), finished.clone());
        async move { table.finish_window(&row).await.unwrap() }
    };
    assert_eq!(eight_times(attempt).await, one_done_seven_stale());
    let mut found = table.windows(tenant, TYPE).await.unwrap();
    found.sort_by_key(|row| row.handed.until);
    assert_eq!(found, [finished, nothing]);
    let hours = feed::Window::new(at(-90_000), at(90_000)).unwrap();
    let batches = table.batches(tenant, TYPE, hours).await.unwrap();
    assert_eq!(batches, [], "a window is no batch");
    assert_eq!(table.windows(tenant_id(), TYPE).await.unwrap(), []);
}

/// With the write that counts it, or not at all.
pub async fn of_eight_turns_one_takes_a_window_over(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    let table = &world.table;
    let read = put(&world, &feed_of(tenant)).await;
    let row = window_of(tenant);
    assert_eq!(table.take_window(&row).await.unwrap(), Write::Done);
    let row = done(row);
    assert_eq!(table.finish_window(&row).await.unwrap(), Write::Done);
    let handed = Vec::new();
    let after = TenantFeed { handed, ..read };
    let attempt = |_| {
        let (table, after, row) = (table.clone(), after.clone(), row.clone());
        async move { table.take_over(&after, &[row]).await.unwrap() }
    };
    assert_eq!(eight_times(attempt).await, one_done_seven_stale());
    assert_eq!(table.windows(tenant, TYPE).await.unwrap(), []);
    assert!(table.feed(tenant).await.unwrap().unwrap().handed.is_empty());
}

/// It is passed over, with a line in the log: its claim ends, and a turn does it again.
pub async fn a_damaged_window_hides_no_other(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    let table = &world.table;
    let row = done(window_of(tenant));
    assert_eq!(table.take_window(&row).await.unwrap(), Write::Done);
    assert_eq!(table.finish_window(&row).await.unwrap(), Write::Done);
    let good = world.scan().await.remove(0);
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let rows = [
        ("sk", text("window#1")),
        ("sk", text("window#9-1#3")),
        ("outcome", text("done")),
        (
            "outcome",
            AttributeValue::M([("date".to_owned(), text("now"))].into()),
        ),
        (
            "outcome",
            AttributeValue::M([("date".to_owned(), AttributeValue::N("5".to_owned()))].into()),
        ),
        ("v", AttributeValue::N("2".to_owned())),
    ];
    for (attribute, value) in rows {
        let mut damaged = good.clone();
        damaged.insert("sk".to_owned(), text("window#0-3600#7"));
        damaged.insert(attribute.to_owned(), value);
        world.put(damaged).await;
        assert_eq!(
            table.windows(tenant, TYPE).await.unwrap(),
            [row.clone()],
            "{attribute}"
        );
    }
}
