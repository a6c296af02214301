//! The requests of a collector, as they are known from outside.

use serde_json::Value;

/// Two texts by which requests of a kind are known.
pub(crate) type Texts = [&'static str; 2];

pub(crate) const LEASE_READ: Texts = [".GetItem\r", "LEASE#feed"];
pub(crate) const LEASE_WRITTEN: Texts = [".UpdateItem\r", "LEASE#feed"];
pub(crate) const TENANT_READ: Texts = [".GetItem\r", "\"TENANT\""];
pub(crate) const ROW_READ: Texts = [".GetItem\r", "\"FEED\""];
pub(crate) const ROW_WRITTEN: Texts = [".UpdateItem\r", "\"FEED\""];
pub(crate) const TOKEN: Texts = ["POST /", "/oauth2/v2.0/token"];
pub(crate) const LISTED: Texts = ["GET /api/", "/subscriptions/content?"];
pub(crate) const BATCHES_READ: Texts = [".Query\r", "\"F#"];
pub(crate) const BATCH_LISTED: Texts = [".PutItem\r", "\"F#"];
pub(crate) const WINDOW_TAKEN: Texts = [".PutItem\r", "window#"];
pub(crate) const WINDOW_FINISHED: Texts = [".UpdateItem\r", "window#"];
pub(crate) const FETCHED: Texts = ["GET /api/", "/activity/feed/audit/"];
pub(crate) const OBJECT_PUT: Texts = ["PUT /audit-log/", ".json.gz"];
pub(crate) const STORED: Texts = [".UpdateItem\r", "\"F#"];

/// What a process did.
pub(crate) struct Done {
    /// What it asked for, in the order of the answers.
    pub(crate) requests: Vec<String>,
    /// `None` where it was killed before.
    pub(crate) answer: Option<Value>,
}

impl Done {
    pub(crate) fn has(&self, texts: Texts) -> bool {
        self.requests.iter().any(|request| is_of(request, texts))
    }

    /// Contents that it fetched and did not come to write down as stored.
    pub(crate) fn under_way(&self) -> usize {
        let since = self.requests.iter().rev();
        let since = since.take_while(|request| !is_of(request, STORED));
        since.filter(|request| is_of(request, FETCHED)).count()
    }
}

fn is_of(request: &str, texts: Texts) -> bool {
    texts.iter().all(|text| request.contains(text))
}
