//! The policy text (the ports `PolicySource` and `PolicyStore`): one item. It holds no
//! secret, and whoever may write it decides who has which token: only the operator may.

use async_trait::async_trait;
use auth::ports::{PolicySource, PolicyStore, StoreError, StoredPolicy, Write};
use auth::token::Version;

use super::change::Condition;
use super::item::{Reader, text, time};
use super::transaction::Transaction;
use super::{Item, Operation, Table, keys};

#[async_trait]
impl PolicySource for Table {
    async fn current(&self) -> Result<Option<StoredPolicy>, StoreError> {
        let item = self
            .get(keys::policy(), Operation::ReadPolicy, true)
            .await?;
        item.as_ref().map(read).transpose()
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
}

pub(super) fn write(policy: &StoredPolicy) -> Item {
    let mut item = keys::policy();
    let attributes = [
        (keys::POLICY_TEXT, text(&policy.text)),
        (keys::VERSION, text(policy.version)),
        (keys::DIGEST, text(&policy.digest)),
        (keys::MODE, text(policy.mode)),
        (keys::PUT_AT, time(policy.put_at)),
    ];
    let named = attributes.into_iter();
    item.extend(named.map(|(name, value)| (name.to_owned(), value)));
    item
}

pub(super) fn read(item: &Item) -> Result<StoredPolicy, StoreError> {
    let reader = Reader(item);
    Ok(StoredPolicy {
        text: reader.text(keys::POLICY_TEXT)?.to_owned(),
        version: reader.parsed(keys::VERSION)?,
        digest: reader.text(keys::DIGEST)?.to_owned(),
        mode: reader.parsed(keys::MODE)?,
        put_at: reader.time(keys::PUT_AT)?,
    })
}
