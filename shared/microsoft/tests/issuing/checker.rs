//! A checker of callers' tokens with one issuer on its list.

use std::sync::Arc;
use std::time::Duration;

use auth::Caller;
use auth::caller::{AllowedIssuer, Workload};
use auth::ports::{CallerProof as _, HeldClock, HeldIssuers, ProofError};
use microsoft::{CallersParts, OidcCallers, TrustRoots};
use serde_json::{Value, json};

use super::server::{CONFIGURATION, Server};
use super::{AUDIENCE, Key, NOW, Reading};

/// The checker, with the settings' own limits, and the issuer, which has one key.
pub(crate) struct Checker {
    pub(crate) key: Key,
    pub(crate) listed: Arc<Server>,
    /// Its entry, and the list that has it alone.
    pub(crate) allowed: AllowedIssuer,
    pub(crate) issuers: Arc<HeldIssuers>,
    pub(crate) clock: Arc<HeldClock>,
    pub(crate) reading: Arc<Reading>,
    pub(crate) callers: OidcCallers,
}

impl Checker {
    pub(crate) async fn start() -> Self {
        let key = Key::new("1");
        let listed = Server::start(&key).await;
        let (clock, reading) = (Arc::new(HeldClock::at(NOW)), Arc::new(Reading::default()));
        let allowed = AllowedIssuer {
            issuer: listed.url.clone(),
            audience: AUDIENCE.to_owned(),
            configuration_url: format!("{}{CONFIGURATION}", listed.url).parse().unwrap(),
            private: false,
        };
        let issuers = Arc::new(HeldIssuers::of(std::slice::from_ref(&allowed)));
        let callers = OidcCallers::new(CallersParts {
            issuers: issuers.clone(),
            roots: TrustRoots::default(),
            clock: clock.clone(),
            claims_read: reading.clone(),
            keys_max_age: Duration::from_secs(6 * 3_600),
            token_max_life: Duration::from_secs(24 * 3_600),
        });
        Self {
            key,
            listed,
            allowed,
            issuers,
            clock,
            reading,
            callers: callers.unwrap(),
        }
    }

    /// What a token of the issuer says that lives for an hour from [`NOW`] on.
    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": self.listed.url, "sub": "workload", "aud": AUDIENCE,
            "nbf": NOW, "exp": NOW + 3_600,
        })
    }

    /// Such a token, signed with the issuer's key.
    pub(crate) fn token(&self) -> String {
        self.key.sign(&self.claims())
    }

    pub(crate) async fn verify(&self, token: &str) -> Result<(), ProofError> {
        self.workload(token).await.map(drop)
    }

    pub(crate) async fn workload(&self, token: &str) -> Result<Workload, ProofError> {
        match self.callers.verify(token).await? {
            Caller::Workload(workload) => Ok(workload),
            other => panic!("a token proves a workload: {other}"),
        }
    }
}
