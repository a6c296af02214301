//! The contract of operating the table: making it, asking whether it answers, and
//! errors that an operator can act on.

use std::sync::Arc;

use auth::ports::{IssuerSource as _, StoreError, Tenants as _, TokenStore as _};
use aws::{Connection, Operation, SystemRandom, Units};
use aws_sdk_dynamodb::types::AttributeValue;

use super::world::{World, management, tenant_id};

/// A restart makes it again and finds everything; `/health` costs half a unit.
pub async fn a_table_may_be_made_twice_and_answers(connection: &Connection) {
    let world = World::new(connection).await;
    let tenant = world.connected(&[management()]).await;
    world.table.create().await.unwrap();
    world.table.ping().await.unwrap();
    world.control.create().await.unwrap();
    let sum = world.tally.take(Operation::Ping, Units::Read);
    assert_eq!((sum.requests, sum.total), (1, 0.5));
    assert_eq!(world.find(tenant.id).await.version, tenant.version);
}

/// Trying again would not help; the error says what to check.
pub async fn a_missing_table_is_an_operators_business(connection: &Connection) {
    let table = connection.table("no-such-table", Arc::new(SystemRandom));
    let found = table.find(tenant_id()).await.map(|_| ());
    for outcome in [found, table.ping().await] {
        let Err(StoreError::Broken(text)) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(
            text.contains("no-such-table") && text.contains("TABLE_NAME"),
            "{text}"
        );
    }
}

/// It has a variable of its own.
pub async fn a_missing_control_table_is_an_operators_business(connection: &Connection) {
    let control = connection.control_table("no-such-control", Arc::new(SystemRandom));
    let read = control.current_issuers().await.map(|_| ());
    for outcome in [read, control.ping().await] {
        let Err(StoreError::Broken(text)) = outcome else {
            panic!("{outcome:?}");
        };
        let names = ["no-such-control", "check CONTROL_TABLE_NAME and AWS_REGION"];
        assert!(names.iter().all(|name| text.contains(name)), "{text}");
    }
}

/// And shows no value of it.
pub async fn an_item_that_cannot_be_read_names_its_key_and_attribute(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    let wrong = AttributeValue::Bool(true);
    // `sealed` last: its absence is nothing wrong, so that it cannot be put back.
    for name in ["cloud", "version", "sealed"] {
        let right = world.raw(id, &management()).await.get(name).cloned();
        world.tamper(id, &management(), name, wrong.clone()).await;
        let outcome = world.tokens.read(id, &management()).await;
        let Err(StoreError::Damaged(text)) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(
            text.contains(&format!("T#{id} TOKEN#")) && text.contains(name),
            "{text}"
        );
        assert!(!text.contains("true"), "{text}");
        if let Some(right) = right {
            world.tamper(id, &management(), name, right).await;
        }
    }
}
