//! The contract of the due index: what is due, in which order, and what is damaged in it.

use auth::TenantStatus;
use auth::ports::{Connecting, Tenants as _, TokenStore as _, Write};
use aws::Connection;
use aws_sdk_dynamodb::types::AttributeValue;

use super::world::{FAILED, NOW, World, at, graph, management, tenant, tenant_with};

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
        tenants.push((due_at, new.id));
    }
    tenants.sort();
    let mut seen = 0;
    let now = at(90);
    for shard in 0..world.tokens.shards() {
        let all = world.tokens.due(shard, at(1_000), 100).await.unwrap();
        let due = world.tokens.due(shard, now, 100).await.unwrap();
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
        let first = world.tokens.due(shard, now, 1).await.unwrap();
        assert_eq!(first, expected[..expected.len().min(1)]);
        seen += all.len();
    }
    assert_eq!(seen, tenants.len(), "each record is in one shard");
}

/// One bad row must not keep the others from their turn.
pub async fn a_due_row_that_names_nothing_is_passed_over(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    let mut row = world.raw(id, &management()).await;
    row.insert("pk".into(), words("T#nobody"));
    row.insert("refresh_at".into(), digits("1"));
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
            ("refresh_at".to_owned(), digits("1")),
        ]);
        world.put(row).await;
        for limit in [1, 2, 100] {
            let mut due = Vec::new();
            for shard in 0..world.tokens.shards() {
                due.extend(world.tokens.due(shard, NOW, limit).await.unwrap());
            }
            assert_eq!(due, [(id, management())], "{attribute} {text}, {limit}");
        }
    }
}

/// The first time that can be read counts.
pub async fn a_damaged_time_hides_no_first_due_row(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    let good = world.raw(id, &management()).await;
    for (number, time) in ["0.5", "-1e30", "1.25", "-0.001"].iter().enumerate() {
        let mut row = good.clone();
        row.extend([
            ("pk".to_owned(), words(&format!("T#nobody-{number}"))),
            ("refresh_at".to_owned(), digits(time)),
        ]);
        world.put(row).await;
    }
    let mut first = Vec::new();
    for shard in 0..world.tokens.shards() {
        first.extend(world.tokens.first_due(shard).await.unwrap());
    }
    assert_eq!(first, [NOW]);
}
