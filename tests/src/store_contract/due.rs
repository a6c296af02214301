//! The contract of the due index: what waits for no turn and what waits for its slot's, in
//! which order, and what is damaged in it.

use auth::ports::{Connecting, Paging, Settlement, Tenants as _, TokenStore as _, Write};
use auth::turns::{Look, Slot};
use auth::{TenantId, TenantStatus};
use aws::Connection;
use aws_sdk_dynamodb::types::AttributeValue;

use super::world::{
    FAILED, NOW, World, at, graph, management, tenant, tenant_with, text_of, token,
};

fn words(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn digits(text: &str) -> AttributeValue {
    AttributeValue::N(text.to_owned())
}

/// A suspended tenant's rows cost the refresher nothing.
pub async fn a_tenant_that_is_not_refreshed_leaves_the_due_index_and_comes_back(
    connection: &Connection,
) {
    let world = World::new(connection).await;
    let mut before = world.connected(&[management(), graph()]).await;
    let steps = [(TenantStatus::Removed, 0), (TenantStatus::Active, 2)];
    for (status, in_index) in steps {
        let record = world.read(before.id, &management()).await;
        let after = tenant_with(before.id, status);
        let write = world
            .tokens
            .settle_and_change(&record, FAILED, &before, &after);
        assert_eq!(write.await.unwrap(), Write::Done);
        assert_eq!(world.due(at(9_999)).await.len(), in_index, "{status}");
        before = world.find(before.id).await;
    }
}

/// In each shard; what is due later is not in it.
pub async fn due_records_come_oldest_first_and_no_more_than_asked_for(connection: &Connection) {
    let world = World::new(connection).await;
    let mut tenants = Vec::new();
    for number in 0..24 {
        let new = tenant(TenantStatus::Active);
        let due_at = at(100 - number);
        let resources = [management()];
        let write = world
            .table
            .connect(Connecting::new(&new, &resources, due_at));
        assert_eq!(write.await.unwrap(), Write::Done);
        // What is new comes before all others; these wait for their times.
        let turn = digits(&due_at.unix().to_string());
        world.tamper(new.id, &management(), "turn", turn).await;
        tenants.push((due_at, new.id));
    }
    tenants.sort();
    let mut seen = 0;
    let now = at(90);
    for shard in 0..world.tokens.shards() {
        let all = world.due_of(shard, at(1_000), 100).await;
        let due = world.due_of(shard, now, 100).await;
        // The shard's part of the whole order, cut at `now`.
        let part: Vec<_> = tenants
            .iter()
            .filter(|(_, id)| all.contains(&(*id, management())))
            .collect();
        let expected: Vec<_> = part
            .iter()
            .filter(|(due_at, _)| *due_at <= now)
            .map(|(_, id)| (*id, management()))
            .collect();
        assert_eq!(due, expected);
        for rows in 1..=3 {
            let paged = world.due_of(shard, now, rows).await;
            assert_eq!(paged, expected, "pages of {rows}");
        }
        let first = world.tokens.due(shard, now, &Paging::first(1)).await;
        assert_eq!(first.unwrap().records, expected[..expected.len().min(1)]);
        seen += all.len();
    }
    assert_eq!(seen, tenants.len(), "each record is in one shard");
}

/// Before what failed long ago.
pub async fn what_is_new_comes_before_what_waits_for_its_time(connection: &Connection) {
    let world = World::new(connection).await;
    let mut waiting = Vec::new();
    for _ in 0..8 {
        world.connected(&[management()]).await;
        let id = world.connected(&[management()]).await.id;
        let long_ago = digits(&at(-86_400).unix().to_string());
        world.tamper(id, &management(), "turn", long_ago).await;
        waiting.push((id, management()));
    }
    for shard in 0..world.tokens.shards() {
        let due = world.due_of(shard, NOW, 100).await;
        let waits: Vec<bool> = due.iter().map(|record| waiting.contains(record)).collect();
        assert!(waits.is_sorted(), "{waits:?}");
    }
}

/// One bad row must not keep the others from their turn.
pub async fn a_due_row_that_names_nothing_is_passed_over(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    let mut row = world.raw(id, &management()).await;
    row.insert("pk".into(), words("T#nobody"));
    row.insert("turn".into(), digits("300"));
    world.put(row).await;
    assert_eq!(world.due(NOW).await, [(id, management())]);
}

/// Also where the refresher asks for no more than there are of them.
pub async fn damaged_due_rows_keep_no_other_from_its_turn(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    let good = world.raw(id, &management()).await;
    let names = [
        ("pk", "T#nobody"),
        ("pk", "T#"),
        ("pk", "X#nobody"),
        ("pk", "INVITE#x"),
        ("pk", "T#41463f53-8812-40f4-890f"),
        ("pk", "\u{1b}[2J"),
        ("sk", "TENANT"),
        ("sk", "TOKEN#"),
        ("sk", "TOKEN#no resource"),
        ("sk", "token#https://manage.office.com"),
        ("sk", "LEASE"),
    ];
    for (attribute, text) in names {
        let mut row = good.clone();
        row.extend([
            (attribute.to_owned(), words(text)),
            ("turn".to_owned(), digits("300")),
        ]);
        world.put(row).await;
        for limit in [1, 2, 100] {
            let mut due = Vec::new();
            for shard in 0..world.tokens.shards() {
                due.extend(world.due_of(shard, NOW, limit).await);
            }
            assert_eq!(due, [(id, management())], "{attribute} {text}, {limit}");
        }
    }
}

/// A token that came goes to its slot, and what fails comes out of it again; each is in one
/// place of the index at a time.
pub async fn a_record_waits_for_its_turn_or_for_none(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    let looks = [
        Look::AtItsTurns,
        Look::AtItsTurns,
        Look::From(at(70)),
        Look::From(at(60)),
        Look::AtItsTurns,
    ];
    for look in looks {
        let token = token("a");
        let settlement = Settlement::Token {
            token: &token,
            refresh_at: at(2_000),
            look,
        };
        let record = world.read(id, &management()).await;
        let write = world.tokens.settle(&record, settlement).await.unwrap();
        assert_eq!(write, Write::Done);
        let (in_turn, due) = match look {
            Look::AtItsTurns => (1, [0, 0]),
            Look::From(from) if from <= at(60) => (0, [1, 1]),
            Look::From(_) => (0, [0, 1]),
        };
        assert_eq!(world.at_turns().await.len(), in_turn, "{look:?}");
        let found = [world.due(at(60)).await.len(), world.due(at(70)).await.len()];
        assert_eq!(found, due, "{look:?}");
        assert_eq!(world.read(id, &management()).await.refresh_at, at(2_000));
    }
    let record = world.read(id, &management()).await;
    let write = world.tokens.settle(&record, FAILED).await.unwrap();
    assert_eq!(write, Write::Done);
    assert_eq!(
        (world.at_turns().await.len(), world.due(at(59)).await.len()),
        (0, 0)
    );
    assert_eq!(world.due(at(60)).await, [(id, management())]);
}

/// In the order of slots, and only those that are asked for.
pub async fn records_whose_turn_came_are_found_by_their_slots(connection: &Connection) {
    let world = World::new(connection).await;
    let mut tenants = Vec::new();
    for _ in 0..40 {
        let id = world.connected(&[management()]).await.id;
        world.holding(id, &management(), "a").await;
        tenants.push((Slot::of(id), id));
    }
    tenants.sort();
    for slots in [0..=255, 0..=127, 128..=255, 40..=40, 255..=255, 0..=0] {
        let mut found = Vec::new();
        for shard in 0..world.tokens.shards() {
            let of_shard = world.in_turn(shard, &slots, 100).await;
            assert_eq!(world.in_turn(shard, &slots, 2).await, of_shard, "in pages");
            let of: Vec<Slot> = of_shard.iter().map(|(id, _)| Slot::of(*id)).collect();
            assert!(of.is_sorted(), "{of:?}");
            found.extend(of_shard);
        }
        let mut found: Vec<TenantId> = found.into_iter().map(|(id, _)| id).collect();
        found.sort_by_key(|id| (Slot::of(*id), *id));
        let wanted = tenants
            .iter()
            .filter(|(slot, _)| slots.contains(&slot.number()));
        let wanted: Vec<TenantId> = wanted.map(|(_, id)| *id).collect();
        assert_eq!(found, wanted, "{slots:?}");
    }
}

/// Whatever else is in the row, and without making anew what is gone.
pub async fn a_record_that_cannot_be_used_is_looked_at_again(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    world.holding(id, &management(), "a").await;
    world
        .tamper(id, &management(), "version", digits("7"))
        .await;
    let look_again = async |resource| {
        let looking = world.tokens.look_again(id, &resource, at(900));
        looking.await.unwrap();
    };
    look_again(management()).await;
    assert!(world.at_turns().await.is_empty());
    assert!(world.due(at(899)).await.is_empty());
    assert_eq!(world.due(at(900)).await, [(id, management())]);
    look_again(graph()).await;
    assert_eq!(world.due(at(900)).await, [(id, management())]);
}

/// It goes to its place from a time that was not after now, and only while it is as it was read.
pub async fn a_record_that_is_well_is_put_back_from_where_it_was_looked_at(
    connection: &Connection,
) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    let old = world.read(id, &management()).await;
    let record = world.holding(id, &management(), "a").await;
    // From when on it is looked at; which version was read, and where it goes; whether it does.
    let rows = [
        (Some(10), &record, Look::AtItsTurns, Write::Done),
        (Some(10), &record, Look::From(at(2_700)), Write::Done),
        (Some(10), &old, Look::AtItsTurns, Write::Stale),
        (Some(-10), &record, Look::AtItsTurns, Write::Done),
        (Some(11), &record, Look::AtItsTurns, Write::Stale),
        (Some(2_700), &record, Look::AtItsTurns, Write::Stale),
        (None, &record, Look::From(at(2_700)), Write::Stale),
        (None, &record, Look::AtItsTurns, Write::Stale),
    ];
    for (from, read, look, expected) in rows {
        let place = from.map_or(Slot::of(id).number().into(), |from| at(from).unix());
        let place = digits(&place.to_string());
        world.tamper(id, &management(), "turn", place.clone()).await;
        let write = world.tokens.put_back(read, look, at(10)).await.unwrap();
        assert_eq!(write, expected, "{from:?} {look:?}");
        let turn = world.raw(id, &management()).await["turn"].clone();
        let expected = match (write, look) {
            (Write::Stale, _) => place,
            (_, Look::AtItsTurns) => digits(&Slot::of(id).number().to_string()),
            (_, Look::From(from)) => digits(&from.unix().to_string()),
        };
        assert_eq!(turn, expected, "{from:?} {look:?}");
        assert_eq!(world.read(id, &management()).await.version, record.version);
    }
    let removed = tenant_with(id, TenantStatus::Removed);
    let before = world.find(id).await;
    let write = world.table.remove(&before, &removed).await.unwrap();
    assert_eq!(write, Write::Done);
    let gone = world
        .tokens
        .put_back(&record, Look::AtItsTurns, at(10))
        .await;
    assert_eq!(gone.unwrap(), Write::Stale);
}

/// A tenant that loses its token is looked at when it would have been, if it comes back; and a
/// record without a token is renewed then, whatever its time says.
pub async fn a_record_that_loses_its_token_stays_where_it_is_looked_at(connection: &Connection) {
    let world = World::new(connection).await;
    let before = world.connected(&[management()]).await;
    world.holding(before.id, &management(), "a").await;
    let suspended = tenant_with(before.id, TenantStatus::Suspended);
    let write = world.table.change(&before, &suspended).await.unwrap();
    assert_eq!(write, Write::Done);
    let suspended = world.find(before.id).await;
    assert!(world.at_turns().await.is_empty());
    let active = tenant_with(before.id, TenantStatus::Active);
    let write = world.table.change(&suspended, &active).await.unwrap();
    assert_eq!(write, Write::Done);
    assert_eq!(world.at_turns().await, [(before.id, management())]);
    assert_eq!(text_of(&world.read(before.id, &management()).await), None);
}
