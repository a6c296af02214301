//! What is answered to the list of subscriptions, to a start and to a stop.

use auth::Timestamp;
use feed::ContentType;
use feed::ports::Subscriptions;
use feed::subscription::Status;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::answer::Answer;
use super::error_body::without_bom;

const NO_DATE: &str = "it has no Date, or two";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    content_type: Value,
    #[serde(default)]
    status: Value,
}

/// The list; types that are not known are left out.
pub(super) fn list(answer: &Answer) -> Result<Subscriptions, &'static str> {
    let entries: Vec<Entry> = serde_json::from_slice(without_bom(&answer.body))
        .map_err(|_| "it is no array of subscriptions")?;
    let known = |entry: Entry| {
        let content_type: ContentType = entry.content_type.as_str()?.parse().ok()?;
        Some((content_type, status(&entry.status)))
    };
    Ok(Subscriptions {
        listed: entries.into_iter().filter_map(known).collect(),
        at: answer.head.at.ok_or(NO_DATE)?,
    })
}

/// One that is no text does not run, as far as we know.
fn status(value: &Value) -> Status {
    match value {
        Value::Null => Status::of(None),
        value => Status::of(Some(value.as_str().unwrap_or_default())),
    }
}

/// What a start says.
pub(super) enum Started {
    /// It runs; the answer's `Date`.
    Runs(Timestamp),
    /// It says itself that it does not.
    DoesNotRun,
}

/// The answer to a start: the subscription.
pub(super) fn started(answer: &Answer) -> Result<Started, &'static str> {
    let at = answer.head.at.ok_or(NO_DATE)?;
    let body: Map<String, Value> =
        serde_json::from_slice(without_bom(&answer.body)).map_err(|_| "it is no subscription")?;
    if body.contains_key("error") {
        return Err("it is an error");
    }
    Ok(match status(body.get("status").unwrap_or(&Value::Null)) {
        Status::Enabled => Started::Runs(at),
        Status::Disabled => Started::DoesNotRun,
    })
}

/// The answer to a stop: empty. A page of a proxy must not count as one.
pub(super) fn stopped(answer: &Answer) -> Result<Timestamp, &'static str> {
    if !answer.body.trim_ascii().is_empty() {
        return Err("a stop is answered with something");
    }
    answer.head.at.ok_or(NO_DATE)
}
