//! Leases as small items of their own (the port `Leases`): one write unit to take one,
//! one to give it back.

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{Lease, Leases, Looked, StoreError, Write};

use super::attributes::readable;
use super::capacity::Operation;
use super::change::Change;
use super::items::lease;
use super::keys::MARK;
use super::requests::Table;

#[async_trait]
impl Leases for Table {
    async fn take(
        &self,
        name: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let taken = Lease {
            name: name.to_owned(),
            holder: self.unique(),
        };
        let (key, change) = (lease::key(name), lease::taken(&taken, now, until));
        let change = change.on(lease::is_free(now));
        let ours = Some((MARK, taken.holder.as_str()));
        let write = self.update_item(key, change, ours, Operation::TakeLease);
        Ok(match write.await? {
            Write::Done => Some(taken),
            Write::Stale => None,
        })
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        self.give_back(&lease, lease::given_back()).await
    }

    async fn release_at(&self, lease: Lease, looked: Looked) -> Result<(), StoreError> {
        self.give_back(&lease, lease::given_back_at(looked)).await
    }

    async fn looked(&self, name: &str) -> Result<Option<Looked>, StoreError> {
        let item = self.get_item(lease::key(name), Operation::Looked, false);
        // What cannot be read is not known: every holder looks at everything meanwhile.
        let (looked, _) = readable(item.await?.as_slice(), lease::looked);
        Ok(looked.into_iter().flatten().next())
    }
}

impl Table {
    async fn give_back(&self, lease: &Lease, change: Change) -> Result<(), StoreError> {
        let (key, change) = (lease::key(&lease.name), change.on(lease::is_held(lease)));
        let write = self.update_item(key, change, None, Operation::ReleaseLease);
        match write.await? {
            // One that is not held any more is left alone.
            Write::Done | Write::Stale => Ok(()),
        }
    }
}
