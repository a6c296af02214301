//! The definitions of both tables, as `template.yaml` has them, for one machine and for tests.
//! In the cloud CloudFormation makes the tables; no function may.

use std::time::Duration;

use auth::ports::StoreError;
use aws_sdk_dynamodb::client::Waiters as _;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, TimeToLiveSpecification, TimeToLiveStatus,
};

use super::capacity::Operation;
use super::control::ControlTable;
use super::keys;
use super::requests::Table;

/// How long a new table may take to answer.
const READY_WITHIN: Duration = Duration::from_secs(60);

impl Table {
    /// Makes the table, unless it is there, and waits until it answers.
    pub async fn create(&self) -> Result<(), StoreError> {
        self.create_as(definition).await?;
        self.expire_by_ttl().await
    }

    async fn create_as(
        &self,
        definition: fn(CreateTableFluentBuilder) -> Result<CreateTableFluentBuilder, BuildError>,
    ) -> Result<(), StoreError> {
        let definition = definition(self.client.create_table().table_name(&self.name));
        let definition = definition.map_err(|_| unfinished("its definition is incomplete"))?;
        if let Err(error) = definition.send().await {
            let there = error
                .as_service_error()
                .is_some_and(|error| error.is_resource_in_use_exception());
            if !there {
                return Err(self.failed(Operation::Create, &error));
            }
        }
        self.wait_until_active().await
    }

    async fn wait_until_active(&self) -> Result<(), StoreError> {
        self.client
            .wait_until_table_exists()
            .table_name(&self.name)
            .wait(READY_WITHIN)
            .await
            .map(|_| ())
            .map_err(|_| unfinished("it does not become active"))
    }

    /// Asked first: switching on what is on is refused.
    async fn expire_by_ttl(&self) -> Result<(), StoreError> {
        let present = self
            .client
            .describe_time_to_live()
            .table_name(&self.name)
            .send()
            .await
            .map_err(|error| self.failed(Operation::Create, &error))?;
        let status = present
            .time_to_live_description()
            .and_then(|present| present.time_to_live_status());
        if let Some(TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling) = status {
            return Ok(());
        }
        let wanted = TimeToLiveSpecification::builder()
            .attribute_name(keys::TTL)
            .enabled(true)
            .build()
            .map_err(|_| unfinished("its definition is incomplete"))?;
        self.client
            .update_time_to_live()
            .table_name(&self.name)
            .time_to_live_specification(wanted)
            .send()
            .await
            .map(|_| ())
            .map_err(|error| self.failed(Operation::Create, &error))
    }
}

impl ControlTable {
    /// Makes the table, unless it is there, and waits until it answers.
    pub async fn create(&self) -> Result<(), StoreError> {
        self.0.create_as(control_definition).await?;
        self.0.expire_by_ttl().await
    }
}

fn unfinished(what: &str) -> StoreError {
    StoreError::Broken(format!("the table could not be made: {what}"))
}

fn definition(table: CreateTableFluentBuilder) -> Result<CreateTableFluentBuilder, BuildError> {
    use ProjectionType::{All, KeysOnly};
    use ScalarAttributeType::{N, S};
    let attributes = [
        (keys::PK, S),
        (keys::SK, S),
        (keys::DUE_SHARD, S),
        (keys::TURN, N),
        (keys::TENANTS_SHARD, S),
        (keys::TENANT_ID, S),
    ];
    let mut table = table
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(key(keys::PK, keys::SK)?));
    for (name, kind) in attributes {
        let attribute = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(kind);
        table = table.attribute_definitions(attribute.build()?);
    }
    let due = index(keys::DUE_INDEX, keys::DUE_SHARD, keys::TURN, KeysOnly)?;
    let tenants = index(
        keys::TENANTS_INDEX,
        keys::TENANTS_SHARD,
        keys::TENANT_ID,
        All,
    )?;
    Ok(table
        .global_secondary_indexes(due)
        .global_secondary_indexes(tenants))
}

/// Without an index: its rows are few. Of operators' actions alone the time comes to go.
fn control_definition(
    table: CreateTableFluentBuilder,
) -> Result<CreateTableFluentBuilder, BuildError> {
    let mut table = table
        .billing_mode(BillingMode::PayPerRequest)
        .set_key_schema(Some(key(keys::PK, keys::SK)?));
    for name in [keys::PK, keys::SK] {
        let attribute = AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S);
        table = table.attribute_definitions(attribute.build()?);
    }
    Ok(table)
}

fn index(
    name: &str,
    hash: &str,
    range: &str,
    projection: ProjectionType,
) -> Result<GlobalSecondaryIndex, BuildError> {
    GlobalSecondaryIndex::builder()
        .index_name(name)
        .set_key_schema(Some(key(hash, range)?))
        .projection(Projection::builder().projection_type(projection).build())
        .build()
}

fn key(hash: &str, range: &str) -> Result<Vec<KeySchemaElement>, BuildError> {
    [(hash, KeyType::Hash), (range, KeyType::Range)]
        .into_iter()
        .map(|(name, kind)| {
            KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind)
                .build()
        })
        .collect()
}
