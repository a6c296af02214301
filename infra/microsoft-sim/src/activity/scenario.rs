//! What the simulated tenants' audit logs are like. The same scenario offers the same bytes.

use serde::{Deserialize, Serialize};

/// A scenario of the Management Activity API. Blobs and their records follow from the seed,
/// the tenant, the content type and the time; nothing of them is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Another seed, other content.
    pub seed: u64,
    /// On average a little more than one blob of each type comes in each stretch of that
    /// many seconds; 0 is never.
    pub blob_every_seconds: u64,
    /// Records of a blob, on average; at least 1. Above 500 its body is made while it is sent.
    pub records_per_blob: u64,
    /// A twentieth of the blobs is available up to that many seconds after its contentCreated.
    pub latest_seconds: u64,
    /// A first start also offers what became available in that many seconds before it.
    /// Assumption `content-before-the-start`.
    pub backlog_seconds: u64,
    /// Entries of a page of a listing; at least 1.
    pub page_size: usize,
    /// Requests that a publisher may make for a tenant in a minute of the simulated clock.
    pub requests_per_minute: u64,
}

/// More requests than any test makes while a clock stands still.
const UNLIMITED: u64 = 1_000_000_000;

impl Scenario {
    /// Small enough for a month under a moved clock: 30 tenants with five types are 120,000
    /// blobs of three records, 0.5 GB. A clock that stands still makes one long minute: no quota.
    pub const MONTH: Self = Self {
        blob_every_seconds: 3600,
        records_per_blob: 3,
        backlog_seconds: 0,
        requests_per_minute: UNLIMITED,
        ..Self::DEFAULT
    };

    /// A day's backlog of one type at its first start, 0.9 GB: 160 blobs of 6 MB, none late.
    pub const BACKLOG: Self = Self {
        blob_every_seconds: 600,
        records_per_blob: 4600,
        latest_seconds: 0,
        backlog_seconds: 86_400,
        requests_per_minute: UNLIMITED,
        ..Self::DEFAULT
    };

    /// A tenant where nothing happens.
    pub const SILENT: Self = Self {
        blob_every_seconds: 0,
        ..Self::DEFAULT
    };

    const DEFAULT: Self = Self {
        seed: 2016,
        blob_every_seconds: 600,
        records_per_blob: 20,
        latest_seconds: 20 * 3600,
        backlog_seconds: 3600,
        page_size: 20,
        requests_per_minute: 2000,
    };

    /// The scenario of that name, as the control surface has it.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "default" => Self::DEFAULT,
            "month" => Self::MONTH,
            "backlog" => Self::BACKLOG,
            "silent" => Self::SILENT,
            _ => return None,
        })
    }

    /// Whether blobs can come of it.
    pub(crate) fn is_possible(&self) -> bool {
        let most = 10 * 365 * 86_400;
        self.blob_every_seconds <= most
            && (1..=10_000_000).contains(&self.records_per_blob)
            && self.page_size > 0
            && self.latest_seconds.max(self.backlog_seconds) <= most
    }
}

impl Default for Scenario {
    fn default() -> Self {
        Self::DEFAULT
    }
}
