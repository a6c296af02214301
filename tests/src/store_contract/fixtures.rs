//! Rows of every release are read by this version, and keep what it does not know.
//! `tests/fixtures/rows/NAME.json`: rows in DynamoDB's JSON, as that release wrote them with the
//! ring and the application of this contract; a later layout adds a file and changes none.

use std::collections::HashMap;

use auth::ports::{Leases as _, Looked, Tenants as _, Write};
use auth::{Cause, CauseCode, Tenant, TenantStatus};
use aws::Connection;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value};

use super::world::{NOW, World, at, management, text_of};
use crate::fuzz::table_rows::item;

/// The first release.
const FIRST: &str = include_str!("../../fixtures/rows/v1.json");
const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";

/// With the token that it sealed.
pub async fn rows_of_the_first_release_are_read(connection: &Connection) {
    let world = World::new(connection).await;
    let rows: Vec<Map<String, Value>> = serde_json::from_str(FIRST).unwrap();
    for row in rows {
        world.put(item(&row).unwrap()).await;
    }
    let tenant = world.find(TENANT.parse().unwrap()).await;
    let expected = Tenant {
        customer: "Contoso, Inc. ✓".parse().unwrap(),
        cause: Some(Cause::with_aadsts(CauseCode::ResourceMissing, 500_011).among(&[7, 500_011])),
        cause_resource: Some(management()),
        since: at(1),
        consented_at: Some(at(-5)),
        roles: vec!["ActivityFeed.Read".into()],
        tags: [("tier".into(), "gold".into())].into(),
        status: TenantStatus::Degraded,
        version: tenant.version.clone(),
        ..Tenant::connected(tenant.id, NOW)
    };
    assert_eq!(format!("{tenant:?}"), format!("{expected:?}"));

    let record = world.read(tenant.id, &management()).await;
    let token = text_of(&record).expect("a token that the first release sealed opens");
    let claims = record
        .token
        .as_ref()
        .unwrap()
        .access_token
        .unverified_claims();
    assert_eq!(claims.unwrap().tid, tenant.id);
    assert!(token.len() > 1_200, "one that was compact");
    assert_eq!(record.token.as_ref().unwrap().expires_at, at(3_599));
    assert_eq!((record.refresh_at, record.failures), (at(1_979), 0));
    assert_eq!((&record.tags, &record.cause), (&tenant.tags, &tenant.cause));
    assert_eq!(world.at_turns().await, [(tenant.id, management())]);

    let looked = world.table.looked("refresh#0").await.unwrap();
    let expected = Looked {
        until: at(300),
        cycle: 1_979,
    };
    assert_eq!(looked, Some(expected));
}

/// An older version may change a row that a newer one has written.
pub async fn what_a_row_holds_besides_survives_every_change(connection: &Connection) {
    let world = World::new(connection).await;
    let before = world.connected(&[management()]).await;
    world.holding(before.id, &management(), "a").await;
    let later = [
        ("later", AttributeValue::S("kept".into())),
        ("v", AttributeValue::N("7".into())),
    ];
    for row in world.scan().await {
        let mut row = row;
        row.extend(
            later
                .iter()
                .map(|(name, value)| ((*name).into(), value.clone())),
        );
        world.put(row).await;
    }
    world.holding(before.id, &management(), "b").await;
    let moved = before.moved_to(&"Fabrikam".parse().unwrap()).unwrap();
    let write = world.table.change(&before, &moved).await.unwrap();
    assert_eq!(write, Write::Done);
    let rows = world.scan().await;
    let has = |row: &HashMap<String, AttributeValue>| {
        later
            .iter()
            .all(|(name, value)| row.get(*name) == Some(value))
    };
    assert_eq!(rows.len(), 2);
    assert!(rows.iter().all(has), "{rows:?}");
}
