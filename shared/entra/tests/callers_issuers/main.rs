//! What is asked of callers' issuers: who is on the list alone, no oftener than promised,
//! and nowhere to which anybody else leads. A second place on this machine listens all the
//! time and must hear of nothing.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod fetches;
mod headers;
#[path = "../issuing/mod.rs"]
mod issuing;
mod list;

use std::sync::Arc;

use auth::ports::{CallerProof as _, HeldClock, ProofError};
use entra::OidcCallers;
use futures::future::join_all;
use issuing::place::{CONFIGURATION, KEYS, Place};
use issuing::{Key, Reading};
use serde_json::json;

const NOW: i64 = 1_800_000_000;
const AUDIENCE: &str = "broker";

/// What the listed place says in order to lead us to the other one.
type Lead = fn(&Place, &Place);

/// A checker with one issuer on its list, and a place that is not on it and would do.
struct Stage {
    key: Key,
    listed: Arc<Place>,
    other: Arc<Place>,
    clock: Arc<HeldClock>,
    callers: OidcCallers,
}

impl Stage {
    async fn start() -> Self {
        let key = Key::new("1");
        let (listed, other) = (Place::start(&key).await, Place::start(&key).await);
        let clock = Arc::new(HeldClock::at(NOW));
        let reading = Arc::new(Reading::default());
        let callers = issuing::callers(&listed.url, AUDIENCE, clock.clone(), reading);
        Self {
            key,
            listed,
            other,
            clock,
            callers,
        }
    }

    /// A token that is good for whoever has this issuer on the list.
    fn token_of(&self, issuer: &str, key: &Key) -> String {
        key.sign(&claims_of(issuer))
    }

    fn token(&self) -> String {
        self.token_of(&self.listed.url, &self.key)
    }

    fn token_of_unknown_key(&self, number: usize) -> String {
        let key = self.key.named(&format!("unknown-{number}"));
        self.token_of(&self.listed.url, &key)
    }

    async fn verify(&self, token: &str) -> Result<(), ProofError> {
        self.callers.verify(token).await.map(drop)
    }

    fn advance(&self, seconds: i64) {
        self.clock.advance(seconds);
    }
}

fn claims_of(issuer: &str) -> serde_json::Value {
    json!({
        "iss": issuer, "sub": "workload", "aud": AUDIENCE, "nbf": NOW, "exp": NOW + 3600,
    })
}
