//! The leases of a fleet in memory.

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{LONGEST_LEASE, Lease, Leases, Looked, StoreError};

use super::table::FleetTable;

/// A lease, and what its holders left.
#[derive(Default)]
pub(super) struct Held {
    until: Option<Timestamp>,
    holder: u32,
    looked: Option<Looked>,
}

#[async_trait]
impl Leases for FleetTable {
    async fn take(
        &self,
        name: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        self.count(|counts| counts.leases += 1);
        let mut leases = self.leases.lock().unwrap();
        let held = leases.entry(name.to_owned()).or_default();
        if (held.until).is_some_and(|end| end > now && end <= now + LONGEST_LEASE) {
            return Ok(None);
        }
        (held.until, held.holder) = (Some(until), held.holder + 1);
        let (name, holder) = (name.to_owned(), held.holder.to_string());
        Ok(Some(Lease { name, holder }))
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        if let Some(held) = self.leases.lock().unwrap().get_mut(&lease.name) {
            held.until = None;
        }
        Ok(())
    }

    async fn release_at(&self, lease: Lease, looked: Looked) -> Result<(), StoreError> {
        if let Some(held) = self.leases.lock().unwrap().get_mut(&lease.name) {
            held.looked = Some(looked);
        }
        self.release(lease).await
    }

    async fn looked(&self, name: &str) -> Result<Option<Looked>, StoreError> {
        let leases = self.leases.lock().unwrap();
        Ok(leases.get(name).and_then(|held| held.looked.clone()))
    }
}
