//! The published keys of an issuer (OpenID Connect Discovery 1.0, RFC 7517), fetched
//! over HTTP and remembered: for a quarter of an hour, and fetched again when a token names
//! a key that is not among them, but at most once a minute; after a failed fetch a little
//! sooner. While they cannot be fetched, old ones are believed for some hours after they
//! were fetched and no longer. A fetch keeps no caller waiting whose key is at hand.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use auth::ports::Clock;
use auth::refreshed::Refreshed;
use auth::transport::Party;
use serde::Deserialize;
use url::Url;

use super::jwks_uri::check_place;
use super::key_error::{KeyError, NotFetched, Unavailable};
use super::published_key::{KeyName, PublishedKey};
use crate::http::Http;

/// So long what was fetched is believed without another look: a key that its issuer took
/// back proves nothing any more after this.
const KEEP: Duration = Duration::from_secs(15 * 60);
/// The same when another look fails, unless the settings say otherwise
/// (`ISSUER_KEYS_MAX_AGE_SECONDS`). Counted from the fetch that worked.
const MAX_AGE: Duration = Duration::from_secs(6 * 60 * 60);
const FETCH_AGAIN_AFTER: Duration = Duration::from_secs(60);
const FAILED_FETCH_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// A key set with more keys than this is not read further. An answer has 512 KB at most
/// (`http`), which bounds what is remembered of an issuer; a list has `ISSUERS_MAX` of them.
const KEYS_MAX: usize = 100;
const NOT_JSON: &str = "not the JSON that it should be";

/// What an issuer publishes.
pub(crate) struct Published {
    /// The issuer as its discovery document names it.
    pub(crate) issuer: String,
    keys: HashMap<String, PublishedKey>,
}

/// Which issuer a discovery document must name.
#[derive(Debug, Clone)]
pub(crate) enum ExpectedIssuer {
    /// Exactly this one.
    Exactly(String),
    /// The authority's own word: a template with `{tenantid}`.
    Template,
}

/// The keys of one issuer.
pub(crate) struct IssuerKeys {
    http: Http,
    configuration_url: Url,
    expected: ExpectedIssuer,
    published: Refreshed<Arc<Published>, Unavailable>,
}

/// A discovery document, as far as it is read.
#[derive(Deserialize)]
pub(crate) struct Configuration {
    issuer: String,
    pub(crate) jwks_uri: Url,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<serde_json::Value>,
}

impl IssuerKeys {
    pub(crate) fn new(
        http: Http,
        configuration_url: Url,
        expected: ExpectedIssuer,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let keys = Self {
            http,
            configuration_url,
            expected,
            published: Refreshed::new(clock, KEEP),
        };
        keys.believed_for(MAX_AGE)
    }

    /// Believes keys for so long while they cannot be fetched.
    pub(crate) fn believed_for(mut self, max_age: Duration) -> Self {
        self.published.set_believed_for(max_age);
        self
    }

    /// The key called `kid`, with the issuer's name. It is looked up where the keys at hand are
    /// old or do not have it: one that was taken back is not believed during a fetch.
    pub(crate) async fn key(&self, kid: &str) -> Result<(String, PublishedKey), KeyError> {
        let fresh = || self.published.fresh()?.key(kid);
        if let Some(found) = fresh() {
            return Ok(found);
        }
        let is_there = || fresh().is_some();
        let pause = |last: &_| self.pause(kid, last);
        let read = self
            .published
            .read_unless(is_there, pause, |_| self.fetch());
        let fetched = read.await;
        let believed = || self.published.believed()?.key(kid);
        believed().ok_or_else(|| self.without_key(fetched))
    }

    /// After a failure sooner, but for a caller whose old key is still believed: an issuer
    /// that does not answer must not make it wait every few seconds.
    fn pause(&self, kid: &str, last: &Result<(), Unavailable>) -> Duration {
        let believed = self.published.believed();
        let is_believed = believed.is_some_and(|published| published.keys.contains_key(kid));
        if last.is_ok() || is_believed {
            FETCH_AGAIN_AFTER
        } else {
            FAILED_FETCH_AGAIN_AFTER
        }
    }

    /// Why a key is not there. When what is remembered is what the issuer publishes, the key
    /// does not exist.
    fn without_key(&self, fetched: Option<Result<(), Unavailable>>) -> KeyError {
        match fetched {
            Some(Ok(())) if self.published.fresh().is_some() => KeyError::Unknown,
            Some(Err(why)) => KeyError::Unavailable(why),
            _ => KeyError::Unavailable(Unavailable::OddAnswer),
        }
    }

    /// Fetches the keys before a caller needs one. What fails here is not remembered: it is
    /// tried again when a token names a key.
    pub(crate) async fn prepare(&self) {
        let fetch = |_| async { Some(Ok(Arc::new(self.documents().await.ok()?))) };
        self.published.prepare(fetch).await;
    }

    /// Whether this very key is remembered as published, and not for too long. Makes
    /// no request: `false` also means that it has to be looked up again.
    pub(crate) fn still_publish(&self, name: &KeyName) -> bool {
        let published = self.published.fresh();
        published.is_some_and(|published| published.has(name))
    }

    async fn fetch(&self) -> Result<Arc<Published>, Unavailable> {
        let published = self
            .documents()
            .await
            .inspect_err(|failed| self.report(failed));
        published.map(Arc::new).map_err(|failed| (&failed).into())
    }

    fn report(&self, failed: &NotFetched) {
        let reason = failed.reason(match self.expected {
            ExpectedIssuer::Template => Party::Authority,
            ExpectedIssuer::Exactly(_) => Party::Issuer,
        });
        tracing::warn!(
            event = "issuer_keys_unavailable", issuer = %self.configuration_url, reason,
            transport = failed.transport(), "the keys of an issuer cannot be fetched: {reason}"
        );
    }

    async fn documents(&self) -> Result<Published, NotFetched> {
        let body = self.document(&self.configuration_url).await?;
        let configuration = Configuration::read(&body, &self.configuration_url, &self.expected)?;
        let body = self.document(&configuration.jwks_uri).await?;
        Ok(Published::read(configuration, &body)?)
    }

    async fn document(&self, url: &Url) -> Result<Vec<u8>, NotFetched> {
        let answer = self.http.get(url).await?;
        match answer.status {
            reqwest::StatusCode::OK => Ok(answer.body),
            _ => Err(NotFetched::OddAnswer("not answered with 200")),
        }
    }
}

impl Configuration {
    /// The discovery document at `listed`.
    pub(crate) fn read(
        body: &[u8],
        listed: &Url,
        expected: &ExpectedIssuer,
    ) -> Result<Self, &'static str> {
        let read: Self = serde_json::from_slice(body).map_err(|_| NOT_JSON)?;
        if let ExpectedIssuer::Exactly(expected) = expected
            && read.issuer != *expected
        {
            return Err("the discovery document names another issuer");
        }
        check_place(listed, &read.jwks_uri)?;
        Ok(read)
    }
}

impl Published {
    /// The key set that `configuration` leads to.
    pub(crate) fn read(configuration: Configuration, body: &[u8]) -> Result<Self, &'static str> {
        let set: KeySet = serde_json::from_slice(body).map_err(|_| NOT_JSON)?;
        Ok(Self {
            issuer: configuration.issuer,
            keys: set
                .keys
                .into_iter()
                .take(KEYS_MAX)
                .filter_map(PublishedKey::read)
                .collect(),
        })
    }

    fn key(&self, kid: &str) -> Option<(String, PublishedKey)> {
        let key = self.keys.get(kid)?;
        Some((self.issuer.clone(), key.clone()))
    }

    fn has(&self, name: &KeyName) -> bool {
        self.keys.get(name.kid()).is_some_and(|key| key.is(name))
    }

    /// The `kid` of each key.
    pub(crate) fn kids(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }
}
