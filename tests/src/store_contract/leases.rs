//! The contract of `Leases`.

use std::collections::BTreeMap;

use auth::ports::{LONGEST_LEASE, Leases as _, Looked, Noted};
use aws::{Connection, Operation, Units};
use aws_sdk_dynamodb::types::AttributeValue;

use super::world::{NOW, World, at, eight_times};

/// However many come at once.
pub async fn of_eight_takers_one_holds_the_lease(connection: &Connection) {
    let world = World::new(connection).await;
    let outcomes = eight_times(|_| {
        let table = world.table.clone();
        async move { table.take("work", NOW, at(30)).await.unwrap().is_some() }
    });
    let expected = BTreeMap::from([("true".to_owned(), 1), ("false".to_owned(), 7)]);
    assert_eq!(outcomes.await, expected);
    assert!(
        world
            .table
            .take("other work", NOW, at(30))
            .await
            .unwrap()
            .is_some()
    );
}

/// By the clock that is passed in, to the second.
pub async fn a_lease_ends_by_itself_or_is_given_back(connection: &Connection) {
    let world = World::new(connection).await;
    let take = async |now: i64| {
        let taken = world.table.take("work", at(now), at(now + 30)).await;
        taken.unwrap()
    };
    let lost = take(0).await.unwrap();
    assert!(take(29).await.is_none());
    let held = take(30).await.expect("the lease has ended");

    world.table.release(lost).await.unwrap();
    assert!(take(31).await.is_none(), "a lost lease is not given back");
    world.table.release(held).await.unwrap();
    assert!(take(31).await.is_some());
}

/// A process whose clock was ahead has it, and died; or ours was set back.
pub async fn a_lease_that_ends_later_than_any_can_holds_no_one_up(connection: &Connection) {
    let world = World::new(connection).await;
    let longest = i64::try_from(LONGEST_LEASE.as_secs()).unwrap();
    let (hour, day) = (3_600, 86_400);
    // By how much its clock was ahead, for how long it took the lease, and whether it is free.
    let rows = [
        (0, 30, false),
        (0, longest, false),
        (0, hour, false),
        (0, 30 * day, false),
        (60, 240, false),
        (-60, 240, false),
        (-day, 240, true),
        (longest - 240, 240, false),
        (longest - 240, 241, true),
        (hour, 30, true),
        (day, 30, true),
        (5 * day, 910, true),
        (400 * day, 910, true),
    ];
    for (row, (ahead, length, is_free)) in rows.into_iter().enumerate() {
        for name in ["vend#", "refresh#", "feed#"] {
            let name = &format!("{name}{row}");
            let taken = world.table.take(name, at(ahead), at(ahead + length));
            assert!(taken.await.unwrap().is_some());
            let again = world.table.take(name, NOW, at(240)).await.unwrap();
            assert_eq!(again.is_some(), is_free, "row {row}, {name}");
        }
    }
}

/// And the table forgets the leases of those who died, once no outage of a week needs them.
pub async fn a_lease_costs_one_unit_to_take_and_one_to_give_back(connection: &Connection) {
    let world = World::new(connection).await;
    let lease = world
        .table
        .take("work", NOW, at(30))
        .await
        .unwrap()
        .unwrap();
    let kept_until = (at(30).unix() + 30 * 24 * 60 * 60).to_string();
    assert_eq!(world.scan().await[0]["ttl"].as_n().unwrap(), &kept_until);
    world.table.release(lease).await.unwrap();
    let one_each = || {
        for operation in [Operation::TakeLease, Operation::ReleaseLease] {
            let sum = world.tally.take(operation, Units::Write);
            assert_eq!((sum.requests, sum.total), (1, 1.0), "{operation:?}");
        }
    };
    one_each();
    // A feed's, with as many notes as it keeps.
    let lease = world.table.take("feed#0", NOW, at(30)).await.unwrap();
    let noted = (0..16).map(|number| Noted {
        until: at(number),
        time: at(number),
    });
    let looked = Looked {
        until: at(16),
        cycle: 300,
        noted: noted.collect(),
    };
    world
        .table
        .release_at(lease.unwrap(), looked)
        .await
        .unwrap();
    one_each();
}

/// Taking it and giving it back, too; and only its holder says it.
pub async fn a_shards_lease_keeps_how_far_the_runs_came(connection: &Connection) {
    let world = World::new(connection).await;
    let take = async |now: i64| {
        let taken = world.table.take("refresh#0", at(now), at(now + 30)).await;
        taken.unwrap().unwrap()
    };
    let looked = async || world.table.looked("refresh#0").await.unwrap();
    let noted = |until: i64| Noted {
        until: at(until),
        time: at(until - 300),
    };
    let mark = |until: i64| Looked {
        until: at(until),
        cycle: 1_979,
        noted: vec![noted(until - 60), noted(until)],
    };
    assert_eq!(looked().await, None);
    let dead = take(0).await;
    assert_eq!(looked().await, None);
    let held = take(30).await;
    world.table.release_at(dead, mark(9_999)).await.unwrap();
    assert_eq!(looked().await, None, "a lost lease leaves nothing");
    world.table.release_at(held, mark(31)).await.unwrap();
    assert_eq!(looked().await, Some(mark(31)));
    let again = take(40).await;
    assert_eq!(looked().await, Some(mark(31)));
    world.table.release(again).await.unwrap();
    assert_eq!(looked().await, Some(mark(31)));

    // What cannot be read is not known: everything is looked at, and it is written again.
    let mut row = world.scan().await.remove(0);
    row.insert("cycle".into(), AttributeValue::S("long".into()));
    world.put(row).await;
    assert_eq!(looked().await, None);
}
