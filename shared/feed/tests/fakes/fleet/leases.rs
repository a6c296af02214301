//! Leases of the table, which keep what their holders noted.

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{LONGEST_LEASE, Lease, Leases, Looked, StoreError};

use super::FleetTable;

#[async_trait]
impl Leases for FleetTable {
    async fn take(
        &self,
        name: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        self.reads()?;
        let mut leases = self.leases.lock().unwrap();
        let (held, _) = leases.entry(name.to_owned()).or_default();
        if held.is_some_and(|(end, _)| end > now && end <= now + LONGEST_LEASE) {
            return Ok(None);
        }
        self.count(|counts| counts.leases += 1);
        let holder = held.map_or(1, |(_, holder)| holder + 1);
        *held = Some((until.min(now + LONGEST_LEASE), holder));
        let (name, holder) = (name.to_owned(), holder.to_string());
        Ok(Some(Lease { name, holder }))
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        self.reads()?;
        let mut leases = self.leases.lock().unwrap();
        if let Some((held, _)) = leases.get_mut(&lease.name)
            && held.is_some_and(|(_, holder)| holder.to_string() == lease.holder)
        {
            *held = held.map(|(_, holder)| (Timestamp::from_unix(0), holder));
        }
        Ok(())
    }

    async fn release_at(&self, lease: Lease, looked: Looked) -> Result<(), StoreError> {
        self.reads()?;
        let mut leases = self.leases.lock().unwrap();
        if let Some((held, mark)) = leases.get_mut(&lease.name)
            && held.is_some_and(|(_, holder)| holder.to_string() == lease.holder)
        {
            *held = held.map(|(_, holder)| (Timestamp::from_unix(0), holder));
            *mark = Some(looked);
        }
        Ok(())
    }

    async fn looked(&self, name: &str) -> Result<Option<Looked>, StoreError> {
        self.reads()?;
        self.count(|counts| counts.marks += 1);
        let leases = self.leases.lock().unwrap();
        Ok(leases.get(name).and_then(|(_, looked)| looked.clone()))
    }
}
