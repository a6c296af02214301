//! What delivers events: one part of the outbox, and the destinations that the settings name.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use auth::deliver::{Delivery, DeliveryParts, LogSink};
use auth::ports::{DeployedSecret, EventSink};
use auth::ring::LiveRingParts;
use aws::{
    EventKeys, EventWebhook, EventWebhookParts, LiveEventKeys, OutboxOf, TableOutbox,
    event_keys_not_read,
};
use microsoft::TrustRoots;

use crate::platform::Platform;
use crate::settings::{EventSettings, EventWebhookPlace};

/// Delivers the events of this part of the outbox. Reads no secret, and makes no request.
/// `max_age`: the webhook's keys are read again when they are older (`SECRET_MAX_AGE_SECONDS`).
pub fn delivery(
    of: OutboxOf,
    (settings, max_age): (&EventSettings, Duration),
    platform: &Platform,
    roots: &TrustRoots,
) -> anyhow::Result<Delivery> {
    // The destinations are the same: one figure says whether they take what they get.
    let watched = of == OutboxOf::Tenants;
    Ok(Delivery::new(DeliveryParts {
        outbox: Arc::new(TableOutbox::new(platform.store.table().clone(), of)),
        sinks: sinks((settings, max_age), platform, roots)?,
        leases: Arc::clone(&platform.store.leases),
        clock: Arc::clone(&platform.clock),
        pause: Arc::clone(&platform.pause),
        meter: platform.meter.clone().filter(|_| watched),
    }))
}

/// The log is one of them where there is no other: whatever is put into the outbox leaves it.
fn sinks(
    (settings, max_age): (&EventSettings, Duration),
    platform: &Platform,
    roots: &TrustRoots,
) -> anyhow::Result<Vec<Arc<dyn EventSink>>> {
    let mut sinks: Vec<Arc<dyn EventSink>> = Vec::new();
    if let Some(bus) = &settings.bus {
        let own = platform.own.as_ref();
        let own = own.context("the platform has no event bus (EVENT_BUS_NAME)")?;
        sinks.push(Arc::new(own.event_bus(bus)));
    }
    if let Some(place) = &settings.webhook {
        sinks.push(Arc::new(webhook(place, max_age, platform, roots)?));
    }
    if settings.log || sinks.is_empty() {
        sinks.push(Arc::new(LogSink));
    }
    Ok(sinks)
}

fn webhook(
    place: &EventWebhookPlace,
    max_age: Duration,
    platform: &Platform,
    roots: &TrustRoots,
) -> anyhow::Result<EventWebhook> {
    let keys = LiveRingParts {
        secrets: Arc::clone(&platform.secrets),
        name: place.keys_secret_id.clone(),
        secret: DeployedSecret::EventKeys,
        parse: EventKeys::from_json,
        not_read_again: event_keys_not_read,
    };
    Ok(EventWebhook::new(EventWebhookParts {
        client: roots.http_client_at(&place.url)?,
        url: place.url.clone(),
        keys: LiveEventKeys::new(keys, Arc::clone(&platform.clock), max_age),
        clock: Arc::clone(&platform.clock),
    }))
}
