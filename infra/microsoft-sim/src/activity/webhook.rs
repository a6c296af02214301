//! The webhook of a subscription: taken and checked by its shape, not called.
//!
//! Assumption `webhook-is-not-called`: neither for its validation nor for notifications.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::Url;

use super::errors::{Refused, WEBHOOK_EXPIRED, WEBHOOK_REFUSED, WRONG_TYPE};

/// As /start took it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Webhook {
    pub(crate) address: String,
    pub(crate) auth_id: Option<String>,
    /// Unix seconds; `None` where none was given.
    pub(crate) expires_at: Option<u64>,
}

impl Webhook {
    /// The webhook of the body of a start; no body and `null` are none.
    pub(crate) fn read(body: &[u8], now: u64) -> Result<Option<Self>, Refused> {
        if body.is_empty() {
            return Ok(None);
        }
        let body: Value = serde_json::from_slice(body).map_err(|_| wrong("body", "JSON"))?;
        let body = body.as_object().ok_or_else(|| wrong("body", "object"))?;
        match body.get("webhook") {
            None | Some(Value::Null) => Ok(None),
            Some(webhook) => Self::parse(webhook, now).map(Some),
        }
    }

    fn parse(webhook: &Value, now: u64) -> Result<Self, Refused> {
        let webhook = webhook
            .as_object()
            .ok_or_else(|| wrong("webhook", "object"))?;
        let text = |name| match webhook.get(name) {
            None | Some(Value::Null) => Ok(""),
            Some(value) => value.as_str().ok_or_else(|| wrong(name, "string")),
        };
        let address = text("address")?;
        let is_https = Url::parse(address).is_ok_and(|url| url.scheme() == "https");
        if !is_https {
            return Err(WEBHOOK_REFUSED.because(format!(
                "The webhook endpoint ({address}) could not be validated. The address must begin with HTTPS."
            )));
        }
        let auth_id = Some(text("authId")?.to_owned()).filter(|id| !id.is_empty());
        Ok(Self {
            address: address.to_owned(),
            auth_id,
            expires_at: expiration(text("expiration")?, now)?,
        })
    }

    /// As /start and /list show it.
    pub(crate) fn to_json(&self, now: u64) -> Value {
        let expired = self.expires_at.is_some_and(|end| end <= now);
        json!({
            "status": if expired { "expired" } else { "enabled" },
            "address": self.address,
            "authId": self.auth_id,
            "expiration": self.expires_at.map(crate::moment::without_zone),
        })
    }
}

fn expiration(text: &str, now: u64) -> Result<Option<u64>, Refused> {
    if text.is_empty() {
        return Ok(None);
    }
    let zoned = if text.ends_with('Z') {
        text.to_owned()
    } else {
        format!("{text}Z")
    };
    let moment = OffsetDateTime::parse(&zoned, &Rfc3339)
        .map_err(|_| wrong("expiration", "datetime"))?
        .unix_timestamp();
    let expires_at = u64::try_from(moment).unwrap_or(0);
    if expires_at <= now {
        return Err(WEBHOOK_EXPIRED.because(format!(
            "Expiration {text} provided is set to past date and time."
        )));
    }
    Ok(Some(expires_at))
}

fn wrong(name: &str, expected: &str) -> Refused {
    WRONG_TYPE.because(format!(
        "Invalid parameter type: {name}. Expected type: {expected}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_judged_by_its_shape() {
        for (body, expected) in [
            ("", Ok(false)),
            ("{}", Ok(false)),
            (r#"{"webhook":null}"#, Ok(false)),
            (
                r#"{"webhook":{"address":"https://a.example/hook"}}"#,
                Ok(true),
            ),
            (
                r#"{"webhook":{"address":"https://a.example","authId":"o365","expiration":""}}"#,
                Ok(true),
            ),
            (
                r#"{"webhook":{"address":"https://a.example","expiration":"2026-01-15T00:00:01Z"}}"#,
                Ok(true),
            ),
            (
                r#"{"webhook":{"address":"https://a.example","expiration":"2026-01-15T00:00:00"}}"#,
                Err("AF20003"),
            ),
            (
                r#"{"webhook":{"address":"https://a.example","expiration":"tomorrow"}}"#,
                Err("AF20002"),
            ),
            (
                r#"{"webhook":{"address":"http://a.example"}}"#,
                Err("AF20021"),
            ),
            (r#"{"webhook":{}}"#, Err("AF20021")),
            (r#"{"webhook":{"address":7}}"#, Err("AF20002")),
            (r#"{"webhook":"https://a.example"}"#, Err("AF20002")),
            ("[]", Err("AF20002")),
            ("{", Err("AF20002")),
        ] {
            let webhook = Webhook::read(body.as_bytes(), 1_768_435_200);
            let seen = webhook
                .map(|webhook| webhook.is_some())
                .map_err(|refused| refused.error.code);
            assert_eq!(seen, expected, "{body}");
        }
    }
}
