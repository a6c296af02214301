//! What the operations cost, in the table's own count: above all the two that happen
//! all the time.

use std::collections::HashMap;

use auth::ports::{
    Leases as _, Listing, Paging, Settlement, SingleUse as _, Tenants as _, TokenStore as _, Write,
};
use auth::turns::Look;
use auth::{Cause, CauseCode, Resource, Tenant, TenantId, TenantStatus};
use aws::{Connection, Operation, Units};
use aws_sdk_dynamodb::types::AttributeValue;

use super::world::{CLIENT, World, at, graph, management, tenant, text_of, token};
use crate::sample_token::{Sample, Version};

/// One request, no read: the item rounded up to 1 KB. The index costs nothing, because its key
/// stays.
pub async fn a_renewal_costs_one_write_unit_for_each_kilobyte(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    for (token_bytes, kilobytes) in [(500, 1.0), (1_500, 2.0), (2_500, 3.0)] {
        world
            .holding(id, &management(), &"t".repeat(token_bytes))
            .await;
        let size = size_of(&world.raw(id, &management()).await);
        assert_eq!((size as f64 / 1024.0).ceil(), kilobytes, "{size} bytes");
        let token = token(&"u".repeat(token_bytes));
        let renewed = Settlement::Token {
            token: &token,
            refresh_at: at(5_000),
            look: Look::AtItsTurns,
        };
        assert_eq!(units_of(&world, id, renewed).await, kilobytes);
    }
}

/// A key of the index that changes is a row deleted and a row written.
pub async fn what_leaves_its_slot_or_comes_back_costs_two_units_more(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    world.holding(id, &management(), "t").await;
    let failure = Cause::with_aadsts(CauseCode::NotConsented, 700_016);
    let failed = |after| Settlement::Failure {
        next_attempt_at: at(after),
        refresh_at: at(after),
        failures: 1,
        cause: &failure,
        suspected_at: Some(at(0)),
        drop_token: false,
    };
    let token = token("u");
    let renewed = |look| Settlement::Token {
        token: &token,
        refresh_at: at(5_000),
        look,
    };
    let rows = [
        (failed(60), 3.0),
        (failed(120), 3.0),
        (renewed(Look::AtItsTurns), 3.0),
        (renewed(Look::AtItsTurns), 1.0),
        (renewed(Look::From(at(5_000))), 3.0),
        (renewed(Look::From(at(5_000))), 1.0),
        (renewed(Look::From(at(5_300))), 3.0),
    ];
    for (settlement, units) in rows {
        let counted = units_of(&world, id, settlement).await;
        assert_eq!(counted, units, "{settlement:?}");
    }
}

/// What a renewal takes of write units, in one request and with no read.
async fn units_of(world: &World, id: TenantId, settlement: Settlement<'_>) -> f64 {
    let record = world.read(id, &management()).await;
    forget(world);
    let write = world.tokens.settle(&record, settlement).await.unwrap();
    assert_eq!(write, Write::Done);
    let reads = world.tally.take(Operation::Settle, Units::Read);
    let sum = world.tally.take(Operation::Settle, Units::Write);
    assert_eq!((sum.requests, reads.requests), (1, 0));
    sum.total
}

const SIX_ROLES: [&str; 6] = [
    "AuditLog.Read.All",
    "Directory.Read.All",
    "Group.Read.All",
    "Reports.Read.All",
    "SecurityEvents.Read.All",
    "User.Read.All",
];

/// Decision 0050 says which rows are ordinary: with a tenant that is bound to itself or to an
/// account whose name is no longer than a GUID, and with the tags that stand there.
pub async fn ordinary_rows_have_less_than_a_kilobyte(connection: &Connection) {
    let world = World::new(connection).await;
    let feed = &SIX_ROLES.map(|_| "ActivityFeed.Read")[..1];
    let three = &[
        "ActivityFeed.Read",
        "ActivityFeed.ReadDlp",
        "ServiceHealth.Read",
    ][..];
    let two_tags = [("tier", "gold"), ("team", "security-eu")];
    type Row<'a> = (
        &'a str,
        Resource,
        Version,
        &'a [&'a str],
        &'a [(&'a str, &'a str)],
        usize,
    );
    let rows: [Row<'_>; 7] = [
        ("management, v1", management(), Version::V1, feed, &[], 900),
        (
            "the same, two tags",
            management(),
            Version::V1,
            feed,
            &two_tags,
            950,
        ),
        (
            "management, v1, three roles",
            management(),
            Version::V1,
            three,
            &[],
            920,
        ),
        ("management, v2", management(), Version::V2, feed, &[], 880),
        (
            "Graph, v1, six roles",
            graph(),
            Version::V1,
            &SIX_ROLES,
            &[],
            1_024,
        ),
        (
            "Graph, v2, six roles",
            graph(),
            Version::V2,
            &SIX_ROLES,
            &[],
            960,
        ),
        (
            "Graph, v1, one role",
            graph(),
            Version::V1,
            &SIX_ROLES[..1],
            &two_tags,
            1_024,
        ),
    ];
    for (name, resource, version, roles, tags, most) in rows {
        let tags = tags
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        let new = Tenant {
            tags: tags.collect(),
            ..tenant(TenantStatus::Active)
        };
        let id = world
            .connect(&new, std::slice::from_ref(&resource))
            .await
            .id;
        let sample = Sample {
            tenant: id,
            client: CLIENT.parse().unwrap(),
            resource: &resource,
            roles,
        };
        let text = sample.text(version);
        let record = world.holding(id, &resource, &text).await;
        assert_eq!(text_of(&record), Some(text.as_str()));
        let size = size_of(&world.raw(id, &resource).await);
        println!("{name}: a token of {} bytes, a row of {size}", text.len());
        assert!(size <= most, "{name}: {size} bytes");
        forget(&world);
        world.holding(id, &resource, &text).await;
        let sum = world.tally.take(Operation::Settle, Units::Write);
        assert_eq!(sum.total, 1.0, "{name}: {size} bytes");
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
    world.tally.take(Operation::Find, Units::Read);
    world.find(id).await;
    let next = world.table.next_attempt_at(id, &management()).await;
    assert_eq!(next.unwrap(), None);
    let page = Paging::first(100);
    world.tokens.due(0, at(-1), &page).await.unwrap();
    let in_turn = world.tokens.at_turns(0, &(0..=255), &page).await;
    in_turn.unwrap();
    world.table.looked("refresh#0").await.unwrap();
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
        (Operation::AtTurns, Units::Read, 0.5),
        (Operation::Looked, Units::Read, 0.5),
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
pub(super) fn size_of(item: &HashMap<String, AttributeValue>) -> usize {
    item.iter()
        .map(|(name, value)| name.len() + size_of_value(value))
        .sum()
}

fn size_of_value(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(digits) => digits.len() / 2 + 2,
        AttributeValue::B(blob) => blob.as_ref().len(),
        // Three bytes for a map or list, one for each member.
        AttributeValue::M(members) => 3 + size_of(members) + members.len(),
        AttributeValue::L(items) => {
            3 + items.iter().map(size_of_value).sum::<usize>() + items.len()
        }
        other => panic!("no such attribute in a row: {other:?}"),
    }
}
