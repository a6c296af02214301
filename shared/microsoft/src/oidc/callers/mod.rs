//! Callers' tokens: a workload proves who it is with an OpenID Connect token of its
//! own cloud (RFC 7523 client assertion, or bearer).
//!
//! The issuer must be on the list as it is now, exactly as it is written there, before anything
//! is fetched on its behalf. Each issuer has an audience of its own. `none` and the HMAC
//! family are never accepted. Everything that is checked is read from the payload that
//! becomes the caller's facts. A token that was checked once is remembered by its hash,
//! until it expires, its issuer's keys change, or policies read a claim that was not kept.

mod listed;
mod refused;

use std::sync::{Arc, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use auth::Caller;
use auth::caller::{Payload, Workload};
use auth::encoding::from_base64url;
use auth::ports::{CallerProof, ClaimsRead, Clock, IssuersInForce, ProofError};
use futures::future::join_all;
use jsonwebtoken::Algorithm;
use jsonwebtoken::errors::ErrorKind;
use serde::Deserialize;
use serde_json::Value;

use self::listed::{Listed, Made};
use self::refused::refused;
use crate::http::HttpError;
use crate::oidc::issuer_keys::IssuerKeys;
use crate::oidc::jws_header::UnverifiedHeader;
use crate::oidc::key_error::KeyError;
use crate::oidc::proofs::{Proof, Proofs};
use crate::oidc::published_key::KeyName;
use crate::oidc::token_times::{CALLERS_LEEWAY_SECONDS as LEEWAY_SECONDS, TokenTimes, check_times};
use crate::trust::TrustRoots;

/// So many issuers' keys are fetched before a token comes: a start waits for a second at most.
const FETCHED_AHEAD_MAX: usize = 20;
/// GitHub's tokens, the largest seen, have about 2 KB.
const TOKEN_MAX_BYTES: usize = 16 * 1024;
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// What the checker of callers' tokens is built from.
pub struct CallersParts {
    /// Which issuers' tokens are taken.
    pub issuers: Arc<dyn IssuersInForce>,
    /// CAs to trust besides the system's.
    pub roots: TrustRoots,
    /// Whether a token is in time, and how old keys are.
    pub clock: Arc<dyn Clock>,
    /// Which claims are worth keeping.
    pub claims_read: Arc<dyn ClaimsRead>,
    /// `ISSUER_KEYS_MAX_AGE_SECONDS`: so long keys are believed that cannot be fetched.
    pub keys_max_age: Duration,
    /// `CALLER_TOKEN_MAX_LIFE_SECONDS`.
    pub token_max_life: Duration,
}

/// Checks callers' tokens against the list of issuers.
pub struct OidcCallers {
    listed: Listed,
    clock: Arc<dyn Clock>,
    claims_read: Arc<dyn ClaimsRead>,
    token_max_life: Duration,
    proofs: Proofs,
}

impl OidcCallers {
    /// The checker. Makes no request; fails where none could be made.
    pub fn new(parts: CallersParts) -> Result<Self, HttpError> {
        parts.roots.client(None)?;
        Ok(Self {
            listed: Listed {
                issuers: parts.issuers,
                roots: parts.roots,
                clock: Arc::clone(&parts.clock),
                keys_max_age: parts.keys_max_age,
                made: RwLock::new(Made::default()),
            },
            clock: parts.clock,
            claims_read: parts.claims_read,
            token_max_life: parts.token_max_life,
            proofs: Proofs::default(),
        })
    }

    /// Fetches the keys of the issuers, side by side, before anybody asks: a start has time
    /// for it while it waits for its secrets. What fails here is neither told nor remembered:
    /// the keys are fetched again when a token names the issuer.
    pub async fn prepare(&self) {
        if let Ok(issuers) = self.listed.now().await {
            let first = issuers.values().take(FETCHED_AHEAD_MAX);
            join_all(first.map(|issuer| issuer.keys.prepare())).await;
        }
    }

    /// Whether a proof of an earlier request is still one. Fails closed: an issuer that is listed
    /// otherwise than it was, or whose keys are not at hand, has its signatures checked again.
    async fn still_holds(&self, proof: &Proof) -> Result<bool, ProofError> {
        let issuers = self.listed.now().await?;
        let issuer = issuers.get(proof.workload.issuer());
        let is_published = issuer.is_some_and(|issuer| {
            Arc::ptr_eq(&issuer.entry, &proof.listed) && issuer.keys.still_publish(&proof.key)
        });
        let in_time = check_times(proof.exp, proof.nbf, LEEWAY_SECONDS, self.clock.now());
        Ok(in_time && is_published)
    }

    /// Every check there is.
    async fn check(&self, unverified_token: &str) -> Result<Proof, ProofError> {
        let unverified_issuer = unverified_issuer(unverified_token)?;
        let issuers = self.listed.now().await?;
        let listed = || issuers.keys().map(String::as_str);
        let issuer = issuers.get(&unverified_issuer);
        let issuer = issuer.ok_or_else(|| refused::issuer(&unverified_issuer, listed()))?;
        let (payload, key) = check_signature(unverified_token, &issuer.keys).await?;
        // Fails closed because the audience is this issuer's alone.
        if payload.get("iss").and_then(Value::as_str) != Some(&unverified_issuer) {
            return Err(refused(refused::PAYLOAD));
        }
        if !is_for(&payload, &issuer.entry.audience) {
            let expected = &issuer.entry.audience;
            return Err(refused::audience(&payload, &unverified_issuer, expected));
        }
        let times = self.checked_times(&payload)?;
        let subject = refused::subject(payload.get("sub"));
        // Its issuer is on the list, so that only the subject can be missing.
        let workload = Workload::from_payload(payload);
        Ok(Proof {
            workload: workload.map_err(|_| refused(subject))?,
            listed: Arc::clone(&issuer.entry),
            key,
            exp: times.exp,
            nbf: times.nbf,
        })
    }

    fn checked_times(&self, payload: &Payload) -> Result<TokenTimes, ProofError> {
        let times = TokenTimes::of(payload).map_err(refused)?;
        let (now, longest) = (self.clock.now(), self.token_max_life);
        if !check_times(times.exp, times.nbf, LEEWAY_SECONDS, now) {
            return Err(refused::outside(&times, now));
        }
        match times.live_at_most(longest, LEEWAY_SECONDS, now) {
            true => Ok(times),
            false => Err(refused::too_long(&times, longest, now)),
        }
    }
}

#[async_trait]
impl CallerProof for OidcCallers {
    async fn verify(&self, unverified_token: &str) -> Result<Caller, ProofError> {
        if unverified_token.len() > TOKEN_MAX_BYTES {
            return Err(refused("the token is too long: it may have 16 KB"));
        }
        let digest = Proofs::digest_of(unverified_token);
        // Policies are asked what they read for what was proven alone: they may have to be
        // fetched for it.
        if let Some(proof) = self.proofs.find(&digest) {
            let read = self.claims_read.claims_read().await;
            if proof.workload.knows(&read) && self.still_holds(&proof).await? {
                return Ok(Caller::Workload(proof.workload.clone()));
            }
            self.proofs.forget(&digest);
        }
        let proof = self.check(unverified_token).await?;
        // The whole of it: policies that change meanwhile find every claim that they read.
        let workload = proof.workload.clone();
        let read = self.claims_read.claims_read().await;
        self.proofs.remember(digest, proof, &read);
        Ok(Caller::Workload(workload))
    }
}

/// The issuer as the token states it: only to find it on the list.
fn unverified_issuer(token: &str) -> Result<String, ProofError> {
    #[derive(Deserialize)]
    struct Unverified {
        iss: Option<Value>,
    }
    let parts: Vec<&str> = token.splitn(6, '.').collect();
    let [_, payload, _] = parts[..] else {
        return Err(refused::form(parts.len()));
    };
    let payload = from_base64url(payload).ok_or_else(|| refused::form(parts.len()))?;
    let unverified: Unverified =
        serde_json::from_slice(&payload).map_err(|_| refused(refused::PAYLOAD))?;
    match unverified.iss {
        Some(Value::String(issuer)) => Ok(issuer),
        Some(_) => Err(refused("the token's iss is not text")),
        None => Err(refused("the token has no iss")),
    }
}

/// Whether `aud` is the audience, or a list of texts that holds it (RFC 7519 §4.1.3).
fn is_for(payload: &Payload, audience: &str) -> bool {
    match payload.get("aud") {
        Some(Value::String(one)) => one == audience,
        Some(Value::Array(many)) => {
            many.iter().all(Value::is_string) && many.iter().any(|one| one == audience)
        }
        _ => false,
    }
}

async fn check_signature(token: &str, keys: &IssuerKeys) -> Result<(Payload, KeyName), ProofError> {
    let header = UnverifiedHeader::read(token, &ALGORITHMS);
    let header = header.map_err(|broken| refused(broken.reason()))?;
    let (_, published) = keys.key(&header.kid).await.map_err(|error| match error {
        KeyError::Unknown => {
            refused("the token is signed with a key that its issuer does not publish")
        }
        KeyError::Unavailable(why) => ProofError::Unavailable(why.to_the_caller()),
    })?;
    published
        .verified(token, header.algorithm)
        .map(|payload| (payload, published.name(header.kid)))
        .map_err(|error| match error.kind() {
            ErrorKind::Json(_) => refused(refused::PAYLOAD),
            _ => refused("the token's signature does not match"),
        })
}
