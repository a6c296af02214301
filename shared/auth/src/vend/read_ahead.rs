//! The records of many vends, read together before each is opened: one request to the table for
//! a hundred tenants. It decides nothing, replaces nothing in memory and holds no lock: two
//! batches that ask for the same tenants in another order would wait for each other.

use super::memory::{Held, Slot};
use super::vending::Vend;
use crate::identifiers::TenantId;
use crate::ports::ReadRecord;
use crate::resource::Resource;
use crate::timestamp::Timestamp;

/// What the table said of one tenant and resource, and when.
pub struct ReadAhead {
    pub(super) read_at: Timestamp,
    pub(super) record: ReadRecord,
}

impl Vend {
    /// Reads those of which memory holds nothing fresh; in their order, `None` for the others
    /// and for one that is named again: memory has it by then.
    pub async fn read_ahead(&self, named: &[(TenantId, Resource)]) -> Vec<Option<ReadAhead>> {
        let read_at = self.parts.clock.now();
        let mut keys = Vec::new();
        for key in named {
            if !keys.contains(key) && !self.is_at_hand(key, read_at) {
                keys.push(key.clone());
            }
        }
        let records = self.parts.tokens.read_each(&keys).await;
        let mut read: Vec<_> = keys.into_iter().zip(records).collect();
        let mut take = |key| {
            let place = read.iter().position(|(own, _)| own == key)?;
            let (_, record) = read.swap_remove(place);
            Some(ReadAhead { read_at, record })
        };
        named.iter().map(&mut take).collect()
    }

    /// Whether memory serves it without a look at the table. One that another caller works on
    /// is not waited for.
    fn is_at_hand(&self, key: &(TenantId, Resource), now: Timestamp) -> bool {
        let Slot { held, .. } = self.memory.get_with(key.clone(), Slot::default);
        held.try_lock()
            .is_ok_and(|held| self.remembers(held.as_ref(), now))
    }

    /// Whether what memory holds is young enough to be believed, and of a tenant that is vended.
    pub(super) fn remembers(&self, held: Option<&Held>, now: Timestamp) -> bool {
        held.is_some_and(|held| {
            let age = held.read_at.seconds_until(now);
            let is_fresh = age < self.parts.max_state_age.as_secs() && held.read_at <= now;
            is_fresh && held.record.status.is_vended()
        })
    }

    /// Whether a record that was read ahead is still believed: an item of a batch can have waited
    /// for others. Where nothing is ever remembered, it counts as read for this request.
    pub(super) fn believes(&self, ahead: &ReadAhead, now: Timestamp) -> bool {
        let age = ahead.read_at.seconds_until(now);
        age <= self.parts.max_state_age.as_secs() && ahead.read_at <= now
    }
}
