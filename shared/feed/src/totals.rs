//! What happened of a content type, in numbers.

use std::ops::AddAssign;

/// Counts since the beginning, each raised after the write that it counts. Listed is stored, lost
/// and what is in open batches together. A run that dies before it writes the tenant's row leaves
/// this untrue, until a later turn has listed the same window; what it counted besides (records,
/// bytes) is in the rows of its batches alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Contents that listings named, each once.
    pub listed: u64,
    /// Contents whose object is durable.
    pub stored: u64,
    /// Contents that can no longer be fetched.
    pub lost: u64,
    /// Records that are stored.
    pub records: u64,
    /// Of these, repeats of an Id within their batch.
    pub repeated: u64,
    /// Of these, without an Id.
    pub without_id: u64,
    /// Pieces that are no JSON; kept as bytes.
    pub dead: u64,
    /// Bytes of the records, before they are compressed.
    pub bytes: u64,
    /// Seconds that expired before they were listed, or before what was listed in them was stored.
    pub expired_seconds: u64,
    /// Seconds that were listed less often than they should have been, for each pass.
    pub unrepeated_seconds: u64,
}

impl AddAssign for Totals {
    fn add_assign(&mut self, more: Self) {
        self.listed += more.listed;
        self.stored += more.stored;
        self.lost += more.lost;
        self.records += more.records;
        self.repeated += more.repeated;
        self.without_id += more.without_id;
        self.dead += more.dead;
        self.bytes += more.bytes;
        self.expired_seconds += more.expired_seconds;
        self.unrepeated_seconds += more.unrepeated_seconds;
    }
}

impl Totals {
    /// Makes them add up, where a run died between two writes. `open`: contents in batches that are
    /// neither stored nor lost. What is durable is listed, and what was listed and is neither open
    /// nor lost is durable.
    pub(crate) fn put_right(&mut self, open: u64) {
        let known = self.stored.saturating_add(self.lost).saturating_add(open);
        if known > self.listed {
            self.listed = known;
        } else {
            self.stored = self.listed - self.lost - open;
        }
    }
}
