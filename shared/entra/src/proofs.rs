//! Proofs that were checked, remembered by the SHA-256 of the token: a caller that
//! asks a thousand times with one token has its signature checked once.
//!
//! It holds no token, and remembers no refusal: what nobody proved costs no memory. A
//! proof that is remembered is believed only as long as the token itself would be:
//! whoever asks checks its times and its key again, at every use. Bounded: what does
//! not fit is forgotten and checked anew.

use std::sync::Arc;

use auth::Caller;
use aws_lc_rs::digest::{SHA256, digest};
use moka::sync::Cache;

use crate::published_key::KeyName;
use crate::wire::Seconds;

/// At most this many proofs, of about half a kilobyte each. A workload has one for the
/// life of its token.
const PROOFS_MAX: u64 = 10_000;

/// SHA-256 of a token's text.
pub(crate) type TokenDigest = [u8; 32];

/// What a checked token proved, and what has to hold for it to go on proving it.
pub(crate) struct Proof {
    pub(crate) caller: Caller,
    /// The `iss` claim.
    pub(crate) issuer: String,
    /// The key that the signature was checked with.
    pub(crate) key: KeyName,
    pub(crate) exp: Seconds,
    pub(crate) nbf: Seconds,
}

/// The proofs of one process.
pub(crate) struct Proofs(Cache<TokenDigest, Arc<Proof>>);

impl Default for Proofs {
    fn default() -> Self {
        Self(Cache::new(PROOFS_MAX))
    }
}

impl Proofs {
    /// The name of a token here.
    pub(crate) fn digest_of(token: &str) -> TokenDigest {
        let mut bytes = TokenDigest::default();
        bytes.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        bytes
    }

    /// What was proven with this token, if `holds` says that it still is; what does not
    /// hold any more is forgotten.
    pub(crate) fn recall(
        &self,
        token: &TokenDigest,
        holds: impl FnOnce(&Proof) -> bool,
    ) -> Option<Caller> {
        let proof = self.0.get(token)?;
        if !holds(&proof) {
            self.0.invalidate(token);
            return None;
        }
        Some(proof.caller.clone())
    }

    pub(crate) fn remember(&self, token: TokenDigest, proof: Proof) {
        self.0.insert(token, Arc::new(proof));
    }
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::jwk::Jwk;
    use jsonwebtoken::{Algorithm, EncodingKey};

    use auth::caller::Claims;

    use super::*;
    use crate::published_key::PublishedKey;

    fn proof() -> Proof {
        let pem = rcgen::KeyPair::generate().unwrap().serialize_pem();
        let key = EncodingKey::from_ec_pem(pem.as_bytes()).unwrap();
        let mut jwk = Jwk::from_encoding_key(&key, Algorithm::ES256).unwrap();
        jwk.common.key_id = Some("1".to_owned());
        let (kid, key) = PublishedKey::read(serde_json::to_value(jwk).unwrap()).unwrap();
        Proof {
            caller: Caller::Workload {
                issuer: "https://issuer.example".to_owned(),
                subject: "workload".to_owned(),
                claims: Claims::default(),
            },
            issuer: "https://issuer.example".to_owned(),
            key: key.name(kid),
            exp: Seconds(Some(1)),
            nbf: Seconds(None),
        }
    }

    #[test]
    fn a_proof_is_recalled_for_its_own_token_until_it_holds_no_more() {
        let proofs = Proofs::default();
        let token = Proofs::digest_of("token");
        assert!(proofs.recall(&token, |_| true).is_none());
        proofs.remember(token, proof());
        assert!(
            proofs
                .recall(&Proofs::digest_of("other"), |_| true)
                .is_none()
        );
        assert!(proofs.recall(&token, |_| true).is_some());
        assert!(proofs.recall(&token, |_| false).is_none());
        assert!(proofs.recall(&token, |_| true).is_none(), "it is forgotten");
    }
}
