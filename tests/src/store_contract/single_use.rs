//! The contract of `SingleUse`.

use std::collections::BTreeMap;

use auth::ports::SingleUse as _;
use aws::Connection;

use super::world::{NOW, World, at, eight_times};

/// However many come at once.
pub async fn of_eight_uses_one_is_the_first(connection: &Connection) {
    let world = World::new(connection).await;
    let outcomes = eight_times(|_| {
        let table = world.table.clone();
        async move { table.use_once("state-1", at(600)).await.unwrap() }
    });
    let expected = BTreeMap::from([("true".to_owned(), 1), ("false".to_owned(), 7)]);
    assert_eq!(outcomes.await, expected);
    assert!(world.table.use_once("state-2", at(600)).await.unwrap());
}

/// The store forgets when it likes, not when the clock says so.
pub async fn a_mark_refuses_after_its_expiry_too(connection: &Connection) {
    let world = World::new(connection).await;
    assert!(world.table.use_once("state", NOW).await.unwrap());
    world.clock.advance(3_600);
    assert!(!world.table.use_once("state", at(4_000)).await.unwrap());
    let mark = &world.scan().await[0];
    let kept_until = (NOW.unix() + 24 * 60 * 60).to_string();
    assert_eq!(mark["ttl"].as_n().unwrap(), &kept_until);
}
