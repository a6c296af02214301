//! What the operations cost, in the table's own count: above all the two that happen
//! all the time.

use std::collections::HashMap;

use auth::ports::{Listing, Settlement, SingleUse as _, Tenants as _, TokenStore as _, Write};
use auth::{Cause, CauseCode};
use aws::{Connection, Operation, Units};
use aws_sdk_dynamodb::types::AttributeValue;

use super::world::{World, at, management, token};

/// One request, no read: the item rounded up to 1 KB, and two units for the row of
/// the due index that moves. The goal of the design: 4 for a token of 1.5 KB.
pub async fn a_renewal_costs_two_write_units_and_one_for_each_kilobyte(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    for (token_bytes, kilobytes) in [(500, 1.0), (1_500, 2.0), (2_500, 3.0)] {
        world
            .holding(id, &management(), &"t".repeat(token_bytes))
            .await;
        let size = size_of(&world.raw(id, &management()).await);
        assert_eq!((size as f64 / 1024.0).ceil(), kilobytes, "{size} bytes");
        let token = token(&"u".repeat(token_bytes));
        let failure = Cause::with_aadsts(CauseCode::NotConsented, 700_016);
        let renewed = Settlement::Token {
            token: &token,
            refresh_at: at(5_000),
        };
        let failed = Settlement::Failure {
            next_attempt_at: at(60),
            refresh_at: at(60),
            failures: 1,
            cause: &failure,
            suspected_at: Some(at(0)),
            drop_token: true,
        };
        for settlement in [renewed, failed] {
            let record = world.read(id, &management()).await;
            forget(&world);
            let write = world.tokens.settle(&record, settlement).await.unwrap();
            assert_eq!(write, Write::Done);
            let sum = world.tally.take(Operation::Settle, Units::Write);
            assert_eq!((sum.requests, sum.total), (1, 2.0 + kilobytes));
            let reads = world.tally.take(Operation::Settle, Units::Read);
            assert_eq!(reads.requests, 0);
        }
    }
}

/// Up to 4 KB.
pub async fn a_vend_from_the_table_costs_half_a_read_unit(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    world.holding(id, &management(), &"t".repeat(3_000)).await;
    forget(&world);
    world.read(id, &management()).await;
    let sum = world.tally.take(Operation::Read, Units::Read);
    assert_eq!((sum.requests, sum.total), (1, 0.5));
}

/// Each on its own, with nothing behind it that grows with the number of tenants.
/// (A transaction's count differs between engines and is left out: AWS documents
/// two write units for each kilobyte.)
pub async fn the_other_single_requests_cost_one_unit_or_half_of_one(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    for operation in [Operation::Find, Operation::Due, Operation::FirstDue] {
        world.tally.take(operation, Units::Read);
    }
    world.find(id).await;
    let next = world.table.next_attempt_at(id, &management()).await;
    assert_eq!(next.unwrap(), None);
    world.tokens.due(0, at(-1), 100).await.unwrap();
    world.tokens.first_due(0).await.unwrap();
    world.table.use_once("state", at(600)).await.unwrap();
    let listing = Listing {
        examine: 100,
        ..Listing::default()
    };
    world.table.list(&listing).await.unwrap();
    let rows = [
        (Operation::Find, Units::Read, 1.0),
        (Operation::NextAttempt, Units::Read, 0.5),
        (Operation::Due, Units::Read, 0.5),
        (Operation::FirstDue, Units::Read, 0.5),
        (Operation::UseOnce, Units::Write, 1.0),
        (Operation::List, Units::Read, 0.5),
    ];
    for (operation, units, total) in rows {
        let sum = world.tally.take(operation, units);
        assert_eq!((sum.requests, sum.total), (1, total), "{operation:?}");
    }
}

/// The hourly count of decision 0024: at most 500 bytes for a tenant without tags.
pub async fn counting_tenants_reads_half_a_kilobyte_for_each(connection: &Connection) {
    let world = World::new(connection).await;
    for _ in 0..64 {
        world.connected(&[management()]).await;
    }
    let listing = Listing {
        examine: 1_000,
        ..Listing::default()
    };
    let page = world.table.list(&listing).await.unwrap();
    assert_eq!((page.tenants.len(), page.next), (64, None));
    let sum = world.tally.take(Operation::List, Units::Read);
    // Half a unit for 4 KB.
    assert!(
        sum.total <= (64.0_f64 * 500.0 / 4096.0).ceil() / 2.0,
        "{sum:?}"
    );
}

fn forget(world: &World) {
    world.tally.take(Operation::Settle, Units::Write);
    world.tally.take(Operation::Read, Units::Read);
}

/// An item's size as DynamoDB counts it, within a few bytes: names and values.
fn size_of(item: &HashMap<String, AttributeValue>) -> usize {
    let of_value = |value: &AttributeValue| match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len() / 2 + 2,
        AttributeValue::B(blob) => blob.as_ref().len(),
        other => panic!("no such attribute in a token record: {other:?}"),
    };
    item.iter()
        .map(|(name, value)| name.len() + of_value(value))
        .sum()
}
