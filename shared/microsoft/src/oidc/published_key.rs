//! One key that an issuer publishes (RFC 7517), read from its key set: what it checks, and
//! the name that tells it from any other. Who fetches key sets and how long they are
//! believed is `issuer_keys`' business.

use auth::digest::sha256;
use auth::encoding::from_base64url;
use jsonwebtoken::errors::{Error, ErrorKind};
use jsonwebtoken::jwk::{
    AlgorithmParameters, CommonParameters, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Shorter RSA keys are no protection any more (NIST SP 800-131A, RFC 7518 §3.3).
const RSA_MIN_BITS: usize = 2048;

/// One published key.
#[derive(Clone)]
pub(crate) struct PublishedKey {
    key: DecodingKey,
    /// The one algorithm that the key is for, where its issuer names one (RFC 7517 §4.4).
    algorithm: Option<KeyAlgorithm>,
    /// Entra ID says for each key which issuer it signs for; others say nothing.
    pub(crate) issuer: Option<String>,
    fingerprint: Fingerprint,
}

/// SHA-256 of a key as it is published. A key that is published in another spelling
/// counts as another one, which at worst has a signature checked once more.
type Fingerprint = [u8; 32];

/// Names one key of an issuer: another key under the same `kid` has another name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeyName {
    kid: String,
    fingerprint: Fingerprint,
}

#[derive(Deserialize)]
struct KeyEntry {
    #[serde(flatten)]
    jwk: Jwk,
    #[serde(default)]
    issuer: Option<String>,
}

impl PublishedKey {
    /// A key that can check signatures, with its `kid`; others, kinds that we do not know
    /// and keys that are too short are left out.
    pub(crate) fn read(value: Value) -> Option<(String, Self)> {
        let fingerprint = fingerprint(&value);
        let entry: KeyEntry = serde_json::from_value(value).ok()?;
        let common = &entry.jwk.common;
        if !is_for_signatures(common) || !is_long_enough(&entry.jwk.algorithm) {
            return None;
        }
        let kid = common.key_id.clone()?;
        let published = Self {
            key: DecodingKey::from_jwk(&entry.jwk).ok()?,
            algorithm: common.key_algorithm,
            issuer: entry.issuer,
            fingerprint,
        };
        Some((kid, published))
    }

    /// The claims of a token that this key signed by `algorithm`; none of them is checked.
    /// An error where the signature does not match, the key is for another algorithm, or what
    /// is signed is not what is to be read.
    pub(crate) fn verified<T: DeserializeOwned>(
        &self,
        token: &str,
        algorithm: Algorithm,
    ) -> Result<T, Error> {
        // Fails closed because a key under an algorithm that its owner does not use it for
        // can be weaker than its owner knows.
        let is_for_it = self.algorithm.is_none_or(|own| own == algorithm.into());
        if !is_for_it {
            return Err(ErrorKind::InvalidAlgorithm.into());
        }
        let decoded = jsonwebtoken::decode(token, &self.key, &signature_only(algorithm));
        decoded.map(|data| data.claims)
    }

    /// The name of this key, which is published as `kid`.
    pub(crate) fn name(&self, kid: String) -> KeyName {
        KeyName {
            kid,
            fingerprint: self.fingerprint,
        }
    }

    /// Whether this is the key that was named, and not merely one with its `kid`.
    pub(crate) fn is(&self, name: &KeyName) -> bool {
        self.fingerprint == name.fingerprint
    }
}

impl KeyName {
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }
}

/// What the key may be used for, where its issuer says so (RFC 7517 §4.2, §4.3).
fn is_for_signatures(common: &CommonParameters) -> bool {
    let used = common.public_key_use.as_ref();
    let operations = common.key_operations.as_ref();
    used.is_none_or(|used| *used == PublicKeyUse::Signature)
        && operations.is_none_or(|operations| operations.contains(&KeyOperations::Verify))
}

fn is_long_enough(parameters: &AlgorithmParameters) -> bool {
    let AlgorithmParameters::RSA(rsa) = parameters else {
        return true;
    };
    from_base64url(&rsa.n).is_some_and(|modulus| bits(&modulus) >= RSA_MIN_BITS)
}

/// The length of a number, most significant byte first.
fn bits(number: &[u8]) -> usize {
    let significant = number.iter().skip_while(|byte| **byte == 0);
    let mut significant = significant.copied().peekable();
    let unused = significant.peek().map_or(0, |first| first.leading_zeros());
    significant.count() * 8 - unused as usize
}

/// A validation that checks the signature under this algorithm and no claim: claims are
/// checked by us, against our clock.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_nbf = false;
    validation.validate_aud = false;
    validation
}

fn fingerprint(value: &Value) -> Fingerprint {
    sha256(value.to_string().as_bytes())
}

#[cfg(test)]
mod tests {
    use auth::encoding::base64url;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_rsa_key_is_taken_from_2048_bits_on() {
        let modulus = |first: &[u8], more: usize| [first, &vec![0xff; more]].concat();
        let rows = [
            ("2048", modulus(&[0x80], 255), true),
            ("2048 after zeros", modulus(&[0, 0, 0x80], 255), true),
            ("3072", modulus(&[0xff], 383), true),
            ("4096", modulus(&[0xff], 511), true),
            ("2047", modulus(&[0x7f], 255), false),
            ("2041", modulus(&[0x01], 255), false),
            ("2047 after zeros", modulus(&[0, 0x7f], 255), false),
            ("2040", modulus(&[0xff], 254), false),
            ("1024", modulus(&[0xff], 127), false),
            ("512", modulus(&[0xff], 63), false),
            ("1", vec![1], false),
            ("zeros", vec![0; 256], false),
            ("nothing", Vec::new(), false),
        ];
        for (row, modulus, taken) in rows {
            let n = base64url(&modulus);
            let jwk = json!({"kty": "RSA", "kid": "1", "n": n, "e": "AQAB"});
            assert_eq!(PublishedKey::read(jwk).is_some(), taken, "{row}");
        }
        let padded = json!({"kty": "RSA", "kid": "1", "n": "gA==", "e": "AQAB"});
        assert!(PublishedKey::read(padded).is_none());
    }
}
