//! A request as it travels: the request itself, and the id of the gateway's request that an asker
//! is answering meanwhile, so that the log lines of both functions can be joined by it. The id
//! decides nothing.

use std::fmt;
use std::future::Future;

use serde::Deserialize as _;
use serde_json::Value;

use super::message::OnDemandRequest as Request;

/// Beside the request, in its JSON object.
const REQUEST_ID: &str = "request_id";
/// A gateway's ids have 16 to 36 bytes.
const MAX_BYTES: usize = 128;

tokio::task_local! {
    /// Of the request that this task answers; `None` where it could not be read there.
    static ANSWERED: Option<AskerRequestId>;
}

/// The id of the request that the asker answers: 1 to 128 bytes of visible ASCII.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskerRequestId(Box<str>);

impl AskerRequestId {
    /// `None` for what is no such id.
    pub fn parse(text: &str) -> Option<Self> {
        let visible = text.bytes().all(|byte| byte.is_ascii_graphic());
        let is_id = visible && (1..=MAX_BYTES).contains(&text.len());
        is_id.then(|| Self(text.into()))
    }

    /// For a log line.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AskerRequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Runs `answer`, which answers the gateway's request `id`: what it asks the function that signs
/// carries the id. One that could not be read there is left out.
pub fn answering<F: Future>(id: &str, answer: F) -> impl Future<Output = F::Output> + use<F> {
    ANSWERED.scope(AskerRequestId::parse(id), answer)
}

/// The request as JSON, with the id of what this task answers.
///
/// # Errors
///
/// It cannot be written as JSON.
pub fn event_of(request: &Request) -> Result<Value, serde_json::Error> {
    let mut event = serde_json::to_value(request)?;
    let id = ANSWERED.try_with(Option::clone).ok().flatten();
    if let (Some(event), Some(id)) = (event.as_object_mut(), id) {
        event.insert(REQUEST_ID.to_owned(), id.as_str().into());
    }
    Ok(event)
}

/// A request, to the letter, and the asker's id; `None` for everything else.
pub fn request_of(event: &Value) -> Option<(Request, Option<AskerRequestId>)> {
    let mut fields = event.as_object()?.clone();
    let id = match fields.remove(REQUEST_ID) {
        Some(Value::String(id)) => Some(AskerRequestId::parse(&id)?),
        Some(_) => return None,
        None => None,
    };
    let request = Request::deserialize(Value::Object(fields)).ok()?;
    Some((request, id))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[tokio::test]
    async fn a_request_carries_the_id_of_the_one_that_is_answered() {
        let (most, too_long) = ("x".repeat(MAX_BYTES), "x".repeat(MAX_BYTES + 1));
        let rows: [(&str, bool); 12] = [
            ("JKJaXmPLvHcESHA=", true),
            ("0d6c9c2e-5d24-4b1f-a1a8-5b7f1c3a9c11", true),
            ("1", true),
            (&most, true),
            ("", false),
            (&too_long, false),
            ("two words", false),
            ("line\nbreak", false),
            ("tab\t", false),
            ("\u{7f}", false),
            ("ümlaut", false),
            ("\u{202e}backwards", false),
        ];
        for (id, carried) in rows {
            let event = answering(id, async { event_of(&Request::Ready {}) }).await;
            let event = event.unwrap();
            let expected = if carried {
                json!({"ready": {}, "request_id": id})
            } else {
                json!({"ready": {}})
            };
            assert_eq!(event, expected, "{id:?}");
            let (_, read) = request_of(&event).unwrap();
            assert_eq!(read.is_some(), carried, "{id:?}");
            // What was not sent by us.
            let forged = request_of(&json!({"ready": {}, "request_id": id}));
            assert_eq!(forged.is_some(), carried, "{id:?}");
        }
        for forged in [json!(null), json!(7), json!(["x"]), json!({"x": "y"})] {
            let event = json!({"ready": {}, "request_id": forged});
            assert!(request_of(&event).is_none(), "{event}");
        }
        assert_eq!(event_of(&Request::Ready {}).unwrap(), json!({"ready": {}}));
    }
}
