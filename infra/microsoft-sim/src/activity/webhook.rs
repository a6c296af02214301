//! The webhook of a subscription: its shape, and whether it is called. Who calls it: `notify`.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use url::{Host, Url};

use super::errors::{Refused, WEBHOOK_EXPIRED, WEBHOOK_REFUSED, WRONG_TYPE};

/// As /start took it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Webhook {
    pub(crate) address: String,
    pub(crate) auth_id: Option<String>,
    /// Unix seconds; `None` where none was given.
    expires_at: Option<u64>,
    /// Content that is offered from then on is notified, in Unix seconds.
    #[serde(default)]
    pub(crate) since: u64,
    /// After too many notifications that failed; a start enables it again.
    #[serde(default)]
    is_disabled: bool,
}

impl Webhook {
    /// The webhook of the body of a start; no body and `null` are none. `plain_loopback`: http
    /// on this machine is taken as well, which the service does not.
    pub(crate) fn read(
        body: &[u8],
        now: u64,
        plain_loopback: bool,
    ) -> Result<Option<Self>, Refused> {
        if body.is_empty() {
            return Ok(None);
        }
        let body: Value = serde_json::from_slice(body).map_err(|_| wrong("body", "JSON"))?;
        let body = body.as_object().ok_or_else(|| wrong("body", "object"))?;
        match body.get("webhook") {
            None | Some(Value::Null) => Ok(None),
            Some(webhook) => Self::parse(webhook, now, plain_loopback).map(Some),
        }
    }

    fn parse(webhook: &Value, now: u64, plain_loopback: bool) -> Result<Self, Refused> {
        let webhook = webhook
            .as_object()
            .ok_or_else(|| wrong("webhook", "object"))?;
        let text = |name| match webhook.get(name) {
            None | Some(Value::Null) => Ok(""),
            Some(value) => value.as_str().ok_or_else(|| wrong(name, "string")),
        };
        let address = text("address")?;
        let is_taken = |url: Url| match url.scheme() {
            "https" => true,
            "http" => plain_loopback && is_loopback(&url),
            _ => false,
        };
        if !Url::parse(address).is_ok_and(is_taken) {
            return Err(not_validated(address, "The address must begin with HTTPS."));
        }
        let auth_id = Some(text("authId")?.to_owned()).filter(|id| !id.is_empty());
        Ok(Self {
            address: address.to_owned(),
            auth_id,
            expires_at: expiration(text("expiration")?, now)?,
            since: now,
            is_disabled: false,
        })
    }

    /// Whether it is this one already, and is called.
    pub(crate) fn is_as(&self, wanted: &Self, now: u64) -> bool {
        let parts = |one: &Self| (one.address.clone(), one.auth_id.clone(), one.expires_at);
        parts(self) == parts(wanted) && self.is_called(now)
    }

    pub(crate) fn is_called(&self, now: u64) -> bool {
        self.status(now) == "enabled"
    }

    pub(crate) fn disable(&mut self) {
        self.is_disabled = true;
    }

    fn status(&self, now: u64) -> &'static str {
        match () {
            () if self.expires_at.is_some_and(|end| end <= now) => "expired",
            () if self.is_disabled => "disabled",
            () => "enabled",
        }
    }

    /// As /start and /list show it.
    pub(crate) fn to_json(&self, now: u64) -> Value {
        json!({
            "status": self.status(now),
            "address": self.address,
            "authId": self.auth_id,
            "expiration": self.expires_at.map(crate::moment::without_zone),
        })
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// What a start is refused with.
pub(crate) fn not_validated(address: &str, why: &str) -> Refused {
    WEBHOOK_REFUSED.because(format!(
        "The webhook endpoint ({address}) could not be validated. {why}"
    ))
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

    const NOW: u64 = 1_768_435_200;

    #[test]
    fn http_is_taken_on_this_machine_alone_and_where_it_is_asked_for() {
        for (address, plain_loopback, is_taken) in [
            ("https://a.example", false, true),
            ("https://localhost:8080/hook", false, true),
            ("http://localhost:8080/hook", false, false),
            ("http://localhost:8080/hook", true, true),
            ("http://127.0.0.1:1/hook", true, true),
            ("http://127.9.9.9/hook", true, true),
            ("http://[::1]:1/hook", true, true),
            ("http://a.example", true, false),
            ("http://localhost.a.example", true, false),
            ("http://127.0.0.1.a.example", true, false),
            ("http://10.0.0.1", true, false),
            ("http://localhost@a.example", true, false),
            ("ftp://localhost", true, false),
            ("localhost:8080", true, false),
            ("", true, false),
        ] {
            let body = json!({"webhook": {"address": address}}).to_string();
            let read = Webhook::read(body.as_bytes(), NOW, plain_loopback);
            assert_eq!(read.is_ok(), is_taken, "{address} {plain_loopback}");
        }
    }

    #[test]
    fn a_webhook_is_called_until_it_is_disabled_or_expires() {
        let body = r#"{"webhook":{"address":"https://a.example","expiration":"2026-01-15T00:01"#;
        let read = |end: &str| Webhook::read(format!("{body}{end}").as_bytes(), NOW, false);
        let mut webhook = read(":00\"}}").unwrap().unwrap();
        let same = webhook.clone();
        let seen = |webhook: &Webhook, now| (webhook.status(now), webhook.is_as(&same, now));
        assert_eq!(seen(&webhook, NOW), ("enabled", true));
        assert_eq!(seen(&webhook, NOW + 59), ("enabled", true));
        assert_eq!(seen(&webhook, NOW + 60), ("expired", false));
        webhook.disable();
        assert_eq!(seen(&webhook, NOW), ("disabled", false));
        assert_eq!(seen(&webhook, NOW + 60), ("expired", false));
    }

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
            let webhook = Webhook::read(body.as_bytes(), NOW, false);
            let seen = webhook
                .map(|webhook| webhook.is_some())
                .map_err(|refused| refused.error.code);
            assert_eq!(seen, expected, "{body}");
        }
    }
}
