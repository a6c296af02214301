//! Caller keys: kept as hashes, removed for good, their use noted by one of many.

use std::collections::BTreeMap;

use auth::caller::CallerKey;
use auth::ports::{CallerKeyBook as _, CallerKeys as _, StoreError, Write, random_bytes};
use aws::{Connection, Operation, SystemRandom, Units};
use aws_sdk_dynamodb::types::AttributeValue;

use super::world::{NOW, World, at, eight_times, management, one_done_seven_stale};

fn key(name: &str) -> CallerKey {
    CallerKey::new(name.parse().unwrap(), random_bytes(&SystemRandom))
}

async fn added(world: &World, name: &str) -> CallerKey {
    let key = key(name);
    let added = world.control.add_key(key.name(), &key.hash(), NOW).await;
    assert!(added.unwrap());
    key
}

/// Each by its name, and all in the order of their names with nothing else among them.
pub async fn a_caller_key_is_found_and_listed_as_it_was_added(connection: &Connection) {
    let world = World::new(connection).await;
    world.connected(&[management()]).await;
    assert!(world.control.list_keys().await.unwrap().keys.is_empty());
    let keys = [added(&world, "b-2").await, added(&world, "b").await];
    for key in &keys {
        let found = world.control.find_key(key.name()).await.unwrap().unwrap();
        assert_eq!(found.name, *key.name());
        assert!(found.hash.matches(&key.hash()));
        assert_eq!((found.created_at, found.last_used_at), (NOW, None));
    }
    let listed = world.control.list_keys().await.unwrap();
    let names: Vec<_> = listed.keys.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(names, ["b", "b-2"]);
    let unknown = key("nobody");
    assert!(
        world
            .control
            .find_key(unknown.name())
            .await
            .unwrap()
            .is_none()
    );
}

/// However many come at once, one key stands, and its maker alone is told so.
pub async fn of_eight_keys_of_one_name_one_is_kept(connection: &Connection) {
    let world = World::new(connection).await;
    let outcomes = eight_times(|_| {
        let table = world.control.clone();
        async move {
            let key = key("collector");
            let added = table.add_key(key.name(), &key.hash(), NOW).await.unwrap();
            let found = table.find_key(key.name()).await.unwrap().unwrap();
            (added, found.hash.matches(&key.hash()))
        }
    });
    let expected = [
        ("(true, true)".to_owned(), 1),
        ("(false, false)".to_owned(), 7),
    ];
    assert_eq!(outcomes.await, BTreeMap::from(expected));
}

/// Also when its use is noted at that moment: nothing stays of it, and a new key of the
/// same name is another one.
pub async fn a_removed_caller_key_stays_away(connection: &Connection) {
    let world = World::new(connection).await;
    let key = added(&world, "collector").await;
    let read = world.control.find_key(key.name()).await.unwrap().unwrap();
    assert!(world.control.remove_key(key.name()).await.unwrap());
    let touched = world.control.touch_key(&read, at(1)).await.unwrap();
    assert_eq!(touched, Write::Stale);
    assert!(world.control.find_key(key.name()).await.unwrap().is_none());
    assert!(!world.control.remove_key(key.name()).await.unwrap());

    let next = added(&world, "collector").await;
    let touched = world.control.touch_key(&read, at(2)).await.unwrap();
    assert_eq!(touched, Write::Stale);
    let found = world.control.find_key(next.name()).await.unwrap().unwrap();
    assert!(!found.hash.matches(&key.hash()));
    assert_eq!(found.last_used_at, None);
}

/// Warm functions that all read the same note.
pub async fn of_eight_notes_of_a_use_one_is_written(connection: &Connection) {
    let world = World::new(connection).await;
    let key = added(&world, "collector").await;
    let read = world.control.find_key(key.name()).await.unwrap().unwrap();
    let outcomes = eight_times(|_| {
        let (table, read) = (world.control.clone(), read.clone());
        async move { table.touch_key(&read, at(60)).await.unwrap() }
    });
    assert_eq!(outcomes.await, one_done_seven_stale());
    let found = world.control.find_key(key.name()).await.unwrap().unwrap();
    assert_eq!(found.last_used_at, Some(at(60)));
    assert!(found.hash.matches(&key.hash()));
}

/// Neither the key nor its random part: whoever can read the table is nobody by it.
pub async fn no_row_of_a_caller_key_holds_the_key(connection: &Connection) {
    let world = World::new(connection).await;
    let key = added(&world, "collector").await;
    let rows = world.control_rows().await;
    assert_eq!(
        rows[0]["hash"].as_b().unwrap().as_ref(),
        key.hash().as_bytes()
    );
    let secret = key.expose().strip_prefix("m365tb_collector_").unwrap();
    let bytes = auth::encoding::from_base64url(secret).unwrap();
    let table = format!("{rows:?}");
    assert!(!table.contains(secret));
    assert!(!table.contains(&format!("{bytes:?}")));
}

/// A row whose hash is cut short proves nobody; it is an operator's business.
pub async fn a_caller_key_that_cannot_be_read_is_damaged(connection: &Connection) {
    let world = World::new(connection).await;
    let key = added(&world, "collector").await;
    let mut item = world.control_rows().await.remove(0);
    let short = AttributeValue::B(vec![0; 31].into());
    item.insert("hash".to_owned(), short);
    world.put_control(item).await;
    let found = world.control.find_key(key.name()).await.map(|_| ());
    let listed = world.control.list_keys().await.unwrap();
    assert!(listed.keys.is_empty());
    let listed = Err(listed.damaged[0].clone());
    for outcome in [found, listed] {
        let Err(StoreError::Damaged(text)) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(
            text.contains("CALLERS KEY#collector: attribute hash"),
            "{text}"
        );
    }
}

/// Strongly consistent, so that a removed key is not found by a lagging replica.
pub async fn a_caller_key_costs_one_unit_for_each_request(connection: &Connection) {
    let world = World::new(connection).await;
    let key = added(&world, "collector").await;
    let read = world.control.find_key(key.name()).await.unwrap().unwrap();
    let touched = world.control.touch_key(&read, at(60)).await.unwrap();
    assert_eq!(touched, Write::Done);
    world.control.list_keys().await.unwrap();
    world.control.remove_key(key.name()).await.unwrap();
    let rows = [
        (Operation::AddKey, Units::Write),
        (Operation::FindKey, Units::Read),
        (Operation::TouchKey, Units::Write),
        (Operation::ListKeys, Units::Read),
        (Operation::RemoveKey, Units::Write),
    ];
    for (operation, units) in rows {
        let sum = world.tally.take(operation, units);
        assert_eq!((sum.requests, sum.total), (1, 1.0), "{operation:?}");
    }
}
