//! Destinations of events: an event bus of EventBridge, and a webhook of the operator's. What is
//! tried again, and when, is `auth::deliver`'s business.

mod bus;
mod keys;
mod webhook;

pub use bus::EventBus;
pub use keys::{EventKeys, LiveEventKeys, not_read as event_keys_not_read};
pub use webhook::{EventWebhook, EventWebhookParts};
