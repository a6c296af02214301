//! The two parts of the outbox, and into which shards of them this process has put events.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};

use auth::event::Event;

use super::keys;

/// What the events of a part are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutboxOf {
    /// Tenants, and the fleet.
    Tenants,
    /// Audit logs.
    Feeds,
}

impl OutboxOf {
    /// The word in keys and in names of leases.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            OutboxOf::Tenants => "tenants",
            OutboxOf::Feeds => "feeds",
        }
    }

    /// The shard of an event: its tenant's, and the first of those about the whole fleet.
    pub(super) fn shard(self, event: &Event) -> u32 {
        event.tenant.map_or(0, keys::shard_number)
    }
}

/// Into which shards a process has put events: one bit for each, of each part.
#[derive(Debug, Default)]
pub(super) struct Written {
    tenants: AtomicU32,
    feeds: AtomicU32,
}

impl Written {
    fn of(&self, of: OutboxOf) -> &AtomicU32 {
        match of {
            OutboxOf::Tenants => &self.tenants,
            OutboxOf::Feeds => &self.feeds,
        }
    }

    pub(super) fn note(&self, events: &[(OutboxOf, u32)]) {
        for (of, shard) in events {
            let bit = 1u32.checked_shl(*shard).unwrap_or_default();
            self.of(*of).fetch_or(bit, Ordering::Relaxed);
        }
    }

    pub(super) fn take(&self, of: OutboxOf) -> BTreeSet<u32> {
        let bits = self.of(of).swap(0, Ordering::Relaxed);
        (0..u32::BITS)
            .filter(|shard| bits & (1 << shard) != 0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_knows_the_shards_that_were_written_to_until_it_was_asked() {
        let written = Written::default();
        let (tenants, feeds) = (OutboxOf::Tenants, OutboxOf::Feeds);
        written.note(&[(tenants, 7), (tenants, 0), (feeds, 3)]);
        assert_eq!(written.take(tenants), BTreeSet::from([0, 7]));
        assert_eq!(written.take(tenants), BTreeSet::new());
        assert_eq!(written.take(feeds), BTreeSet::from([3]));
    }
}
