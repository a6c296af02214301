//! The policy texts (the ports `PolicySource` and `PolicyStore`): the one in force and a
//! candidate. They hold no secret, and their writer decides who has which token: only the
//! operator may write them.

use async_trait::async_trait;
use auth::policy::{CandidatePolicy, StoredPolicy};
use auth::ports::{PolicySource, PolicyStore, StoreError, StoredPolicies, Write};

use super::attributes::Reader;
use super::capacity::Operation;
use super::change::Condition;
use super::control::ControlTable;
use super::items::policy::{self, CANDIDATE, IN_FORCE};
use super::keys::SK;
use super::transaction::Transaction;

#[async_trait]
impl PolicySource for ControlTable {
    async fn current(&self) -> Result<StoredPolicies, StoreError> {
        let both = self.0.partition(policy::PARTITION);
        let rows = self.0.every_row(both, Operation::ReadPolicy).await?;
        let find = |sort: &str| {
            rows.iter()
                .find(|row| Reader::of_key(row).text(SK).is_ok_and(|sk| sk == sort))
        };
        Ok(StoredPolicies {
            in_force: find(IN_FORCE).map(policy::read).transpose()?,
            candidate: find(CANDIDATE).map(policy::read_candidate).transpose(),
        })
    }
}

#[async_trait]
impl PolicyStore for ControlTable {
    async fn put(&self, policy: &StoredPolicy) -> Result<Write, StoreError> {
        let before = self.current().await?.in_force;
        let version = before.as_ref().map_or(0, |before| before.version);
        if version + 1 != policy.version {
            return Ok(Write::Stale);
        }
        // A transaction also of one write, for its request token: an attempt of the SDK's own
        // whose answer was lost is not taken for somebody else's.
        let put = Transaction::new(&self.0, Operation::PutPolicy)
            .put(policy::write(policy), policy::precedes(policy));
        let put = match before {
            Some(before) => put.put(policy::write_replaced(&before), Condition::Always),
            None => put,
        };
        put.write().await
    }

    async fn replaced(&self) -> Result<Vec<StoredPolicy>, StoreError> {
        let rows = self.0.partition(policy::REPLACED);
        let rows = self.0.every_row(rows, Operation::ReadReplaced).await?;
        rows.iter().rev().map(policy::read).collect()
    }

    async fn put_candidate(&self, candidate: &CandidatePolicy) -> Result<(), StoreError> {
        let item = policy::write_candidate(candidate);
        let write = self
            .0
            .put_item(item, Condition::Always, None, Operation::PutCandidate);
        write.await.map(|_| ())
    }

    async fn drop_candidate(&self, digest: Option<&str>) -> Result<Write, StoreError> {
        let (key, wanted) = (policy::key(CANDIDATE), policy::is_candidate(digest));
        self.0
            .delete_item(key, wanted, Operation::DropCandidate)
            .await
    }
}
