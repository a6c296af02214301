//! Events: put by the transactions of what happened, kept until they are delivered.

use std::collections::{BTreeMap, BTreeSet};

use auth::event::{Event, EventKind};
use auth::ports::{Connecting, Outbox as _, Tenants as _, TokenStore as _, WaitingEvent, Write};
use auth::tenant::TagChange;
use auth::{CauseCode, Tenant, TenantStatus};
use aws::{Connection, Operation, OutboxOf, TableOutbox, Units};
use aws_sdk_dynamodb::types::AttributeValue;
use feed::ledger::TenantFeed;
use feed::ports::{Ledger as _, SharedLedger as _};

use super::ledger_rows::{feed_of, loss};
use super::world::{FAILED, NOW, World, at, eight_times, graph, management, tenant_id};

pub(super) fn outbox(world: &World) -> TableOutbox {
    TableOutbox::new(world.table.clone(), OutboxOf::Tenants)
}

/// All that waits, whatever its shard.
pub(super) async fn waiting(outbox: &TableOutbox) -> Vec<WaitingEvent> {
    let mut waiting = Vec::new();
    for shard in 0..outbox.shards() {
        let (mut after, mut last) = (None, None);
        loop {
            let page = outbox.waiting(shard, after.as_deref(), 2).await.unwrap();
            for event in page.events {
                assert!(last < Some(event.place.clone()), "in the order of time");
                last = Some(event.place.clone());
                waiting.push(event);
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    waiting
}

fn kinds(events: &[WaitingEvent]) -> Vec<&str> {
    events.iter().map(|event| &*event.kind).collect()
}

/// Each of the four writes that change a status, and none of the others.
pub async fn each_transition_puts_one_event_and_nothing_else_does(connection: &Connection) {
    let world = World::new(connection).await;
    let outbox = outbox(&world);
    let connected = world.connected(&[management(), graph()]).await;
    assert_eq!(outbox.written_here().len(), 1);
    let record = world.read(connected.id, &management()).await;
    assert_eq!(
        world.tokens.settle(&record, FAILED).await.unwrap(),
        Write::Done
    );
    let tags = TagChange::new(vec!["tier=gold".parse().unwrap()], Vec::new()).unwrap();
    let tagged = connected.tagged(&tags).unwrap().unwrap();
    assert_eq!(
        world.table.change(&connected, &tagged).await.unwrap(),
        Write::Done
    );
    assert!(outbox.written_here().is_empty(), "no event is no hint");

    let record = world.read(connected.id, &management()).await;
    let before = world.find(connected.id).await;
    let degraded = Tenant {
        status: TenantStatus::Degraded,
        cause: Some(CauseCode::Unavailable.into()),
        since: at(1),
        ..before.clone()
    };
    let write = world
        .tokens
        .settle_and_change(&record, FAILED, &before, &degraded);
    assert_eq!(write.await.unwrap(), Write::Done);
    let before = world.find(connected.id).await;
    let suspended = before.suspended(at(2)).unwrap();
    assert_eq!(
        world.table.change(&before, &suspended).await.unwrap(),
        Write::Done
    );
    let before = world.find(connected.id).await;
    let removed = before.removed(at(3)).unwrap();
    assert_eq!(
        world.table.remove(&before, &removed).await.unwrap(),
        Write::Done
    );
    let before = world.find(connected.id).await;
    let resources = [management()];
    let again = Connecting {
        before: Some(&before),
        ..Connecting::new(&connected, &resources, NOW)
    };
    assert_eq!(world.table.connect(again).await.unwrap(), Write::Done);

    let events = waiting(&outbox).await;
    // The last one has the time of the first.
    let expected = [
        EventKind::TenantConnected,
        EventKind::TenantConnected,
        EventKind::TenantDegraded,
        EventKind::TenantSuspended,
        EventKind::TenantRemoved,
    ];
    assert_eq!(kinds(&events), expected.map(EventKind::as_str));
    let ids: BTreeSet<&str> = events.iter().map(|event| &*event.id).collect();
    assert_eq!(ids.len(), events.len());
    let body: serde_json::Value = serde_json::from_str(&events[2].body).unwrap();
    assert_eq!(body["cause"], "unavailable");
    assert_eq!(body["tenant_id"], connected.id.to_string());
    assert_eq!(
        (&body["id"], events[2].time),
        (&events[2].id.clone().into(), at(1))
    );
}

/// And none where another writer came since the read.
pub async fn a_feed_puts_its_events_with_its_row_alone(connection: &Connection) {
    let world = World::new(connection).await;
    let table = &world.table;
    let losses = TableOutbox::new(table.clone(), OutboxOf::Feeds);
    let tenant = tenant_id();
    let with_loss = |id: &str, feed: TenantFeed| TenantFeed {
        events: vec![Event {
            id: id.to_owned(),
            ..loss(tenant)
        }],
        ..feed
    };
    let first = with_loss("a", feed_of(tenant));
    assert_eq!(table.put_feed(&first).await.unwrap(), Write::Done);
    let stale = with_loss("b", feed_of(tenant));
    assert_eq!(table.put_feed(&stale).await.unwrap(), Write::Stale);
    let read = async || table.feed(tenant).await.unwrap().unwrap();
    assert!(read().await.events.is_empty());
    let types = with_loss("c", read().await);
    assert_eq!(table.put_types(&types).await.unwrap(), Write::Done);
    assert_eq!(table.put_types(&types).await.unwrap(), Write::Stale);
    let over = with_loss("d", read().await);
    assert_eq!(table.take_over(&over, &[]).await.unwrap(), Write::Done);
    let events = waiting(&losses).await;
    let ids: Vec<&str> = events.iter().map(|event| &*event.id).collect();
    assert_eq!(ids, ["a", "c", "d"]);
    assert_eq!(losses.written_here().len(), 1);
}

/// An event is of a change that was written, and of each such change once.
pub async fn of_eight_changes_at_once_one_puts_its_event(connection: &Connection) {
    let world = World::new(connection).await;
    let before = world.connected(&[management()]).await;
    let outcomes = eight_times(|second| {
        let (table, before) = (world.table.clone(), before.clone());
        let after = before.suspended(at(i64::from(second) + 1)).unwrap();
        async move { table.change(&before, &after).await.unwrap() }
    });
    let expected = BTreeMap::from([("Done".to_owned(), 1), ("Stale".to_owned(), 7)]);
    assert_eq!(outcomes.await, expected);
    let events = waiting(&outbox(&world)).await;
    assert_eq!(kinds(&events), ["TenantConnected", "TenantSuspended"]);
}

/// Who has it and when it is tried again; and what is gone does not come back.
pub async fn an_event_waits_as_it_was_put_off_until_it_is_done(connection: &Connection) {
    let world = World::new(connection).await;
    let outbox = outbox(&world);
    world.connected(&[management()]).await;
    let new = waiting(&outbox).await.remove(0);
    assert_eq!((new.attempts, new.next_attempt_at), (0, None));
    assert!(new.taken_by.is_empty());
    let tried = WaitingEvent {
        taken_by: BTreeSet::from(["bus".to_owned()]),
        attempts: 3,
        next_attempt_at: Some(at(240)),
        ..new.clone()
    };
    outbox.put_off(&tried).await.unwrap();
    assert_eq!(waiting(&outbox).await, std::slice::from_ref(&tried));
    outbox.done(&tried).await.unwrap();
    outbox.put_off(&tried).await.unwrap();
    outbox.done(&tried).await.unwrap();
    assert_eq!(waiting(&outbox).await, []);
    let others = TableOutbox::new(world.table.clone(), OutboxOf::Feeds);
    assert_eq!(waiting(&others).await, [], "the parts are apart");
}

/// In no place of a shard.
pub async fn a_damaged_event_hides_no_other(connection: &Connection) {
    let world = World::new(connection).await;
    let outbox = outbox(&world);
    let mut before = world.connected(&[management()]).await;
    for second in 1..4 {
        let again = Tenant {
            status: TenantStatus::Active,
            ..before.clone()
        };
        let after = before.suspended(at(second));
        let after = after
            .or_else(|| before.removed(at(second)))
            .unwrap_or(again);
        let write = world.table.change(&before, &after).await.unwrap();
        assert_eq!(write, Write::Done);
        before = world.find(before.id).await;
    }
    let all = waiting(&outbox).await;
    assert_eq!(all.len(), 4);
    for damaged in &all {
        let mut row = raw(&world, damaged).await;
        let body = row.insert("body".into(), AttributeValue::N("7".into()));
        world.put(row.clone()).await;
        let left: Vec<_> = all.iter().filter(|event| event != &damaged).collect();
        assert_eq!(waiting(&outbox).await.iter().collect::<Vec<_>>(), left);
        row.insert("body".into(), body.unwrap());
        world.put(row).await;
    }
}

async fn raw(world: &World, event: &WaitingEvent) -> super::world::Row {
    let rows = world.scan().await.into_iter();
    let is_it = |row: &super::world::Row| row["sk"].as_s().unwrap() == &event.place;
    rows.into_iter().find(is_it).unwrap()
}

/// A run that finds nothing pays for one small query of each shard, and a renewal for nothing.
pub async fn an_outbox_costs_one_unit_for_each_request(connection: &Connection) {
    let world = World::new(connection).await;
    let outbox = outbox(&world);
    assert_eq!(waiting(&outbox).await, []);
    let sum = world.tally.take(Operation::WaitingEvents, Units::Read);
    assert_eq!(sum.requests, outbox.shards());
    assert!(sum.total <= f64::from(outbox.shards()), "{}", sum.total);
    world.connected(&[management()]).await;
    let event = waiting(&outbox).await.remove(0);
    outbox.put_off(&event).await.unwrap();
    outbox.done(&event).await.unwrap();
    for operation in [Operation::PutEventOff, Operation::EventDone] {
        let sum = world.tally.take(operation, Units::Write);
        assert_eq!((sum.requests, sum.total), (1, 1.0), "{operation:?}");
    }
}
