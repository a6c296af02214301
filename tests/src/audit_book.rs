//! The simulator's own book of the audit logs: every record that it offered, before any of our
//! code saw it. The oracle of what has to be stored.

use auth::Timestamp;
use feed::ContentType;
use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::Broker;

/// A record that was offered. A repeat is one of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Its type.
    pub content_type: ContentType,
    /// The blob that it is in.
    pub content_id: String,
    /// The blob's contentCreated, to the second.
    pub created: Timestamp,
    /// From then on the blob is listed.
    pub available_at: Timestamp,
    /// Who has not listed it before cannot have it: the earlier of `listable_until` and
    /// `expires_at`.
    pub until: Timestamp,
    /// Its Id.
    pub id: String,
    /// SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
}

/// A line of the book.
#[derive(Deserialize)]
struct Line {
    content_type: String,
    content_id: String,
    content_created: String,
    available_at: i64,
    listable_until: u64,
    expires_at: u64,
    id: Option<String>,
    sha256: String,
}

impl From<Line> for Offered {
    fn from(line: Line) -> Self {
        let created = OffsetDateTime::parse(&line.content_created, &Rfc3339).unwrap();
        let until = line.listable_until.min(line.expires_at);
        Self {
            content_type: line.content_type.parse().unwrap(),
            content_id: line.content_id,
            created: Timestamp::from_unix(created.unix_timestamp()),
            available_at: Timestamp::from_unix(line.available_at),
            until: Timestamp::from_unix(until.try_into().unwrap()),
            id: line.id.unwrap_or_default(),
            sha256: line.sha256,
        }
    }
}

/// Every record that was offered of a tenant by now.
pub async fn offered(broker: &Broker, tenant: &str) -> Vec<Offered> {
    let url = &broker.ready.entra_url;
    let url = format!("{url}/_sim/activity/records?tenant={tenant}");
    let answer = broker.client.get(url).send().await.unwrap();
    let text = answer.text().await.unwrap();
    let lines = text.lines().map(serde_json::from_str::<Line>);
    lines.map(|line| line.unwrap().into()).collect()
}
