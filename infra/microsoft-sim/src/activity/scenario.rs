//! What the simulated tenants' audit logs are like. The same scenario offers the same bytes.

/// A scenario of the Management Activity API. Blobs and their records follow from the seed,
/// the tenant, the content type and the time; nothing of them is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scenario {
    /// Another seed, other content.
    pub seed: u64,
    /// On average a little more than one blob of each type comes in each stretch of that
    /// many seconds; at least 1.
    pub blob_every_seconds: u64,
    /// Records of a blob, on average; at least 1.
    pub records_per_blob: u64,
    /// A twentieth of the blobs is available up to that many seconds after its contentCreated.
    pub latest_seconds: u64,
    /// A first start also offers what became available in that many seconds before it.
    /// Assumption `content-before-the-start`.
    pub backlog_seconds: u64,
    /// Entries of a page of a listing; at least 1.
    pub page_size: usize,
    /// Requests that a publisher may make for a tenant in a minute.
    pub requests_per_minute: u64,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            seed: 2016,
            blob_every_seconds: 600,
            records_per_blob: 20,
            latest_seconds: 20 * 3600,
            backlog_seconds: 3600,
            page_size: 20,
            requests_per_minute: 2000,
        }
    }
}
