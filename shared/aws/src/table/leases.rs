//! Leases as small items of their own (the port `Leases`): one write unit to take one,
//! one to give it back.

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{Lease, Leases, StoreError, Write};

use super::capacity::Operation;
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
        let item = lease::write(&taken, until);
        let ours = Some((MARK, taken.holder.as_str()));
        let write = self.put_item(item, lease::is_free(now), ours, Operation::TakeLease);
        Ok(match write.await? {
            Write::Done => Some(taken),
            Write::Stale => None,
        })
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        let given_back = lease::given_back().on(lease::is_held(&lease));
        let key = lease::key(&lease.name);
        let write = self.update_item(key, given_back, None, Operation::ReleaseLease);
        match write.await? {
            // One that is not held any more is left alone.
            Write::Done | Write::Stale => Ok(()),
        }
    }
}
