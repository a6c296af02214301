//! The settings of the collector: the audit log's, and where it is given tokens. It has neither
//! the certificate nor the sealing ring.

use auth::caller::IdentityRules;
use auth::url_rules::is_https_or_loopback;
use url::Url;

use super::entra::EntraSettings;
use super::feed::FeedSettings;
use super::function::FunctionSettings;
use super::identity::read_own_proof;
use super::reader::Reader;
use super::webhook::read_queue_url;

const VENDING_URL: &str = "VENDING_URL";

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
        Some(Self {
            entra: entra?,
            feed: feed?,
            concurrency: usize::try_from(concurrency).ok()?,
            vending: vending?,
            queue_url,
        })
    }

    fn entra(&self) -> &EntraSettings {
        &self.entra
    }
}

impl VendingPlace {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let url: Url = reader.required(VENDING_URL, "the base URL of the vending function")?;
        let is_base = is_https_or_loopback(&url)
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if !is_base {
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

#[cfg(test)]
#[path = "collector_tests.rs"]
mod tests;
