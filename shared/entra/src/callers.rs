//! Callers' tokens: a workload proves who it is with an OpenID Connect token of its
//! own cloud (RFC 7523 client assertion, or bearer).
//!
//! The issuer must be on the list, exactly as it is written there, before anything is
//! fetched on its behalf. Each issuer has an audience of its own. `none` and the HMAC
//! family are never accepted. A token that was checked once is remembered by its hash,
//! until it expires or its issuer's keys change.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use auth::Caller;
use auth::caller::AllowedIssuer;
use auth::encoding::from_base64url;
use auth::ports::{CallerProof, Clock, ProofError};
use futures::future::join_all;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::http::HttpError;
use crate::identity_token::check_times;
use crate::jws_header::UnverifiedHeader;
use crate::keys::{ExpectedIssuer, IssuerKeys, KeyError};
use crate::proofs::{Proof, Proofs};
use crate::published_key::KeyName;
use crate::trust::TrustRoots;
use crate::wire::{OneOrMany, Seconds};

/// Clocks of other clouds are well kept; a minute is what they differ by at most.
const LEEWAY_SECONDS: i64 = 60;
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

/// Checks callers' tokens against the list of issuers.
pub struct OidcCallers {
    issuers: HashMap<String, Issuer>,
    clock: Arc<dyn Clock>,
    proofs: Proofs,
}

struct Issuer {
    audience: String,
    keys: IssuerKeys,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    #[serde(default)]
    sub: String,
    #[serde(default)]
    aud: OneOrMany,
    #[serde(default)]
    exp: Seconds,
    #[serde(default)]
    nbf: Seconds,
    /// What policies may ask for.
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl OidcCallers {
    /// The checker for `VENDING_ISSUERS`. Makes no request.
    pub fn new(
        allowed: &[AllowedIssuer],
        roots: &TrustRoots,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, HttpError> {
        let mut issuers = HashMap::new();
        for issuer in allowed {
            let url = issuer.configuration_url.clone();
            let http = roots.client(Some(&url))?;
            let expected = ExpectedIssuer::Exactly(issuer.issuer.clone());
            let keys = IssuerKeys::new(http, url, expected, clock.clone());
            let audience = issuer.audience.clone();
            issuers.insert(issuer.issuer.clone(), Issuer { audience, keys });
        }
        Ok(Self {
            issuers,
            clock,
            proofs: Proofs::default(),
        })
    }

    /// Fetches the keys of all issuers, side by side, before anybody asks: a start has time
    /// for it while it waits for its secrets. What fails here is neither told nor remembered:
    /// the keys are fetched again when a token names the issuer.
    pub async fn prepare(&self) {
        let fetches = self.issuers.values().map(|issuer| issuer.keys.prepare());
        join_all(fetches).await;
    }

    /// Whether a proof of an earlier request is still one. Fails closed: an issuer whose
    /// keys are not at hand has its signatures checked again.
    fn still_holds(&self, proof: &Proof) -> bool {
        let issuer = self.issuers.get(&proof.issuer);
        check_times(proof.exp, proof.nbf, LEEWAY_SECONDS, self.clock.now())
            && issuer.is_some_and(|issuer| issuer.keys.still_publish(&proof.key))
    }

    /// Every check there is.
    async fn check(&self, unverified_token: &str) -> Result<Proof, ProofError> {
        let unverified_issuer = unverified_issuer(unverified_token)
            .ok_or(ProofError::Refused("the token is not a JWT"))?;
        let issuer = self
            .issuers
            .get(&unverified_issuer)
            .ok_or(ProofError::Refused("the token's issuer is not on the list"))?;
        let (claims, key) = check_signature(unverified_token, &issuer.keys).await?;
        if claims.iss != unverified_issuer || !claims.aud.contains(&issuer.audience) {
            return Err(ProofError::Refused("the token is for another audience"));
        }
        if !check_times(claims.exp, claims.nbf, LEEWAY_SECONDS, self.clock.now()) {
            return Err(ProofError::Refused("the token is outside its validity"));
        }
        if claims.sub.is_empty() {
            return Err(ProofError::Refused("the token has no subject"));
        }
        Ok(Proof {
            caller: Caller::Workload {
                issuer: claims.iss.clone(),
                subject: claims.sub,
                claims: claims.others.into(),
            },
            issuer: claims.iss,
            key,
            exp: claims.exp,
            nbf: claims.nbf,
        })
    }
}

#[async_trait]
impl CallerProof for OidcCallers {
    async fn verify(&self, unverified_token: &str) -> Result<Caller, ProofError> {
        if unverified_token.len() > TOKEN_MAX_BYTES {
            return Err(ProofError::Refused("the token is too long"));
        }
        let digest = Proofs::digest_of(unverified_token);
        if let Some(caller) = self.proofs.recall(&digest, |proof| self.still_holds(proof)) {
            return Ok(caller);
        }
        let proof = self.check(unverified_token).await?;
        let caller = proof.caller.clone();
        self.proofs.remember(digest, proof);
        Ok(caller)
    }
}

/// The issuer as the token states it: only to find it on the list.
fn unverified_issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Unverified {
        iss: String,
    }
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let unverified: Unverified = serde_json::from_slice(&from_base64url(payload)?).ok()?;
    Some(unverified.iss)
}

async fn check_signature(token: &str, keys: &IssuerKeys) -> Result<(Claims, KeyName), ProofError> {
    let header = UnverifiedHeader::read(token, &ALGORITHMS);
    let header = header.map_err(|refused| ProofError::Refused(refused.reason()))?;
    let (_, published) = keys.key(&header.kid).await.map_err(|error| match error {
        KeyError::Unknown => {
            ProofError::Refused("the token is signed with a key that its issuer does not publish")
        }
        KeyError::Unavailable => ProofError::Unavailable(
            "the keys of your token's issuer cannot be fetched at the moment",
        ),
    })?;
    published
        .verified(token, header.algorithm)
        .map(|claims| (claims, published.name(header.kid)))
        .map_err(|_| ProofError::Refused("the token's signature does not match"))
}
