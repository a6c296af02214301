//! The contract of `IssuerSource` and `IssuerStore`.

use auth::caller::{IssuerEntry, entries_from_json};
use auth::issuers::StoredIssuers;
use auth::policy::StoredPolicy;
use auth::ports::{
    CallerKeyBook as _, IssuerSource as _, IssuerStore as _, PolicySource as _, PolicyStore as _,
    StoreError, Write,
};
use aws::{Connection, Operation, Units};
use aws_sdk_dynamodb::types::AttributeValue;

use super::world::{NOW, Row, World, at, eight_times, management, one_done_seven_stale};

fn entries(count: usize) -> Vec<IssuerEntry> {
    let entry = |n| format!(r#"{{"issuer":"https://{n}.example","audience":"broker"}}"#);
    let entries: Vec<_> = (0..count).map(entry).collect();
    entries_from_json(&format!("[{}]", entries.join(","))).unwrap()
}

fn list(before: Option<&StoredIssuers>, count: usize) -> StoredIssuers {
    StoredIssuers::following(before, &entries(count), NOW)
}

async fn current(world: &World) -> Option<StoredIssuers> {
    world.control.current_issuers().await.unwrap()
}

async fn put(world: &World, list: &StoredIssuers) -> Write {
    world.control.put_issuers(list).await.unwrap()
}

/// With its version and its digest, beside whatever else the control table has.
pub async fn a_list_of_issuers_is_read_as_it_was_put(connection: &Connection) {
    let world = World::new(connection).await;
    assert_eq!(current(&world).await, None);
    let policy = StoredPolicy::following(None, "// nobody may\n".to_owned(), NOW);
    assert_eq!(world.control.put(&policy).await.unwrap(), Write::Done);
    let first = list(None, 1);
    assert_eq!(put(&world, &first).await, Write::Done);
    assert_eq!(current(&world).await, Some(first.clone()));
    // As long as a list can be.
    let second = StoredIssuers {
        put_at: at(60),
        ..list(Some(&first), 200)
    };
    assert_eq!(put(&world, &second).await, Write::Done);
    assert_eq!(current(&world).await, Some(second.clone()));
    assert_eq!(second.allowed().map(|list| list.len()), Ok(200));
    let in_force = world.control.current().await.unwrap().in_force;
    assert_eq!(in_force, Some(policy));
}

/// Neither a first one over another, nor one that was made from an older one.
pub async fn a_list_of_issuers_replaces_the_one_before_it_alone(connection: &Connection) {
    let world = World::new(connection).await;
    let first = list(None, 1);
    let second = list(Some(&first), 2);
    assert_eq!(put(&world, &second).await, Write::Stale);
    assert_eq!(put(&world, &first).await, Write::Done);
    assert_eq!(put(&world, &second).await, Write::Done);
    for outdated in [list(None, 3), list(Some(&first), 3)] {
        assert_eq!(put(&world, &outdated).await, Write::Stale);
    }
    assert_eq!(current(&world).await, Some(second));
}

/// Two operators at once.
pub async fn of_eight_lists_of_issuers_at_once_one_is_put(connection: &Connection) {
    let world = World::new(connection).await;
    let outcomes = eight_times(|number| {
        let control = world.control.clone();
        let list = list(None, number as usize);
        async move { control.put_issuers(&list).await.unwrap() }
    });
    assert_eq!(outcomes.await, one_done_seven_stale());
}

/// Its error names key and attribute, and no value; a list that was changed behind its digest is
/// read, so that another can be put in its place, and is not taken.
pub async fn a_damaged_list_of_issuers_is_not_taken(connection: &Connection) {
    let world = World::new(connection).await;
    let good = list(None, 1);
    assert_eq!(put(&world, &good).await, Write::Done);
    let row = world.control_rows().await.remove(0);
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let changed = |name: &str, value: Option<AttributeValue>| -> Row {
        let mut row = row.clone();
        row.remove(name);
        row.extend(value.map(|value| (name.to_owned(), value)));
        row
    };
    for (name, value) in [
        ("issuer_list", None),
        ("issuer_list", Some(AttributeValue::Bool(true))),
        ("version", None),
        ("version", Some(text("one"))),
        ("version", Some(AttributeValue::N("1".to_owned()))),
        ("digest", None),
        ("digest", Some(AttributeValue::N("1".to_owned()))),
        ("put_at", None),
        ("put_at", Some(text("today"))),
        ("put_at", Some(AttributeValue::N("1.5".to_owned()))),
    ] {
        world.put_control(changed(name, value.clone())).await;
        let read = world.control.current_issuers().await;
        let Err(StoreError::Damaged(said)) = read else {
            panic!("{name} {value:?}: {read:?}");
        };
        assert!(
            said.contains("ISSUERS ISSUERS") && said.contains(name),
            "{said}"
        );
    }
    let others = good.text.replace("broker", "another");
    for (name, value) in [
        ("issuer_list", text(&others)),
        ("issuer_list", text("[]")),
        ("digest", text("0")),
    ] {
        world.put_control(changed(name, Some(value))).await;
        let read = current(&world).await.unwrap();
        assert!(read.allowed().is_err(), "{name}");
        let next = StoredIssuers::following(Some(&read), &entries(2), NOW);
        assert_eq!(put(&world, &next).await, Write::Done);
        assert!(current(&world).await.unwrap().allowed().is_ok());
    }
    world
        .put_control(changed("from_the_future", Some(AttributeValue::Bool(true))))
        .await;
    assert_eq!(current(&world).await, Some(good));
}

/// One unit to read and, as a transaction, two to write: a list of a few issuers is below a
/// kilobyte. Read once a minute by each warm function.
pub async fn a_list_of_issuers_costs_one_read_unit(connection: &Connection) {
    let world = World::new(connection).await;
    let few = list(None, 3);
    assert_eq!(put(&world, &few).await, Write::Done);
    current(&world).await;
    let sum = world.tally.take(Operation::ReadIssuers, Units::Read);
    assert_eq!((sum.requests, sum.total), (1, 1.0));
    let sum = world.tally.take(Operation::PutIssuers, Units::Write);
    assert_eq!((sum.requests, sum.total), (1, 2.0));
}

/// Nothing of one table is in the other, which a start tells from a table of an older version.
pub async fn each_table_has_its_own_rows(connection: &Connection) {
    let world = World::new(connection).await;
    world.connected(&[management()]).await;
    assert_eq!(put(&world, &list(None, 1)).await, Write::Done);
    let policy = StoredPolicy::following(None, "x".to_owned(), NOW);
    assert_eq!(world.control.put(&policy).await.unwrap(), Write::Done);
    assert!(world.control.list_keys().await.unwrap().keys.is_empty());
    let keys = |rows: Vec<Row>| {
        let keys = rows.iter().map(|row| row["pk"].as_s().unwrap().clone());
        let mut keys: Vec<_> = keys.map(|key| key[..2].to_owned()).collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(world.scan().await), ["OU", "T#", "T#"]);
    assert_eq!(keys(world.control_rows().await), ["IS", "PO"]);
    assert!(!world.table.holds_control_rows().await.unwrap());
    for partition in ["POLICY", "CALLERS"] {
        let row = [("pk", partition), ("sk", "KEY#x")];
        let row = row.map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())));
        world.put(row.into()).await;
        assert!(
            world.table.holds_control_rows().await.unwrap(),
            "{partition}"
        );
        let delete = world.client.delete_item().table_name(&world.name);
        let delete = delete.key("pk", AttributeValue::S(partition.to_owned()));
        let delete = delete.key("sk", AttributeValue::S("KEY#x".to_owned()));
        delete.send().await.unwrap();
    }
}
