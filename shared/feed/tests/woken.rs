//! What the queue says, true or not: it changes when something is listed, and nothing in the store.

use std::sync::atomic::Ordering;

use feed::due::Due;
use feed::ledger::BatchState;
use feed::pace::Pace;

use crate::collecting::{NOW, line};
use crate::fakes::fleet::{FleetWorld, numbered};
use crate::fakes::{BY_QUIET, IN_EVERY_TURN};

const DAY: u64 = 86_400;

/// So many tenants that are idle and were looked at before, with a queue.
pub(crate) async fn settled(tenants: usize) -> FleetWorld {
    let world = FleetWorld::with_queue(tenants, NOW, IN_EVERY_TURN);
    world.run().await;
    world.runs(6, 300).await;
    world.table.counted();
    world.tokens.counted();
    world.listings();
    world
}

/// Every content is stored once, in the one object that its batch's row names, and counted once.
pub(crate) fn is_whole(world: &FleetWorld, tenants: usize, context: &str) {
    assert!(world.table.is_done(), "{context}");
    assert!(world.table.windows.lock().unwrap().is_empty(), "{context}");
    let batches = world.table.batches();
    for number in 0..tenants {
        let lines = world.stored(number);
        let mut once = lines.clone();
        once.dedup();
        assert_eq!(lines, once, "{context}: {number}");
        let row = world.row(number);
        assert!(
            row.handed.is_empty() && row.busy_until.is_none(),
            "{context}"
        );
        let totals = row.types.iter().map(|one| one.totals);
        let (mut listed, mut stored, mut records) = (0, 0, 0);
        for totals in totals {
            listed += totals.listed;
            stored += totals.stored;
            records += totals.records;
            assert_eq!(totals.lost + totals.expired_seconds, 0, "{context}");
        }
        let count = lines.len() as u64;
        assert_eq!(
            (listed, stored, records),
            (count, count, count),
            "{context}: {number}"
        );
        let of = batches.iter().filter(|row| row.tenant == numbered(number));
        let in_batches: usize = of.map(|row| row.contents.len()).sum();
        assert_eq!(in_batches as u64, count, "{context}: {number}");
    }
    let objects = world.objects.held.lock().unwrap();
    assert_eq!(
        objects.len(),
        batches.len(),
        "{context}: one object a batch"
    );
    for row in batches {
        let BatchState::Stored(stored) = &row.state else {
            unreachable!("all are done");
        };
        assert!(objects.contains_key(&stored.records.as_ref().unwrap().key));
    }
}

#[tokio::test]
async fn a_tenant_that_is_woken_is_listed_up_to_now_and_stays_where_it_is() {
    let world = settled(3).await;
    world.api.offer(1, "new", world.now() - 5);
    world.pass(2);
    let worked = world.work(&[world.notified(1)]).await;
    assert_eq!(
        (worked.stored, worked.records, worked.failed.len()),
        (1, 1, 0)
    );
    assert_eq!(world.stored(1), [line("new")], "it has not settled yet");
    assert_eq!(
        (world.listings(), world.due(1)),
        (1, Due::InTurn(Pace::FASTEST))
    );
    let counts = world.table.counted();
    assert_eq!((counts.leases, counts.moves, counts.pages), (0, 0, 0));
    assert_eq!((counts.claims, counts.writes), (1, 1));
    world.runs(12, 300).await;
    is_whole(&world, 3, "and not again");
}

#[tokio::test]
async fn a_hundred_notifications_are_one_listing() {
    let world = settled(2).await;
    world.api.offer(1, "new", world.now() - 5);
    let messages: Vec<_> = (0..100).map(|_| world.notified(1)).collect();
    world.pass(2);
    for ten in messages.chunks(10) {
        let worked = world.work(ten).await;
        assert_eq!((worked.messages, worked.failed.len()), (10, 0));
    }
    assert_eq!(world.listings(), 1);
    // A day later they come once more; and what comes after that is listed.
    world.runs(288, 300).await;
    world.listings();
    world.work(&messages).await;
    assert_eq!(world.listings(), 0, "all of it was listed since");
    assert_eq!(world.table.counted().claims, 1);
    world.work(&[world.notified(1)]).await;
    assert_eq!(world.listings(), 1);
}

#[tokio::test]
async fn a_clock_of_ours_that_is_ahead_lists_up_to_microsofts() {
    let world = settled(2).await;
    world.api.ahead.store(120, Ordering::SeqCst);
    world.api.offer(1, "new", world.now() - 200);
    let worked = world.work(&[world.notified(1)]).await;
    assert_eq!((worked.stored, worked.failed.len()), (1, 0));
}

/// Whichever of them is first, in sixty orders of their steps.
#[tokio::test]
async fn sessions_that_meet_store_each_content_once_and_count_it_once() {
    for order in 1..60 {
        let world = settled(3).await;
        world.table.order.store(order, Ordering::SeqCst);
        for round in 0..3 {
            for number in 0..3 {
                for (name, ago) in [("late", 1_500), ("old", 400), ("new", 20), ("newest", 1)] {
                    let id = format!("{name}{round}");
                    world.api.offer(number, &id, world.now() - ago);
                }
            }
            world.pass(300);
            let messages = [0, 1].map(|number| world.notified(number));
            let twice = world.work(&messages);
            futures::join!(world.run(), world.work(&messages), twice);
        }
        world.runs(50, 300).await;
        let lines = world.stored(1);
        assert_eq!(lines.len(), 12, "{order}: {lines:?}");
        is_whole(&world, 3, &format!("order {order}"));
    }
}

#[tokio::test]
async fn a_turn_that_meets_a_woken_one_is_repeated_in_the_same_run() {
    let world = settled(2).await;
    world.api.offer(1, "new", world.now() - 5);
    world.pass(300);
    let messages = [world.notified(1)];
    let (report, _) = futures::join!(world.run(), world.work(&messages));
    assert!(
        report.left == 0 && report.ended_early.is_none(),
        "{report:?}"
    );
    world.runs(2, 300).await;
    is_whole(&world, 2, "met");
    assert_eq!(world.due(1), Due::InTurn(Pace::FASTEST));
}

#[tokio::test]
async fn a_quiet_tenant_that_is_woken_and_has_something_is_looked_at_in_the_next_run() {
    let world = FleetWorld::with_queue(2, NOW, BY_QUIET);
    world.run().await;
    world.runs(288, 300).await;
    assert!(matches!(world.due(1), Due::InTurn(pace) if pace > Pace::FASTEST));
    let quiet = world.due(1);
    world.work(&[world.notified(1)]).await;
    assert_eq!(world.due(1), quiet, "there was nothing");
    world.pass(1);
    world.api.offer(1, "new", world.now() - 5);
    world.pass(1);
    world.work(&[world.notified(1)]).await;
    assert_eq!(world.stored(1), [line("new")]);
    assert!(matches!(world.due(1), Due::From(_)));
    world.api.offer(1, "next", world.now() + 1);
    world.runs(3, 300).await;
    assert_eq!(world.due(1), Due::InTurn(Pace::FASTEST));
    assert_eq!(world.stored(1).len(), 2);
    is_whole(&world, 2, "quiet");
}

#[tokio::test]
async fn what_expires_in_an_outage_is_counted_exactly_although_tenants_were_woken() {
    let world = settled(4).await;
    for run in 0..130 {
        world.api.offer(0, &format!("n{run}"), world.now() - 20);
        world.work(&[world.notified(0), world.notified(1)]).await;
        world.run_after(300).await;
    }
    world.pass(9 * DAY);
    let ends = world.api.ends.lock().unwrap().clone();
    // The queue still has some of before.
    world.work(&[world.notified(0), world.notified(2)]).await;
    world.run().await;
    let horizon = world.now() - (7 * 86_400 - 300);
    world.runs(5, 300).await;
    for number in 0..4 {
        for one in world.row(number).types {
            let end = ends[&(numbered(number), one.content_type)];
            let counted = i64::try_from(one.totals.expired_seconds).unwrap();
            // A woken turn lists what has not settled; that counts when a turn lists it.
            let expected = horizon - end;
            let most = expected + 300;
            assert!(
                (expected..=most).contains(&counted),
                "{number}: {counted} {expected}"
            );
        }
    }
}
