//! The log as a destination: on one machine, and wherever there is no other.

use async_trait::async_trait;

use crate::ports::{EventSink, Sent, WaitingEvent};

/// Writes one line for each event.
#[derive(Debug, Clone, Copy)]
pub struct LogSink;

#[async_trait]
impl EventSink for LogSink {
    fn name(&self) -> &'static str {
        "log"
    }

    async fn send(&self, events: &[&WaitingEvent]) -> Vec<Sent> {
        let line = |event: &&WaitingEvent| {
            tracing::info!(
                event = "event",
                event_id = event.id,
                event_type = event.kind,
                detail = event.body,
                "{}",
                event.kind
            );
            Sent::Taken
        };
        events.iter().map(line).collect()
    }
}
