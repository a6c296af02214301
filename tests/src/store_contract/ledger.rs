//! The contract of `Ledger` and `DueFeeds` for the row of a tenant, which one of the runs that meet
//! writes.

use auth::TenantId;
use auth::TenantStatus;
use auth::ports::{Tenants as _, Write};
use aws::Connection;
use feed::ContentType;
use feed::due::{Due, Hold};
use feed::ledger::{TenantFeed, Totals, TypeFeed};
use feed::pace::Pace;
use feed::ports::{DueFeeds as _, Ledger as _};
use feed::rhythm::Rhythm;
use feed::subscription::Known;

use super::ledger_rows::{TYPE, batch_of, feed_of, found, put, type_feed};
use super::world::{
    NOW, World, at, eight_times, management, one_done_seven_stale, tenant_id, tenant_with,
};

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
        listed_at: None,
        ..type_feed(TYPE)
    };
    let bare = TenantFeed {
        is_paused: false,
        leaves: None,
        due: Due::From(at(7)),
        types: vec![new],
        handed: Vec::new(),
        busy_until: None,
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
        Due::From(NOW),
        Due::Held(Hold::Paused),
        Due::Held(Hold::Inactive),
        Due::Held(Hold::Left),
    ];
    for due in Pace::all().map(Due::InTurn).chain(places) {
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
    assert_eq!(world.beside_events().await.len(), 3, "the token is gone");
}
