//! A webhook of the operator's, which gets each event as the Standard Webhooks specification has
//! it: a POST of its JSON with `webhook-id`, `webhook-timestamp` and `webhook-signature`. The
//! timestamp is of the try, the id of the event: a receiver refuses what is old, and drops what it
//! has.
//!
//! Nothing of an answer but its status is read: its body is the receiver's own business.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{Clock, EventSink, Sent, WaitingEvent};
use futures::future::join_all;
use reqwest::{StatusCode, Url};

use super::keys::{EventKeys, LiveEventKeys};
use crate::http::{HttpClient, no_answer};

/// One try, from the connection to the status.
const PATIENCE: Duration = Duration::from_secs(5);

/// The operator's webhook.
pub struct EventWebhook {
    parts: EventWebhookParts,
}

/// What it sends with.
pub struct EventWebhookParts {
    /// Follows no redirect: what is signed goes to the address that the operator named, or nowhere.
    pub client: HttpClient,
    /// `EVENT_WEBHOOK_URL`: https, or http on this machine.
    pub url: Url,
    /// Sign each event.
    pub keys: LiveEventKeys,
    /// Says when a try was made.
    pub clock: Arc<dyn Clock>,
}

impl EventWebhook {
    /// Makes no request, and reads no key, until there is an event.
    pub fn new(parts: EventWebhookParts) -> Self {
        Self { parts }
    }

    async fn post(&self, keys: &EventKeys, event: &WaitingEvent, now: Timestamp) -> Sent {
        let EventWebhookParts { client, url, .. } = &self.parts;
        let request = client
            .post(url.clone())
            .timeout(PATIENCE)
            .header("content-type", "application/json")
            .header("webhook-id", &event.id)
            .header("webhook-timestamp", now.unix())
            .header(
                "webhook-signature",
                keys.signatures(&event.id, now, &event.body),
            )
            .body(event.body.clone());
        match request.send().await {
            Ok(answer) => of_status(answer.status()),
            Err(error) => Sent::Later(no_answer(url, &error).to_string()),
        }
    }
}

#[async_trait]
impl EventSink for EventWebhook {
    fn name(&self) -> &'static str {
        "webhook"
    }

    async fn send(&self, events: &[&WaitingEvent]) -> Vec<Sent> {
        let Some(keys) = self.parts.keys.current().await else {
            let why = "its keys cannot be read: check EVENT_WEBHOOK_KEYS_SECRET_ID";
            return vec![Sent::Later(why.to_owned()); events.len()];
        };
        let now = self.parts.clock.now();
        join_all(events.iter().map(|event| self.post(&keys, event, now))).await
    }
}

/// Whatever is no success is tried again, a redirect and a refusal too: a receiver with a mistake
/// is mended. Only 410 says that it wants no more (Standard Webhooks, "Deliverability and
/// reliability").
fn of_status(status: StatusCode) -> Sent {
    if status.is_success() {
        Sent::Taken
    } else if status == StatusCode::GONE {
        Sent::Unwanted
    } else {
        Sent::Later(format!("it answered {}", status.as_u16()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_success_takes_an_event_and_only_gone_refuses_all() {
        let later = |status| Sent::Later(format!("it answered {status}"));
        let rows = [
            (200, Sent::Taken),
            (202, Sent::Taken),
            (204, Sent::Taken),
            (410, Sent::Unwanted),
            (301, later(301)),
            (307, later(307)),
            (400, later(400)),
            (401, later(401)),
            (404, later(404)),
            (429, later(429)),
            (500, later(500)),
            (503, later(503)),
        ];
        for (status, expected) in rows {
            assert_eq!(of_status(StatusCode::from_u16(status).unwrap()), expected);
        }
    }
}
