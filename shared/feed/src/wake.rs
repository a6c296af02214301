//! What the queue carries: that a tenant is to be looked at sooner than its turn.
//!
//! A message names a tenant, content types and times, and nothing else: no address, no content
//! and no token. It is never the truth: one that is lost, doubled, late, reordered or forged
//! changes when a window is listed, and nothing in the store (decision 0064). The JSON of a
//! message is written and read here alone.

use std::collections::BTreeSet;

use auth::{TenantId, Timestamp};
use serde::Deserialize;
use serde_json::json;

use crate::content_type::ContentType;
use crate::window::{DAY, Window};

/// The version of the JSON. A message of another one is [`Unreadable`].
const VERSION: u64 = 1;

/// We make no longer message: with every type, one has some 200 bytes.
const LONGEST: usize = 1_024;

/// The end of the year 9999, the last that a time is written in.
const LAST: i64 = 253_402_300_799;

/// One message of the queue. Its message group is the tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wake {
    /// A webhook said that there is something. JSON:
    /// `{"v":1,"tenant":"GUID","types":["Audit.Exchange"]}`.
    Notified {
        /// The tenant.
        tenant: TenantId,
        /// Where there is something; never empty.
        types: BTreeSet<ContentType>,
    },
    /// A window that a turn hands out. JSON:
    /// `{"v":1,"tenant":"GUID","type":"Audit.Exchange","start":UNIX,"end":UNIX}`.
    Window {
        /// The tenant.
        tenant: TenantId,
        /// The type.
        content_type: ContentType,
        /// What is to be listed: at most a day.
        window: Window,
    },
}

/// A message that no later try can read: not JSON, of another version, or not of this form. The
/// text is left out, because its sender chose it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a message of the queue")]
pub struct Unreadable;

#[derive(Deserialize)]
struct Message {
    v: u64,
    tenant: String,
    types: Option<Vec<String>>,
    #[serde(rename = "type")]
    content_type: Option<String>,
    start: Option<i64>,
    end: Option<i64>,
}

impl Wake {
    /// Whom it is about.
    pub fn tenant(&self) -> TenantId {
        match self {
            Wake::Notified { tenant, .. } | Wake::Window { tenant, .. } => *tenant,
        }
    }

    /// The message's text.
    pub fn to_json(&self) -> String {
        let message = match self {
            Wake::Notified { tenant, types } => {
                let types: Vec<_> = types.iter().map(|one| one.as_str()).collect();
                json!({"v": VERSION, "tenant": tenant, "types": types})
            }
            Wake::Window {
                tenant,
                content_type,
                window,
            } => json!({
                "v": VERSION,
                "tenant": tenant,
                "type": content_type.as_str(),
                "start": window.start().unix(),
                "end": window.end().unix(),
            }),
        };
        message.to_string()
    }

    /// Reads a message's text. Fields that it does not know are passed over.
    pub fn from_json(unverified: &str) -> Result<Self, Unreadable> {
        if unverified.len() > LONGEST {
            return Err(Unreadable);
        }
        let message: Message = serde_json::from_str(unverified).map_err(|_| Unreadable)?;
        message.wake().ok_or(Unreadable)
    }
}

impl Message {
    fn wake(self) -> Option<Wake> {
        let tenant = self.tenant.parse().ok()?;
        match (self.v, self.types, self.content_type, self.start, self.end) {
            (VERSION, Some(types), None, None, None) => {
                let types = types.iter().map(|one| one.parse().ok());
                let types: BTreeSet<_> = types.collect::<Option<_>>()?;
                (!types.is_empty()).then_some(Wake::Notified { tenant, types })
            }
            (VERSION, None, Some(content_type), Some(start), Some(end)) => Some(Wake::Window {
                tenant,
                content_type: content_type.parse().ok()?,
                window: window(start, end)?,
            }),
            _ => None,
        }
    }
}

/// At most a day, of times that can be written.
fn window(start: i64, end: i64) -> Option<Window> {
    let fits = 0 <= start && end <= LAST && end.checked_sub(start)? <= DAY;
    let at = Timestamp::from_unix;
    fits.then(|| Window::new(at(start), at(end))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "41463f53-8812-40f4-890f-865bf6e35190";

    fn tenant() -> TenantId {
        GUID.parse().unwrap()
    }

    fn between(start: i64, end: i64) -> Window {
        window(start, end).unwrap()
    }

    #[test]
    fn what_is_written_is_read() {
        let one = |content_type| Wake::Window {
            tenant: tenant(),
            content_type,
            window: between(1_796_032_800, 1_796_119_200),
        };
        let notified = |types: &[ContentType]| Wake::Notified {
            tenant: tenant(),
            types: types.iter().copied().collect(),
        };
        let rows = ContentType::ALL.map(one).into_iter().chain([
            notified(&[ContentType::Exchange]),
            notified(&ContentType::DEFAULT),
            notified(&ContentType::ALL),
        ]);
        for wake in rows {
            let text = wake.to_json();
            assert!(text.len() < LONGEST / 2, "{text}");
            assert_eq!(Wake::from_json(&text), Ok(wake.clone()));
            assert_eq!(wake.tenant(), tenant());
        }
    }

    #[test]
    fn a_message_holds_a_tenant_types_and_times_and_nothing_else() {
        let notified = Wake::Notified {
            tenant: tenant(),
            types: [ContentType::Exchange, ContentType::General].into(),
        };
        let window = Wake::Window {
            tenant: tenant(),
            content_type: ContentType::Dlp,
            window: between(0, DAY),
        };
        let rows = [
            (
                notified,
                json!({"v": 1, "tenant": GUID, "types": ["Audit.Exchange", "Audit.General"]}),
            ),
            (
                window,
                json!({"v": 1, "tenant": GUID, "type": "DLP.All", "start": 0, "end": 86_400}),
            ),
        ];
        for (wake, message) in rows {
            let text: serde_json::Value = serde_json::from_str(&wake.to_json()).unwrap();
            assert_eq!(text, message);
        }
    }

    #[test]
    fn other_spellings_are_read_and_a_type_counts_once() {
        let rows = [
            json!({"v": 1, "tenant": GUID, "types": ["audit.exchange", "Audit.Exchange"]}),
            json!({"v": 1, "tenant": GUID.to_uppercase(), "types": ["Audit.Exchange"]}),
            json!({"v": 1, "tenant": GUID, "types": ["Audit.Exchange"], "trace": {"id": [1]}}),
        ];
        let expected = Wake::Notified {
            tenant: tenant(),
            types: [ContentType::Exchange].into(),
        };
        for message in rows {
            let read = Wake::from_json(&message.to_string());
            assert_eq!(read, Ok(expected.clone()), "{message}");
        }
    }

    #[test]
    fn nothing_else_is_a_message() {
        let notified =
            |types: serde_json::Value| json!({"v": 1, "tenant": GUID, "types": types}).to_string();
        let window = |start: serde_json::Value, end: serde_json::Value| {
            let of = "Audit.Exchange";
            json!({"v": 1, "tenant": GUID, "type": of, "start": start, "end": end}).to_string()
        };
        let rows = [
            String::new(),
            "null".to_owned(),
            "[]".to_owned(),
            "{}".to_owned(),
            "not json".to_owned(),
            format!(r#"{{"v":1,"tenant":"{GUID}","types":["Audit.Exchange"]"#),
            format!(r#"{{"v":1,"v":1,"tenant":"{GUID}","types":["Audit.Exchange"]}}"#),
            json!({"v": 2, "tenant": GUID, "types": ["Audit.Exchange"]}).to_string(),
            json!({"tenant": GUID, "types": ["Audit.Exchange"]}).to_string(),
            json!({"v": 1, "tenant": "common", "types": ["Audit.Exchange"]}).to_string(),
            json!({"v": 1, "tenant": format!("{{{GUID}}}"), "types": ["DLP.All"]}).to_string(),
            json!({"v": 1, "tenant": GUID}).to_string(),
            json!({"v": 1, "tenant": GUID, "type": "DLP.All", "types": ["DLP.All"]}).to_string(),
            json!({"v": 1, "tenant": GUID, "types": ["DLP.All"], "start": 0}).to_string(),
            json!({"v": 1, "tenant": GUID, "type": "DLP.All", "start": 0}).to_string(),
            notified(json!([])),
            notified(json!("Audit.Exchange")),
            notified(json!([1])),
            notified(json!(["Audit.Exchange", "Audit.Everything"])),
            notified(json!(vec!["Audit.Exchange"; 100])),
            window(json!(10), json!(10)),
            window(json!(20), json!(10)),
            window(json!(0), json!(DAY + 1)),
            window(json!(-1), json!(10)),
            window(json!(i64::MIN), json!(i64::MAX)),
            window(json!(LAST), json!(LAST + 1)),
            window(json!(0.5), json!(10)),
            window(json!("0"), json!("10")),
        ];
        for text in rows {
            assert_eq!(Wake::from_json(&text), Err(Unreadable), "{text}");
        }
    }
}
