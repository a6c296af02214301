//! The published keys of an issuer (OpenID Connect Discovery 1.0, RFC 7517), fetched
//! over HTTP and remembered: for a quarter of an hour, and fetched again when a token names
//! a key that is not among them, but at most once a minute; after a failed fetch a little
//! sooner. While they cannot be fetched, old ones are believed for some hours after they
//! were fetched and no longer. A fetch keeps no caller waiting whose key is at hand.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use auth::Timestamp;
use auth::ports::Clock;
use auth::transport::Party;
use serde::Deserialize;
use tokio::sync::Mutex;
use url::Url;

use crate::http::Http;
use crate::key_error::{KeyError, NotFetched, Unavailable};
use crate::key_place::check_place;
use crate::published_key::{KeyName, PublishedKey};

/// So long what was fetched is believed without another look: a key that its issuer took
/// back proves nothing any more after this.
const KEEP: Duration = Duration::from_secs(15 * 60);
/// The same when another look fails, unless the settings say otherwise
/// (`ISSUER_KEYS_MAX_AGE_SECONDS`). Counted from the fetch that worked.
const MAX_AGE: Duration = Duration::from_secs(6 * 60 * 60);
const FETCH_AGAIN_AFTER: Duration = Duration::from_secs(60);
const FAILED_FETCH_AGAIN_AFTER: Duration = Duration::from_secs(5);
/// A key set with more keys than this is not read further. An answer has 512 KB at most
/// (`http`), which bounds what is remembered of an issuer; the list of issuers has as many
/// as fit a variable of the function, 4 KB for all.
const KEYS_MAX: usize = 100;
const NOT_JSON: &str = "not the JSON that it should be";

/// What an issuer publishes.
#[derive(Clone)]
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
    clock: Arc<dyn Clock>,
    max_age: Duration,
    /// Never held across a request.
    remembered: RwLock<Remembered>,
    /// Held across a request: one fetch at a time.
    fetching: Mutex<()>,
}

#[derive(Default)]
struct Remembered {
    published: Option<Published>,
    fetched_at: Option<Timestamp>,
    /// The last fetch, and why it failed.
    tried: Option<(Timestamp, Result<(), Unavailable>)>,
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
        Self {
            http,
            configuration_url,
            expected,
            clock,
            max_age: MAX_AGE,
            remembered: RwLock::default(),
            fetching: Mutex::default(),
        }
    }

    /// Believes keys for so long while they cannot be fetched.
    pub(crate) fn believed_for(self, max_age: Duration) -> Self {
        Self { max_age, ..self }
    }

    /// The key called `kid`, with the issuer's name.
    pub(crate) async fn key(&self, kid: &str) -> Result<(String, PublishedKey), KeyError> {
        let now = self.clock.now();
        if let Some(found) = self.read().current_key(kid, now) {
            return Ok(found);
        }
        let _one_at_a_time = self.fetching.lock().await;
        // Whoever was first may have fetched it meanwhile.
        if let Some(found) = self.read().current_key(kid, now) {
            return Ok(found);
        }
        if self.read().may_fetch(kid, now, self.max_age) {
            let fetched = self.fetch().await;
            if let Err(failed) = &fetched {
                self.report(failed);
            }
            self.write().remember(fetched, now);
        }
        let remembered = self.read();
        remembered
            .key(kid, now, self.max_age)
            .ok_or_else(|| remembered.without_key(now))
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

    /// Fetches the keys before anybody asks for one. What fails here is not remembered: it is
    /// tried again when a token names a key.
    pub(crate) async fn prepare(&self) {
        let _one_at_a_time = self.fetching.lock().await;
        let now = self.clock.now();
        if self.read().tried.is_none()
            && let Ok(published) = self.fetch().await
        {
            self.write().remember(Ok(published), now);
        }
    }

    /// Whether this very key is remembered as published, and not for too long. Asks
    /// nobody: `false` also means that it has to be looked up again.
    pub(crate) fn still_publish(&self, name: &KeyName) -> bool {
        let now = self.clock.now();
        let remembered = self.read();
        let key = remembered.published_key(name.kid(), now, KEEP);
        key.is_some_and(|(_, key)| key.is(name))
    }

    /// A panic while the lock was held leaves what was remembered before.
    fn read(&self) -> RwLockReadGuard<'_, Remembered> {
        self.remembered
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Remembered> {
        self.remembered
            .write()
            .unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self) -> Result<Published, NotFetched> {
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

    /// The `kid` of each key.
    #[cfg(feature = "fuzzing")]
    pub(crate) fn kids(&self) -> impl Iterator<Item = &str> {
        self.keys.keys().map(String::as_str)
    }
}

impl Remembered {
    fn remember(&mut self, fetched: Result<Published, NotFetched>, now: Timestamp) {
        let failed = fetched.as_ref().err().map(Unavailable::from);
        self.tried = Some((now, failed.map_or(Ok(()), Err)));
        if let Ok(published) = fetched {
            self.published = Some(published);
            self.fetched_at = Some(now);
        }
    }

    /// A key that is not too old to be believed without another look.
    fn current_key(&self, kid: &str, now: Timestamp) -> Option<(String, PublishedKey)> {
        self.key(kid, now, KEEP)
    }

    fn key(&self, kid: &str, now: Timestamp, keep: Duration) -> Option<(String, PublishedKey)> {
        let (issuer, key) = self.published_key(kid, now, keep)?;
        Some((issuer.to_owned(), key.clone()))
    }

    fn published_key(
        &self,
        kid: &str,
        now: Timestamp,
        keep: Duration,
    ) -> Option<(&str, &PublishedKey)> {
        if !self.is_younger_than(keep, now) {
            return None;
        }
        let published = self.published.as_ref()?;
        let key = published.keys.get(kid)?;
        Some((&published.issuer, key))
    }

    /// Fails closed because a clock that was set back would make keys young for ever.
    fn is_younger_than(&self, age: Duration, now: Timestamp) -> bool {
        self.fetched_at
            .is_some_and(|at| at <= now && at.seconds_until(now) < age.as_secs())
    }

    /// Why a key is not there. When what is remembered is what the issuer publishes, the key
    /// does not exist.
    fn without_key(&self, now: Timestamp) -> KeyError {
        match self.tried {
            Some((_, Ok(()))) if self.is_younger_than(KEEP, now) => KeyError::Unknown,
            Some((_, Err(why))) => KeyError::Unavailable(why),
            _ => KeyError::Unavailable(Unavailable::OddAnswer),
        }
    }

    /// After a failure sooner, but for a caller whose old key is still believed: an issuer
    /// that does not answer must not make it wait every few seconds.
    fn may_fetch(&self, kid: &str, now: Timestamp, max_age: Duration) -> bool {
        self.tried.is_none_or(|(at, outcome)| {
            let wait = match outcome.is_ok() || self.published_key(kid, now, max_age).is_some() {
                true => FETCH_AGAIN_AFTER,
                false => FAILED_FETCH_AGAIN_AFTER,
            };
            at.seconds_until(now) >= wait.as_secs() || now < at
        })
    }
}
