//! One notification: contents of one subscription, as they are sent.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::activity::blob::Blob;
use crate::activity::subscription::Key;
use crate::moment;

/// What Microsoft's sample has (its parameter is malformed), what it has elsewhere, and the
/// least. Assumption `headers-of-notifications`.
pub(super) const CONTENT_TYPES: [&str; 3] = [
    "application/json; utf-8",
    "application/json; charset=utf-8",
    "application/json",
];

/// A notification, as often as it is sent.
#[derive(Debug, Clone)]
pub(super) struct Notification {
    pub(super) key: Key,
    /// At least one.
    pub(super) blobs: Vec<Blob>,
    pub(super) content_type: &'static str,
    /// When it is sent next, in Unix seconds.
    pub(super) due_at: u64,
    /// Behind all others that are due.
    pub(super) is_last: bool,
    /// How often it was sent in vain.
    pub(super) failures: u32,
    pub(super) first_sent_at: Option<u64>,
}

impl Notification {
    /// Its body. `name`: of the type.
    pub(super) fn body(&self, base_url: &str, name: &str) -> String {
        let Key { tenant, client, .. } = self.key;
        let shown = self.blobs.iter().map(|blob| {
            let mut shown = described(base_url, tenant, name, blob);
            shown["tenantId"] = json!(tenant);
            shown["clientId"] = json!(client);
            shown
        });
        Value::from_iter(shown).to_string()
    }
}

/// A content, as notifications and the list of them have it.
pub(super) fn described(base_url: &str, tenant: Uuid, name: &str, blob: &Blob) -> Value {
    let Blob {
        content_id,
        created_ms,
        expires_ms,
        ..
    } = blob;
    json!({
        "contentType": name,
        "contentId": content_id,
        "contentUri": format!("{base_url}/api/v1.0/{tenant}/activity/feed/audit/{content_id}"),
        "contentCreated": moment::with_milliseconds(*created_ms),
        "contentExpiration": moment::with_milliseconds(*expires_ms),
    })
}
