//! The settings of the collector: the audit log's, where it is given tokens, and what subscriptions
//! are started with. It has neither the certificate nor the sealing ring.

use auth::caller::IdentityRules;
use url::Url;

use super::entra::EntraSettings;
use super::events::EventSettings;
use super::feed::FeedSettings;
use super::function::FunctionSettings;
use super::identity::read_own_proof;
use super::plain_url::{is_plain, webhook};
use super::reader::Reader;
use super::webhook::{read_queue_url, read_webhook_keys};

const VENDING_URL: &str = "VENDING_URL";
const WEBHOOK_URL: &str = "FEED_WEBHOOK_URL";

/// The settings of the collector.
#[derive(Debug, Clone)]
pub struct CollectorSettings {
    /// What all functions share.
    pub entra: EntraSettings,
    /// `FEED_…`.
    pub feed: FeedSettings,
    /// `FEED_CONCURRENCY`: tenants whose turns run side by side.
    pub concurrency: usize,
    /// Where tokens are asked for.
    pub vending: VendingPlace,
    /// `FEED_QUEUE_URL`: where windows are handed out, and what wakes workers. `None`: there is no
    /// queue, and a tenant's turns do all of its backlog.
    pub queue_url: Option<String>,
    /// What subscriptions are started with, so that new content wakes; `None` without one.
    pub webhook: Option<WebhookPlace>,
    /// `EVENT_…`: where events are delivered.
    pub events: EventSettings,
}

/// The webhook that subscriptions are started with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookPlace {
    /// `FEED_WEBHOOK_URL`: where Microsoft sends notifications.
    pub url: Url,
    /// `FEED_WEBHOOK_KEYS_SECRET_ID`: the keys of the AuthIDs.
    pub keys_secret_id: String,
}

/// The vending function, for one of its callers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VendingPlace {
    /// `VENDING_URL`: its base URL.
    pub url: Url,
    /// `VENDING_SERVER_ID` (by default the URL's host) and `VENDING_STS_REGIONS` (by default
    /// `AWS_REGION`), as vending has them: what a proof is made for.
    pub rules: IdentityRules,
}

impl FunctionSettings for CollectorSettings {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let entra = EntraSettings::read(reader);
        let feed = FeedSettings::read(reader);
        let concurrency = reader.number("FEED_CONCURRENCY", 32, 1..=64);
        let vending = VendingPlace::read(reader);
        let queue_url = read_queue_url(reader);
        let webhook = WebhookPlace::read(reader);
        let events = EventSettings::read(reader);
        Some(Self {
            entra: entra?,
            feed: feed?,
            concurrency: usize::try_from(concurrency).ok()?,
            vending: vending?,
            queue_url,
            webhook: webhook?,
            events: events?,
        })
    }

    fn entra(&self) -> &EntraSettings {
        &self.entra
    }
}

impl VendingPlace {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let url: Url = reader.required(VENDING_URL, "the base URL of the vending function")?;
        if !is_plain(&url) {
            reader.problem(
                VENDING_URL,
                "must be a base URL with https, or with http on loopback",
            );
            return None;
        }
        let rules = read_own_proof(reader, &url)?;
        Some(Self { url, rules })
    }
}

impl WebhookPlace {
    /// None where `FEED_WEBHOOK_URL` is not set, or empty.
    fn read(reader: &mut Reader<'_>) -> Option<Option<Self>> {
        if reader.text(WEBHOOK_URL).is_none_or(|url| url.is_empty()) {
            return Some(None);
        }
        let url: Url = reader.optional(WEBHOOK_URL)?;
        let keys_secret_id = read_webhook_keys(reader)?;
        let url = webhook(reader, WEBHOOK_URL, url)?;
        Some(Some(Self {
            url,
            keys_secret_id,
        }))
    }
}

#[cfg(test)]
#[path = "collector_tests.rs"]
mod tests;
