//! An event bus of EventBridge. One request takes ten entries and 256 KB (EventBridge API
//! reference, PutEvents); ten events have less than a tenth of that. A request can succeed for
//! some of its entries: each has an outcome of its own.

use std::time::{Duration, UNIX_EPOCH};

use async_trait::async_trait;
use auth::ports::{EventSink, SENT_AT_ONCE, Sent, WaitingEvent};
use aws_config::SdkConfig;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::{PutEventsRequestEntry as Entry, PutEventsResultEntry};

use crate::failure::{Failure, classify};

/// `source` of our events, by which rules find them.
pub(crate) const SOURCE: &str = "m365-token-broker";

/// A bus. Its credentials need `events:PutEvents` on it.
#[derive(Debug, Clone)]
pub struct EventBus {
    client: Client,
    name: String,
}

impl EventBus {
    /// The bus of this name or ARN (`EVENT_BUS_NAME`).
    pub(crate) fn new(config: &SdkConfig, name: &str) -> Self {
        Self {
            client: Client::new(config),
            name: name.to_owned(),
        }
    }

    fn entry(&self, event: &WaitingEvent) -> Entry {
        let seconds = u64::try_from(event.time.unix()).unwrap_or_default();
        Entry::builder()
            .source(SOURCE)
            .detail_type(&event.kind)
            .detail(&event.body)
            .time(DateTime::from(UNIX_EPOCH + Duration::from_secs(seconds)))
            .event_bus_name(&self.name)
            .build()
    }

    async fn put(&self, events: &[&WaitingEvent]) -> Vec<Sent> {
        let entries = events.iter().map(|event| self.entry(event)).collect();
        let put = self.client.put_events().set_entries(Some(entries));
        let later = |why: &str| vec![Sent::Later(why.to_owned()); events.len()];
        match put.send().await {
            Ok(answer) if answer.entries().len() == events.len() => {
                answer.entries().iter().map(of_entry).collect()
            }
            Ok(_) => later("the answer has not one outcome for each event"),
            Err(error) => later(&explain(classify(&error))),
        }
    }
}

#[async_trait]
impl EventSink for EventBus {
    fn name(&self) -> &'static str {
        "bus"
    }

    async fn send(&self, events: &[&WaitingEvent]) -> Vec<Sent> {
        let mut sent = Vec::with_capacity(events.len());
        for some in events.chunks(SENT_AT_ONCE) {
            sent.extend(self.put(some).await);
        }
        sent
    }
}

/// An entry that was taken has an id of EventBridge's own. Every refusal is tried again: an
/// operator mends what is wrong with the bus, and the events are still there.
fn of_entry(entry: &PutEventsResultEntry) -> Sent {
    if entry.event_id().is_some() && entry.error_code().is_none() {
        return Sent::Taken;
    }
    let code = entry.error_code().unwrap_or_default();
    let word: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    Sent::Later(format!("it answered {word} for an event"))
}

fn explain(failure: Failure) -> String {
    match failure {
        Failure::Unavailable(what) | Failure::Untrusted(what) => what,
        Failure::NotFound => "there is no such bus: check EVENT_BUS_NAME and AWS_REGION".to_owned(),
        Failure::Denied(code) => {
            format!("putting events is not allowed: check the role's policy and the bus's ({code})")
        }
        Failure::Refused(code) => format!("it refuses the events ({code})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_taken_where_it_has_an_id_and_nothing_else() {
        let taken = PutEventsResultEntry::builder().event_id("1").build();
        assert_eq!(of_entry(&taken), Sent::Taken);
        let refused = PutEventsResultEntry::builder();
        let refused = refused
            .error_code("Throttling Exception<")
            .error_message("arn:…");
        let why = "it answered ThrottlingException for an event".to_owned();
        assert_eq!(of_entry(&refused.build()), Sent::Later(why));
        let neither = of_entry(&PutEventsResultEntry::builder().build());
        assert!(matches!(neither, Sent::Later(_)), "{neither:?}");
    }
}
