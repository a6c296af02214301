//! What operators did: written once before, ended once, read by the day.

use std::collections::BTreeMap;

use auth::operator_action::{Actor, Deed, KEPT_FOR, Outcome};
use auth::ports::{OperatorLog as _, StoreError};
use aws::{Connection, Operation, Units};
use aws_sdk_dynamodb::types::AttributeValue;

use super::world::{NOW, World, at, eight_times};

const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";

fn deed() -> Deed {
    Deed {
        command: "token",
        tenant: Some(TENANT.parse().unwrap()),
        customer: Some("Contoso, Inc.".parse().unwrap()),
        name: Some("collector".to_owned()),
        options: vec!["raw", "yes"],
    }
}

fn actor() -> Actor {
    Actor("arn:aws:sts::123456789012:assumed-role/Admin/ada".to_owned())
}

/// Each on its day, and in the order in which they began; nothing else of the table with them.
pub async fn an_operators_action_is_read_on_its_day_as_it_was_begun(connection: &Connection) {
    let world = World::new(connection).await;
    let day: i64 = 24 * 60 * 60;
    let least = Deed {
        command: "keys create",
        ..Deed::default()
    };
    let first = world.control.begin(&deed(), &actor(), at(1)).await.unwrap();
    world.control.begin(&least, &actor(), at(2)).await.unwrap();
    world
        .control
        .begin(&least, &actor(), at(day))
        .await
        .unwrap();
    assert!(
        world
            .control
            .end(&first, Outcome::Done, at(3))
            .await
            .unwrap()
    );
    let (actions, damaged) = world.control.of_day(NOW).await.unwrap();
    assert!(damaged.is_empty());
    let [first, second] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!((&*first.actor, &*first.command), (&*actor().0, "token"));
    assert_eq!(first.tenant, deed().tenant);
    assert_eq!(first.customer, deed().customer);
    assert_eq!(first.name.as_deref(), Some("collector"));
    assert_eq!(first.options, ["raw", "yes"]);
    assert_eq!(
        (first.began_at, first.ended),
        (at(1), Some((at(3), Outcome::Done)))
    );
    assert_eq!(
        (&*second.command, second.tenant, second.ended),
        ("keys create", None, None)
    );
    assert!(second.options.is_empty() && second.name.is_none() && second.customer.is_none());
    let next = world.control.of_day(at(day)).await.unwrap().0;
    assert_eq!(next.len(), 1);
    let kept = (NOW.unix() + 1 + i64::try_from(KEPT_FOR.as_secs()).unwrap()).to_string();
    let rows = world.control_rows().await;
    assert!(
        rows.iter()
            .any(|row| row["ttl"] == AttributeValue::N(kept.clone()))
    );
}

/// An end is written once: no other word takes its place.
pub async fn an_operators_action_ends_once(connection: &Connection) {
    let world = World::new(connection).await;
    let begun = world.control.begin(&deed(), &actor(), NOW).await.unwrap();
    assert!(
        world
            .control
            .end(&begun, Outcome::Failed, at(1))
            .await
            .unwrap()
    );
    assert!(
        !world
            .control
            .end(&begun, Outcome::Done, at(2))
            .await
            .unwrap()
    );
    let (actions, _) = world.control.of_day(NOW).await.unwrap();
    assert_eq!(actions[0].ended, Some((at(1), Outcome::Failed)));
    // What was never begun does not begin with its end.
    let other = auth::ports::Begun {
        id: "other".to_owned(),
        ..begun
    };
    assert!(
        !world
            .control
            .end(&other, Outcome::Done, at(2))
            .await
            .unwrap()
    );
    assert_eq!(world.control_rows().await.len(), 1);
}

/// In the same second, each has its own row.
pub async fn of_eight_actions_at_once_all_are_written(connection: &Connection) {
    let world = World::new(connection).await;
    let outcomes = eight_times(|_| {
        let table = world.control.clone();
        async move { table.begin(&deed(), &actor(), NOW).await.is_ok() }
    });
    assert_eq!(outcomes.await, BTreeMap::from([("true".to_owned(), 8)]));
    assert_eq!(world.control.of_day(NOW).await.unwrap().0.len(), 8);
    assert_eq!(world.control_rows().await.len(), 8);
}

/// A row that cannot be read hides no other, and its error shows no value.
pub async fn a_damaged_action_hides_no_other(connection: &Connection) {
    let world = World::new(connection).await;
    for second in 0..2 {
        world
            .control
            .begin(&deed(), &actor(), at(second))
            .await
            .unwrap();
    }
    let mut row = world.control_rows().await.remove(0);
    row.insert("actor".to_owned(), AttributeValue::N("7".to_owned()));
    world.put_control(row).await;
    let (actions, damaged) = world.control.of_day(NOW).await.unwrap();
    assert_eq!((actions.len(), damaged.len()), (1, 1));
    let StoreError::Damaged(text) = &damaged[0] else {
        panic!("{damaged:?}");
    };
    assert!(
        text.contains("AUDIT#2015-05-15") && text.contains("actor"),
        "{text}"
    );
    assert!(!text.contains("collector"), "{text}");
}

/// A unit before the action, and one after it.
pub async fn an_operators_action_costs_two_write_units(connection: &Connection) {
    let world = World::new(connection).await;
    let begun = world.control.begin(&deed(), &actor(), NOW).await.unwrap();
    world
        .control
        .end(&begun, Outcome::Done, at(1))
        .await
        .unwrap();
    for operation in [Operation::BeginAction, Operation::EndAction] {
        let sum = world.tally.take(operation, Units::Write);
        assert_eq!((sum.requests, sum.total), (1, 1.0), "{operation:?}");
    }
}
