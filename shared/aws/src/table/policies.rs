//! The policy texts (the ports `PolicySource` and `PolicyStore`): the one in force and a
//! candidate, an item each, both of one partition, so that one query reads them together.
//! They hold no secret, and whoever may write them decides who has which token: only the
//! operator may.

use async_trait::async_trait;
use auth::policy::{CandidatePolicy, StoredPolicy};
use auth::ports::{PolicySource, PolicyStore, StoreError, StoredPolicies, Write};
use auth::version::Version;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemError;

use super::change::Condition;
use super::item::{Reader, text, time};
use super::transaction::Transaction;
use super::{Item, Operation, Query, Table, Units, keys};

#[async_trait]
impl PolicySource for Table {
    async fn current(&self) -> Result<StoredPolicies, StoreError> {
        let of_policies = |query: Query| {
            query
                .key_condition_expression("#pk = :pk")
                .expression_attribute_names("#pk", keys::PK)
                .expression_attribute_values(":pk", text(keys::POLICY))
        };
        let rows = self.every_row(of_policies, Operation::ReadPolicy).await?;
        let find = |sort: &str| {
            let is_it = |row: &&Item| Reader(row).text(keys::SK).is_ok_and(|sk| sk == sort);
            rows.iter().find(is_it)
        };
        Ok(StoredPolicies {
            in_force: find(keys::POLICY).map(read).transpose()?,
            candidate: find(keys::CANDIDATE).map(read_candidate).transpose(),
        })
    }
}

#[async_trait]
impl PolicyStore for Table {
    async fn put(&self, policy: &StoredPolicy) -> Result<Write, StoreError> {
        let before = Version(policy.version.saturating_sub(1).to_string());
        let condition = match policy.version {
            1 => Condition::Absent,
            _ => Condition::Version(&before),
        };
        // A transaction of one write, for its request token: an attempt of the SDK's own
        // whose answer was lost is not taken for somebody else's.
        Transaction::new(self, Operation::PutPolicy)
            .put(write(policy), &condition)
            .write()
            .await
    }

    async fn put_candidate(&self, candidate: &CandidatePolicy) -> Result<(), StoreError> {
        let done = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(write_candidate(candidate)))
            .return_consumed_capacity(self.capacity_wanted())
            .send()
            .await;
        let done = done.map_err(|error| self.failed(Operation::PutCandidate, &error))?;
        let consumed = done.consumed_capacity.as_slice();
        self.consumed(Operation::PutCandidate, Units::Write, consumed);
        Ok(())
    }

    async fn drop_candidate(&self, digest: Option<&str>) -> Result<Write, StoreError> {
        let delete = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(keys::candidate()))
            .return_consumed_capacity(self.capacity_wanted());
        let delete = match digest {
            Some(digest) => delete
                .condition_expression("#digest = :digest")
                .expression_attribute_names("#digest", keys::DIGEST)
                .expression_attribute_values(":digest", text(digest)),
            None => delete
                .condition_expression("attribute_exists(#pk)")
                .expression_attribute_names("#pk", keys::PK),
        };
        match delete.send().await {
            Ok(done) => {
                let consumed = done.consumed_capacity.as_slice();
                self.consumed(Operation::DropCandidate, Units::Write, consumed);
                Ok(Write::Done)
            }
            Err(error) => match error.as_service_error() {
                Some(DeleteItemError::ConditionalCheckFailedException(_)) => Ok(Write::Stale),
                _ => Err(self.failed(Operation::DropCandidate, &error)),
            },
        }
    }
}

pub(super) fn write(policy: &StoredPolicy) -> Item {
    let mut item = keys::policy();
    let attributes = [
        (keys::POLICY_TEXT, text(&policy.text)),
        (keys::VERSION, text(policy.version)),
        (keys::DIGEST, text(&policy.digest)),
        (keys::PUT_AT, time(policy.put_at)),
    ];
    let named = attributes.into_iter();
    item.extend(named.map(|(name, value)| (name.to_owned(), value)));
    item
}

fn write_candidate(candidate: &CandidatePolicy) -> Item {
    let mut item = keys::candidate();
    let attributes = [
        (keys::POLICY_TEXT, text(&candidate.text)),
        (keys::DIGEST, text(&candidate.digest)),
        (keys::PUT_AT, time(candidate.put_at)),
    ];
    let named = attributes.into_iter();
    item.extend(named.map(|(name, value)| (name.to_owned(), value)));
    item
}

/// Fails closed because whatever else an item says, its text is enforced: versions before
/// decision 0029 also wrote a `mode`, which could open everything.
pub(super) fn read(item: &Item) -> Result<StoredPolicy, StoreError> {
    let reader = Reader(item);
    Ok(StoredPolicy {
        text: reader.text(keys::POLICY_TEXT)?.to_owned(),
        version: reader.parsed(keys::VERSION)?,
        digest: reader.text(keys::DIGEST)?.to_owned(),
        put_at: reader.time(keys::PUT_AT)?,
    })
}

fn read_candidate(item: &Item) -> Result<CandidatePolicy, StoreError> {
    let reader = Reader(item);
    Ok(CandidatePolicy {
        text: reader.text(keys::POLICY_TEXT)?.to_owned(),
        digest: reader.text(keys::DIGEST)?.to_owned(),
        put_at: reader.time(keys::PUT_AT)?,
    })
}
