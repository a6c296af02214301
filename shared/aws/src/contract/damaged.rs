//! One damaged row hides no other: what of a list can be read is given, and what cannot is
//! named by its key.

use std::collections::HashMap;

use auth::caller::{CallerKey, CallerName};
use auth::ports::{
    CallerKeyBook as _, Listing, StoreError, Tenants as _, TokenStore as _, random_bytes,
};
use auth::{Tenant, TenantStatus};
use aws_sdk_dynamodb::types::AttributeValue;

use super::world::{NOW, World, management, tenant};
use crate::connect::Connection;
use crate::system::SystemRandom;

type Row = HashMap<String, AttributeValue>;
/// An attribute, and what is in its place; `None` for nothing.
type Damage = (&'static str, Option<AttributeValue>);

fn words(text: &str) -> Option<AttributeValue> {
    Some(AttributeValue::S(text.to_owned()))
}

fn digits(text: &str) -> Option<AttributeValue> {
    Some(AttributeValue::N(text.to_owned()))
}

fn truth() -> Option<AttributeValue> {
    Some(AttributeValue::Bool(true))
}

fn damaged(row: &Row, (name, value): Damage) -> Row {
    let mut row = row.clone();
    row.remove(name);
    row.extend(value.map(|value| (name.to_owned(), value)));
    row
}

async fn put(world: &World, row: Row) {
    let put = world.client.put_item().table_name(&world.name);
    put.set_item(Some(row)).send().await.unwrap();
}

/// The row of the table with this key.
async fn row(world: &World, pk: &str, sk: &str) -> Row {
    let is = |row: &Row, name: &str, text: &str| row[name].as_s().unwrap() == text;
    let rows = world.scan().await.into_iter();
    let mut rows = rows.filter(|row| is(row, "pk", pk) && is(row, "sk", sk));
    rows.next().unwrap()
}

/// A damaged row is named by its key, and by no value.
fn check_named(errors: &[StoreError], key: &str, why: &str) {
    let [StoreError::Damaged(text)] = errors else {
        panic!("{why}: {errors:?}");
    };
    assert!(text.contains(key), "{why}: {text}");
}

/// Whatever is wrong with one, the operator sees the others.
pub async fn a_damaged_caller_key_hides_no_other(connection: &Connection) {
    let world = World::new(connection).await;
    for name in ["a", "b", "c"] {
        let name: CallerName = name.parse().unwrap();
        let key = CallerKey::new(name, random_bytes(&SystemRandom));
        assert!(
            world
                .table
                .add_key(key.name(), &key.hash(), NOW)
                .await
                .unwrap()
        );
    }
    let good = row(&world, "CALLERS", "KEY#b").await;
    let damages: [Damage; 13] = [
        ("hash", None),
        ("hash", words("hash")),
        ("hash", Some(AttributeValue::B(vec![0; 31].into()))),
        ("hash", Some(AttributeValue::B(vec![0; 33].into()))),
        ("created_at", None),
        ("created_at", words("2015-05-15T01:59:54Z")),
        ("created_at", digits("1.5")),
        ("created_at", digits("100000000000000000000")),
        ("last_used_at", words("never")),
        ("last_used_at", truth()),
        ("version", None),
        ("version", digits("1")),
        ("version", truth()),
    ];
    for damage in damages {
        let why = format!("{damage:?}");
        put(&world, damaged(&good, damage)).await;
        let listed = world.table.list_keys().await.unwrap();
        let names: Vec<_> = listed.keys.iter().map(|key| key.name.as_str()).collect();
        assert_eq!(names, ["a", "c"], "{why}");
        check_named(&listed.damaged, "CALLERS KEY#b", &why);
    }
    // What a later version adds is no damage.
    put(&world, damaged(&good, ("from_the_future", truth()))).await;
    assert_eq!(world.table.list_keys().await.unwrap().keys.len(), 3);
    for sort in ["KEY#", "KEY#not a name", "KEY#\u{1b}[2J", "OTHER#b"] {
        let mut row = good.clone();
        row.extend([("sk".to_owned(), words(sort).unwrap())]);
        put(&world, row.clone()).await;
        let listed = world.table.list_keys().await.unwrap();
        assert_eq!(listed.keys.len(), 3, "{sort}");
        check_named(&listed.damaged, sort, sort);
        let delete = world.client.delete_item().table_name(&world.name);
        let delete = delete.key("pk", row["pk"].clone());
        delete.key("sk", row["sk"].clone()).send().await.unwrap();
    }
}

/// Whatever is wrong with one, and wherever a page ends.
pub async fn a_damaged_tenant_hides_no_other(connection: &Connection) {
    let world = World::new(connection).await;
    let mut tenants: Vec<Tenant> = Vec::new();
    for _ in 0..3 {
        tenants.push(world.connect(&tenant(TenantStatus::Active), &[]).await);
    }
    tenants.sort_by_key(|tenant| tenant.id);
    let key = format!("T#{}", tenants[1].id);
    let good = row(&world, &key, "TENANT").await;
    let damages: [Damage; 17] = [
        ("customer", None),
        ("customer", words("")),
        ("customer", digits("1")),
        ("cloud", None),
        ("cloud", words("mars")),
        ("status", words("unheard-of")),
        ("status", None),
        ("cause", words("unheard_of")),
        ("since", words("yesterday")),
        ("since", digits("1e30")),
        ("consented_at", None),
        ("roles", None),
        ("roles", words("ActivityFeed.Read")),
        ("tags", words("env=prod")),
        ("version", None),
        ("tenant_id", words("contoso.example")),
        ("tenant_id", words("zzz")),
    ];
    for damage in damages {
        let why = format!("{damage:?}");
        put(&world, damaged(&good, damage)).await;
        for examine in [1, 2, 100] {
            let (listed, errors) = list_all(&world, examine).await;
            assert_eq!(listed, [tenants[0].id, tenants[2].id], "{why}, {examine}");
            check_named(&errors, &key, &why);
        }
    }
}

async fn list_all(world: &World, examine: u32) -> (Vec<auth::TenantId>, Vec<StoreError>) {
    let (mut listed, mut errors) = (Vec::new(), Vec::new());
    let mut listing = Listing {
        examine,
        ..Listing::default()
    };
    loop {
        let page = world.table.list(&listing).await.unwrap();
        listed.extend(page.tenants.iter().map(|tenant| tenant.id));
        errors.extend(page.damaged);
        match page.next {
            Some(next) => listing.after = Some(next),
            None => return (listed, errors),
        }
    }
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
            (attribute.to_owned(), words(text).unwrap()),
            ("refresh_at".to_owned(), digits("1").unwrap()),
        ]);
        put(&world, row).await;
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
            (
                "pk".to_owned(),
                words(&format!("T#nobody-{number}")).unwrap(),
            ),
            ("refresh_at".to_owned(), digits(time).unwrap()),
        ]);
        put(&world, row).await;
    }
    let mut first = Vec::new();
    for shard in 0..world.tokens.shards() {
        first.extend(world.tokens.first_due(shard).await.unwrap());
    }
    assert_eq!(first, [NOW]);
}
