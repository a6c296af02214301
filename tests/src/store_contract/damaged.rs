//! One damaged row hides no other: what of a list can be read is given, and what cannot is
//! named by its key.

use auth::caller::{CallerKey, CallerName};
use auth::ports::{CallerKeyBook as _, Listing, StoreError, random_bytes};
use auth::{Tenant, TenantStatus};
use aws::{Connection, SystemRandom};
use aws_sdk_dynamodb::types::AttributeValue;

use super::world::{NOW, Row, World, tenant};

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

/// The row with this key.
fn row(rows: Vec<Row>, pk: &str, sk: &str) -> Row {
    let is = |row: &Row, name: &str, text: &str| row[name].as_s().unwrap() == text;
    let rows = rows.into_iter();
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
                .control
                .add_key(key.name(), &key.hash(), NOW)
                .await
                .unwrap()
        );
    }
    let good = row(world.control_rows().await, "CALLERS", "KEY#b");
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
        world.put_control(damaged(&good, damage)).await;
        let listed = world.control.list_keys().await.unwrap();
        let names: Vec<_> = listed.keys.iter().map(|key| key.name.as_str()).collect();
        assert_eq!(names, ["a", "c"], "{why}");
        check_named(&listed.damaged, "CALLERS KEY#b", &why);
    }
    // What a later version adds is no damage.
    world
        .put_control(damaged(&good, ("from_the_future", truth())))
        .await;
    assert_eq!(world.control.list_keys().await.unwrap().keys.len(), 3);
    for sort in ["KEY#", "KEY#not a name", "KEY#\u{1b}[2J", "OTHER#b"] {
        let mut row = good.clone();
        row.extend([("sk".to_owned(), words(sort).unwrap())]);
        world.put_control(row.clone()).await;
        let listed = world.control.list_keys().await.unwrap();
        assert_eq!(listed.keys.len(), 3, "{sort}");
        check_named(&listed.damaged, sort, sort);
        let delete = world.client.delete_item().table_name(world.control_name());
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
    let good = row(world.scan().await, &key, "TENANT");
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
        world.put(damaged(&good, damage)).await;
        for examine in [1, 2, 100] {
            let listing = Listing {
                examine,
                ..Listing::default()
            };
            let (listed, errors) = world.list(listing).await;
            assert_eq!(listed, [tenants[0].id, tenants[2].id], "{why}, {examine}");
            check_named(&errors, &key, &why);
        }
    }
}
