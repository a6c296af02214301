//! The stored list of callers' issuers (the ports `IssuerSource` and `IssuerStore`): one item.
//! It holds no secret, and its writer decides whose word proves a caller: only the operator may
//! write it.

use async_trait::async_trait;
use auth::issuers::StoredIssuers;
use auth::ports::{IssuerSource, IssuerStore, StoreError, Write};

use super::capacity::Operation;
use super::control::ControlTable;
use super::items::issuers;
use super::transaction::Transaction;

#[async_trait]
impl IssuerSource for ControlTable {
    async fn current_issuers(&self) -> Result<Option<StoredIssuers>, StoreError> {
        let read = self
            .0
            .get_item(issuers::key(), Operation::ReadIssuers, true);
        read.await?.as_ref().map(issuers::read).transpose()
    }
}

#[async_trait]
impl IssuerStore for ControlTable {
    async fn put_issuers(&self, list: &StoredIssuers) -> Result<Write, StoreError> {
        // A transaction of one write, as a policy's.
        Transaction::new(&self.0, Operation::PutIssuers)
            .put(issuers::write(list), issuers::precedes(list))
            .write()
            .await
    }
}
