//! What is answered to the list of subscriptions, to a start and to a stop; and the body of a
//! start.

use auth::secret::ExposeSecret as _;
use feed::ContentType;
use feed::ports::{Subscribed, Subscriptions};
use feed::subscription::Status;
use feed::webhook::{ListedWebhook, Webhook, WebhookStatus};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::error_body::without_bom;
use super::times;

const NO_DATE: &str = "it has no Date, or two";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(default)]
    content_type: Value,
    #[serde(default)]
    status: Value,
    #[serde(default)]
    webhook: Value,
}

/// The list; types that are not known are left out.
pub(super) fn list(answer: &Answer) -> Result<Subscriptions, &'static str> {
    let entries: Vec<Entry> = serde_json::from_slice(without_bom(&answer.body))
        .map_err(|_| "it is no array of subscriptions")?;
    let (mut listed, mut webhooks) = (Vec::new(), Vec::new());
    for entry in entries {
        let name = entry.content_type.as_str();
        let Some(content_type) = name.and_then(|name| name.parse::<ContentType>().ok()) else {
            continue;
        };
        listed.push((content_type, status(&entry.status)));
        webhooks.extend(webhook(&entry.webhook).map(|webhook| (content_type, webhook)));
    }
    Ok(Subscriptions {
        listed,
        webhooks,
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

/// `None` where there is none. What is no text is one of another address, AuthID or status: it
/// is not taken for ours. Without an expiration, with an empty one (protocol notes §3) and with
/// one that cannot be read, its status alone counts.
fn webhook(value: &Value) -> Option<ListedWebhook> {
    let members = match value {
        Value::Null => return None,
        Value::Object(members) => members.clone(),
        _ => Map::new(),
    };
    let text = |name| members.get(name).and_then(Value::as_str);
    Some(ListedWebhook {
        address: text("address").unwrap_or_default().to_owned(),
        auth_id: text("authId").map(Into::into),
        expires_at: text("expiration").and_then(times::moment),
        status: match members.get("status") {
            None | Some(Value::Null) => WebhookStatus::of(None),
            Some(value) => WebhookStatus::of(Some(value.as_str().unwrap_or_default())),
        },
    })
}

/// What a start says.
pub(super) enum Started {
    /// It runs.
    Runs(Subscribed),
    /// It says itself that it does not.
    DoesNotRun,
}

/// The body of a start that carries a webhook. It holds the AuthID.
pub(super) fn body(webhook: &Webhook) -> String {
    json!({"webhook": {
        "address": webhook.address.as_str(),
        "authId": webhook.auth_id.expose_secret(),
        "expiration": "",
    }})
    .to_string()
}

/// The answer to a start: the subscription.
pub(super) fn started(answer: &Answer) -> Result<Started, &'static str> {
    let at = answer.head.at.ok_or(NO_DATE)?;
    let body: Map<String, Value> =
        serde_json::from_slice(without_bom(&answer.body)).map_err(|_| "it is no subscription")?;
    if body.contains_key("error") {
        return Err("it is an error");
    }
    let webhook = body.get("webhook").and_then(webhook);
    Ok(match status(body.get("status").unwrap_or(&Value::Null)) {
        Status::Enabled => Started::Runs(Subscribed { at, webhook }),
        Status::Disabled => Started::DoesNotRun,
    })
}

/// The answer to a stop: empty. A page of a proxy must not count as one.
pub(super) fn stopped(answer: &Answer) -> Result<Subscribed, &'static str> {
    if !answer.body.trim_ascii().is_empty() {
        return Err("a stop is answered with something");
    }
    let at = answer.head.at.ok_or(NO_DATE)?;
    Ok(Subscribed { at, webhook: None })
}
