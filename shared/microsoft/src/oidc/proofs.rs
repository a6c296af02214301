//! Proofs that were checked, remembered by the SHA-256 of the token: a caller that
//! asks a thousand times with one token has its signature checked once.
//!
//! It holds no token, and remembers no refusal: what proved nothing costs no memory. Of a
//! workload it keeps the claims that policies read; whoever asks for others has the token
//! checked again. A proof that is remembered is believed only as long as the token itself
//! would be: its times and its key are checked again, at every use. Bounded by bytes: what
//! does not fit is forgotten and checked again.

use std::sync::Arc;

use auth::caller::{AllowedIssuer, ClaimNames, Workload};
use auth::digest::sha256;
use auth::memory::weight;
use moka::sync::Cache;

use super::published_key::KeyName;
use super::wire::Seconds;

/// What all proofs take, at most. A usual one takes about 2,200 bytes (half of it the map of
/// three or four claims, as a function's build of serde_json keeps it, and 400 what the cache
/// keeps), so that 10,000 fit; one whose claims policies read in full takes 40 KB, of which
/// 600 fit. A workload has one for the life of its token.
const PROOFS_MAX_BYTES: u64 = 24 * 1024 * 1024;

/// SHA-256 of a token's text.
pub(crate) type TokenDigest = [u8; 32];

/// What a checked token proved, and what has to hold for it to go on proving it.
pub(crate) struct Proof {
    pub(crate) workload: Workload,
    /// The entry of its issuer: a proof by one that was replaced holds no more.
    pub(crate) listed: Arc<AllowedIssuer>,
    /// The key that the signature was checked with.
    pub(crate) key: KeyName,
    pub(crate) exp: Seconds,
    pub(crate) nbf: Seconds,
}

impl Proof {
    fn bytes(&self) -> usize {
        let allocations = 2 * size_of::<usize>() + 32;
        let own = size_of::<TokenDigest>() + size_of::<Self>() + allocations;
        own + self.key.kid().len() + self.workload.bytes()
    }
}

/// The proofs of one process.
pub(crate) struct Proofs(Cache<TokenDigest, Arc<Proof>>);

impl Default for Proofs {
    fn default() -> Self {
        let cache = Cache::builder()
            .max_capacity(PROOFS_MAX_BYTES)
            .weigher(|_, proof: &Arc<Proof>| weight(proof.bytes()));
        Self(cache.build())
    }
}

impl Proofs {
    /// The name of a token here.
    pub(crate) fn digest_of(token: &str) -> TokenDigest {
        sha256(token.as_bytes())
    }

    /// What was proven with this token. Whether it still is, is for the caller to check.
    pub(crate) fn find(&self, token: &TokenDigest) -> Option<Arc<Proof>> {
        self.0.get(token)
    }

    /// Forgets what holds no more.
    pub(crate) fn forget(&self, token: &TokenDigest) {
        self.0.invalidate(token);
    }

    /// Remembers a proof, of its claims those of these names.
    pub(crate) fn remember(&self, token: TokenDigest, proof: Proof, names: &Arc<ClaimNames>) {
        let workload = proof.workload.keeping(names);
        let proof = Proof { workload, ..proof };
        self.0.insert(token, Arc::new(proof));
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::jwk::Jwk;
    use jsonwebtoken::{Algorithm, EncodingKey};
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::oidc::published_key::PublishedKey;

    fn key() -> KeyName {
        let pem = rcgen::KeyPair::generate().unwrap().serialize_pem();
        let key = EncodingKey::from_ec_pem(pem.as_bytes()).unwrap();
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
        jwk.common.key_id = Some("1".to_owned());
        let (kid, key) = PublishedKey::read(serde_json::to_value(jwk).unwrap()).unwrap();
        key.name(kid)
    }

    fn listed() -> Arc<AllowedIssuer> {
        Arc::new(AllowedIssuer {
            issuer: "https://issuer.example".to_owned(),
            audience: "broker".to_owned(),
            configuration_url: "https://issuer.example".parse().unwrap(),
            private: false,
        })
    }

    fn proof(key: &KeyName, more: &Map<String, Value>) -> Proof {
        let mut payload = more.clone();
        payload.insert("iss".to_owned(), json!("https://issuer.example"));
        payload.insert("sub".to_owned(), json!("workload"));
        Proof {
            workload: Workload::from_payload(payload.into()).unwrap(),
            listed: listed(),
            key: key.clone(),
            exp: Seconds(Some(1)),
            nbf: Seconds(None),
        }
    }

    fn names(names: &[&str]) -> Arc<ClaimNames> {
        Arc::new(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn a_proof_is_found_by_its_own_token_until_it_is_forgotten() {
        let proofs = Proofs::default();
        let (token, other) = (Proofs::digest_of("token"), Proofs::digest_of("other"));
        assert!(proofs.find(&token).is_none());
        proofs.remember(token, proof(&key(), &Map::new()), &names(&[]));
        assert!(proofs.find(&token).is_some() && proofs.find(&other).is_none());
        proofs.forget(&other);
        assert!(proofs.find(&token).is_some());
        proofs.forget(&token);
        assert!(proofs.find(&token).is_none());
    }

    /// Claims of 12 KB in many small pieces, as they weigh most.
    fn large() -> Map<String, Value> {
        let claims = (0..600).map(|n| (format!("claim_{n:03}"), json!(format!("value {n:03}"))));
        claims.collect()
    }

    #[test]
    fn ten_thousand_proofs_of_large_tokens_stay_below_the_bound() {
        let (key, claims) = (key(), large());
        let every: Vec<&str> = claims.keys().map(String::as_str).collect();
        // Of the first kind only what policies read is kept, of the second everything is.
        for (read, some_fit) in [(names(&["claim_001", "sub"]), 8_000), (names(&every), 50)] {
            let proofs = Proofs::default();
            let shared = proof(&key, &claims);
            let kept = shared.workload.keeping(&read);
            for n in 0..10_000_u32 {
                let one = Proof {
                    // The workload itself is shared, so that the test needs no gigabyte.
                    workload: kept.clone(),
                    listed: Arc::clone(&shared.listed),
                    key: key.clone(),
                    exp: shared.exp,
                    nbf: shared.nbf,
                };
                proofs.remember(Proofs::digest_of(&n.to_string()), one, &read);
            }
            proofs.0.run_pending_tasks();
            let (weight, count) = (proofs.0.weighted_size(), proofs.0.entry_count());
            assert!(weight <= PROOFS_MAX_BYTES, "{weight}");
            assert!(weight > PROOFS_MAX_BYTES / 2, "{weight}: {count}");
            assert!(count >= some_fit, "{count}");
        }
    }
}
