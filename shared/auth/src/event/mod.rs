//! Events: what the operator's own systems hear of the fleet. One event for each transition, with
//! an id by which a repeat is dropped. Its JSON is described by `infra/events/event-1.json`;
//! a field that is added keeps the version, anything else raises it.
//!
//! Which change of a tenant or of the fleet is a transition says `transition.rs` and no other file. How events
//! are kept until they are delivered is the port [`Outbox`](crate::ports::Outbox)'s business.

mod kind;
mod transition;

use serde::Serialize;

use crate::cause::{Cause, Fault};
use crate::digest::sha256;
use crate::encoding::base64url;
use crate::identifiers::{Customer, TenantId};
use crate::timestamp::Timestamp;

pub use kind::EventKind;

/// The version of the events' schema.
pub const EVENT_VERSION: u32 = 1;

/// What every id begins with: it says in a log what it is the id of.
const ID_PREFIX: &str = "evt_";
/// Bytes of the digest that an id is made of: as many as a UUID has.
const ID_BYTES: usize = 16;

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The same for each delivery, and of no other event.
    pub id: String,
    /// What happened.
    pub kind: EventKind,
    /// When.
    pub time: Timestamp,
    /// Of which tenant; `None` where it is about the whole fleet.
    pub tenant: Option<TenantId>,
    /// The account that the tenant is bound to; `None` likewise.
    pub customer: Option<Customer>,
    /// Why; `None` where all is well, or nothing is known.
    pub cause: Option<EventCause>,
    /// What is said of an audit log.
    pub feed: Option<FeedFacts>,
}

/// Why it happened, in the words that answers and pages have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventCause {
    /// The stable code: of a [`CauseCode`](crate::CauseCode), or of a refusal of the Activity API.
    pub code: &'static str,
    /// Entra ID's AADSTS numbers, the deciding one first.
    pub error_codes: Vec<u32>,
    /// Who has to act.
    pub fault: Fault,
    /// What to do, in a sentence.
    pub next_step: &'static str,
}

impl From<&Cause> for EventCause {
    fn from(cause: &Cause) -> Self {
        Self {
            code: cause.code.as_str(),
            error_codes: cause.numbers().collect(),
            fault: cause.code.fault(),
            next_step: cause.code.next_step(),
        }
    }
}

/// What an event says of an audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeedFacts {
    /// The content type, as Microsoft calls it.
    pub content_type: String,
    /// Contents that were listed and can no longer be fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contents: Option<u64>,
    /// Seconds of the log that expired before they were listed or stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expired_seconds: Option<u64>,
    /// When content was last stored, of a type that is silent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
}

/// An event's JSON.
#[derive(Serialize)]
struct View<'a> {
    id: &'a str,
    version: u32,
    r#type: &'static str,
    time: String,
    tenant_id: Option<String>,
    customer: Option<&'a str>,
    cause: Option<&'static str>,
    #[serde(skip_serializing_if = "<[u32]>::is_empty")]
    error_codes: &'a [u32],
    fault: Option<Fault>,
    next_step: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feed: Option<&'a FeedFacts>,
}

impl Event {
    /// Its JSON, which stays as it is for each delivery.
    pub fn to_json(&self) -> String {
        let cause = self.cause.as_ref();
        let view = View {
            id: &self.id,
            version: EVENT_VERSION,
            r#type: self.kind.as_str(),
            time: self.time.to_string(),
            tenant_id: self.tenant.map(|tenant| tenant.to_string()),
            customer: self.customer.as_ref().map(Customer::as_str),
            cause: cause.map(|cause| cause.code),
            error_codes: cause.map_or(&[], |cause| &cause.error_codes),
            fault: cause.map(|cause| cause.fault),
            next_step: cause.map(|cause| cause.next_step),
            feed: self.feed.as_ref(),
        };
        serde_json::to_string(&view).unwrap_or_else(|_| unreachable!("texts and numbers are JSON"))
    }
}

/// The id of a transition of `subject` from the version `read` on, which one transaction at most
/// replaces: a repeat of that transaction has the same id. `time`: a table that was restored has
/// old versions again.
fn id(kind: EventKind, subject: &str, read: &str, time: Timestamp) -> String {
    let unix = time.unix().to_string();
    let parts = [kind.as_str(), subject, read, unix.as_str()];
    let digest = sha256(parts.join("\0").as_bytes());
    format!("{ID_PREFIX}{}", base64url(&digest[..ID_BYTES]))
}
