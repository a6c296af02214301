//! What the rows of the audit log cost, and how large they may become (decision 0060).

use auth::ports::Write;
use aws::{Connection, Operation, Units};
use feed::ContentType;
use feed::Window;
use feed::batch::LARGEST;
use feed::ledger::{TenantFeed, TypeFeed};
use feed::ports::Ledger as _;
use feed::progress::{Progress, Unlisted};

use super::cost::size_of;
use super::ledger_rows::{TYPE, batch_of, feed_of, stored};
use super::world::{NOW, World, at, tenant_id};

/// An idle tenant is read in each turn and written twice a day; a batch of some 40 contents takes
/// one unit to list and one to store.
pub async fn a_feed_and_its_batches_cost_what_the_decision_says(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    let (table, tally) = (&world.table, &world.tally);
    let full = feed_of(tenant);
    let busy = full
        .types
        .iter()
        .find(|one| one.content_type == TYPE)
        .unwrap();
    let types = ContentType::DEFAULT.map(|content_type| TypeFeed {
        content_type,
        ..busy.clone()
    });
    let feed = TenantFeed {
        types: types.into(),
        ..full
    };
    assert_eq!(table.put_feed(&feed).await.unwrap(), Write::Done);
    let size = size_of(&world.scan().await[0]);
    assert!(size < 2_048, "{size} bytes");
    let read = table.feed(tenant).await.unwrap().unwrap();
    tally.take(Operation::PutFeed, Units::Write);
    assert_eq!(table.put_feed(&read).await.unwrap(), Write::Done);
    let ids: Vec<String> = (0..32).map(|id| id.to_string()).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let batch = batch_of(tenant, NOW, &ids);
    assert_eq!(table.put_batch(&batch).await.unwrap(), Write::Done);
    assert_eq!(
        table.finish_batch(&stored(batch)).await.unwrap(),
        Write::Done
    );
    let found = table.batches(tenant, TYPE, Window::hour_of(NOW)).await;
    assert_eq!(found.unwrap().len(), 1);
    let nothing = table.batches(tenant_id(), TYPE, Window::hour_of(NOW)).await;
    assert_eq!(nothing.unwrap(), []);
    let rows = [
        (Operation::ReadFeed, Units::Read, 1, 1.0),
        (Operation::PutFeed, Units::Write, 1, 2.0),
        (Operation::PutBatch, Units::Write, 1, 1.0),
        (Operation::FinishBatch, Units::Write, 1, 1.0),
        (Operation::ReadBatches, Units::Read, 2, 2.0),
    ];
    for (operation, units, requests, total) in rows {
        let sum = tally.take(operation, units);
        assert_eq!(
            (sum.requests, sum.total),
            (requests, total),
            "{operation:?}"
        );
    }
    let largest: Vec<String> = (0..LARGEST).map(|id| id.to_string()).collect();
    let largest: Vec<&str> = largest.iter().map(String::as_str).collect();
    let batch = stored(batch_of(tenant, at(7_200), &largest));
    assert_eq!(table.put_batch(&batch).await.unwrap(), Write::Done);
    let rows = world.scan().await;
    let size = rows.iter().map(size_of).max().unwrap();
    assert!((4_096..5_120).contains(&size), "{size} bytes");
}

/// Every second second of an hour is missing in each pass of each type: what is read covers it.
pub async fn a_feed_with_every_gap_fits_into_its_row(connection: &Connection) {
    let (world, tenant) = (World::new(connection).await, tenant_id());
    let gap = |second: i64| Window::new(at(second), at(second + 1)).unwrap();
    let gaps: feed::spans::Spans = (0..1_800).map(|number| gap(number * 2)).collect();
    let pass = || Unlisted {
        mark: at(3_600),
        gaps: gaps.clone(),
    };
    let progress = Progress::stored(at(0), 0, [pass(), pass(), pass(), pass()]);
    let mut feed = feed_of(tenant);
    for one in &mut feed.types {
        one.progress = Some(progress.clone());
    }
    assert_eq!(world.table.put_feed(&feed).await.unwrap(), Write::Done);
    let read = world.table.feed(tenant).await.unwrap().unwrap();
    for one in read.types {
        let progress = one.progress.unwrap();
        for pass in feed::pass::Pass::ALL {
            let mut missing = gaps.clone();
            let kept = &progress.unlisted(pass).gaps;
            kept.windows().iter().for_each(|gap| missing.remove(*gap));
            assert!(missing.is_empty());
        }
    }
    let size = size_of(&world.scan().await[0]);
    assert!(size < 100_000, "{size} bytes");
}
