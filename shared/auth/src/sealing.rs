//! Sealing: authenticated encryption (AES-256-GCM, NIST SP 800-38D) with a ring of keys.
//!
//! A sealed value opens only under the same purpose and the same associated fields:
//! a value that was moved to another row, or used for another purpose, does not open.
//! Layout: format version (1 byte), length of the key's id (1 byte), the id, nonce
//! (12 bytes), ciphertext, tag (16 bytes). Nonces are random: one key seals far fewer
//! than the 2^32 values that SP 800-38D §8.3 allows for random 96-bit nonces.

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use serde::Deserialize;

use crate::ports::{Random, random_bytes};
use crate::secret::{ExposeSecret, Key256, key_from_base64};

const FORMAT_VERSION: u8 = 1;
const KEY_ID_MAX_BYTES: usize = 32;

/// The text of a secret is not what it has to be. Never shows the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidKeys {
    /// Not JSON of the expected shape.
    #[error("expected JSON: {{\"primary\": id, \"keys\": {{id: base64 of 32 bytes}}}}")]
    NotAKeyRing,
    /// A key's id is empty or longer than 32 bytes.
    #[error("a key's id must have 1 to 32 bytes")]
    InvalidKeyId,
    /// A key's id goes into a header, and does not fit there.
    #[error("a key's id must have letters, digits, - and _ alone")]
    KeyIdNotOfAHeader,
    /// A key is not 32 bytes in standard base64.
    #[error("key {0} is not 32 bytes in base64")]
    InvalidKey(String),
    /// `primary` names no key of the ring.
    #[error("primary names no key of the ring")]
    NoPrimary,
}

/// Why a sealed value did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Not a sealed value at all.
    #[error("not a sealed value")]
    Malformed,
    /// Sealed under a key that the ring does not hold: it may have to be reloaded.
    #[error("sealed under a key that is not in the ring")]
    UnknownKey,
    /// Changed, moved or sealed for another purpose.
    #[error("the sealed value was changed, moved or made for another purpose")]
    Refused,
}

/// What the secret of a ring holds, whatever its keys are for.
pub struct RingKeys {
    /// The key that is used for what is new; it is among `keys`.
    pub primary: String,
    /// Every key by its id, which has 1 to 32 bytes.
    pub keys: BTreeMap<String, Key256>,
}

#[derive(Deserialize)]
struct RingText {
    primary: String,
    keys: BTreeMap<String, String>,
}

impl RingKeys {
    /// Reads them from their secret: `{"primary": id, "keys": {id: base64}}`.
    pub fn from_json(text: &str) -> Result<Self, InvalidKeys> {
        let ring: RingText = serde_json::from_str(text).map_err(|_| InvalidKeys::NotAKeyRing)?;
        let mut keys = BTreeMap::new();
        for (id, encoded) in ring.keys {
            let key =
                key_from_base64(&encoded).ok_or_else(|| InvalidKeys::InvalidKey(id.clone()))?;
            keys.insert(check_id(id)?, key);
        }
        if !keys.contains_key(&ring.primary) {
            return Err(InvalidKeys::NoPrimary);
        }
        Ok(Self {
            primary: ring.primary,
            keys,
        })
    }
}

/// A ring of keys: the primary one seals, every one opens.
pub struct KeyRing {
    primary: String,
    keys: BTreeMap<String, LessSafeKey>,
}

impl KeyRing {
    /// Reads the ring from its secret, as [`RingKeys`] has it.
    pub fn from_json(text: &str) -> Result<Self, InvalidKeys> {
        let RingKeys { primary, keys } = RingKeys::from_json(text)?;
        let keys = keys.into_iter().map(|(id, key)| (id, sealing_key(&key)));
        Ok(Self {
            primary,
            keys: keys.collect(),
        })
    }

    /// A ring of one key.
    pub fn single(id: &str, key: &Key256) -> Result<Self, InvalidKeys> {
        let id = check_id(id.to_owned())?;
        Ok(Self {
            primary: id.clone(),
            keys: BTreeMap::from([(id, sealing_key(key))]),
        })
    }

    /// Seals `plaintext` for `purpose`, bound to `fields`.
    pub fn seal(
        &self,
        purpose: &str,
        fields: &[&[u8]],
        plaintext: &[u8],
        random: &dyn Random,
    ) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = random_bytes(random);
        let id = self.primary.as_bytes();
        let mut sealed = Vec::with_capacity(2 + id.len() + NONCE_LEN + plaintext.len() + 16);
        sealed.push(FORMAT_VERSION);
        sealed.push(id.len() as u8); // at most KEY_ID_MAX_BYTES, checked when the ring was read
        sealed.extend_from_slice(id);
        sealed.extend_from_slice(&nonce);

        let mut in_out = plaintext.to_vec();
        let aad = Aad::from(associated_data(purpose, &self.primary, fields));
        let nonce = Nonce::assume_unique_for_key(nonce);
        // Both cannot fail: the primary is in the ring, and AES-GCM refuses to seal
        // only plaintexts of 64 GiB and more.
        let key = &self.keys[&self.primary];
        if key
            .seal_in_place_append_tag(nonce, aad, &mut in_out)
            .is_err()
        {
            unreachable!("AES-256-GCM refused a plaintext that fits in memory");
        }
        sealed.extend_from_slice(&in_out);
        sealed
    }

    /// Opens what [`seal`](Self::seal) made for the same purpose and fields.
    pub fn open(
        &self,
        purpose: &str,
        fields: &[&[u8]],
        sealed: &[u8],
    ) -> Result<Vec<u8>, OpenError> {
        let (id, nonce, ciphertext) = split(sealed).ok_or(OpenError::Malformed)?;
        let key = self.keys.get(id).ok_or(OpenError::UnknownKey)?;
        let aad = Aad::from(associated_data(purpose, id, fields));
        let mut in_out = ciphertext.to_vec();
        let length = key
            .open_in_place(Nonce::assume_unique_for_key(nonce), aad, &mut in_out)
            .map_err(|_| OpenError::Refused)?
            .len();
        in_out.truncate(length);
        Ok(in_out)
    }
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyRing")
            .field("primary", &self.primary)
            .field("keys", &self.keys.len())
            .finish()
    }
}

fn check_id(id: String) -> Result<String, InvalidKeys> {
    match id.is_empty() || id.len() > KEY_ID_MAX_BYTES {
        true => Err(InvalidKeys::InvalidKeyId),
        false => Ok(id),
    }
}

fn sealing_key(key: &Key256) -> LessSafeKey {
    match UnboundKey::new(&AES_256_GCM, key.expose_secret()) {
        Ok(key) => LessSafeKey::new(key),
        Err(_) => unreachable!("32 bytes are an AES-256 key"),
    }
}

/// Every part with its length before it, so that no two lists of parts read alike.
fn associated_data(purpose: &str, key_id: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut data = vec![FORMAT_VERSION];
    let parts = [purpose.as_bytes(), key_id.as_bytes()];
    for part in parts.iter().chain(fields) {
        data.extend_from_slice(&(part.len() as u64).to_be_bytes());
        data.extend_from_slice(part);
    }
    data
}

fn split(sealed: &[u8]) -> Option<(&str, [u8; NONCE_LEN], &[u8])> {
    let (&version, rest) = sealed.split_first()?;
    let (&id_length, rest) = rest.split_first()?;
    if version != FORMAT_VERSION {
        return None;
    }
    let (id, rest) = rest.split_at_checked(usize::from(id_length))?;
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LEN>()?;
    Some((std::str::from_utf8(id).ok()?, *nonce, ciphertext))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64_standard;
    use crate::ports::HeldRandom;

    fn ring(primary: &str, keys: &[(&str, u8)]) -> KeyRing {
        let keys: BTreeMap<_, _> = keys
            .iter()
            .map(|(id, byte)| (*id, base64_standard(&[*byte; 32])))
            .collect();
        KeyRing::from_json(&serde_json::json!({"primary": primary, "keys": keys}).to_string())
            .unwrap()
    }

    #[test]
    fn opens_only_for_the_same_purpose_and_fields_and_unchanged() {
        let random = HeldRandom::counting();
        let ring = ring("a", &[("a", 1)]);
        let sealed = ring.seal("token", &[b"tenant-1", b"x"], b"secret", &random);
        assert_eq!(
            ring.open("token", &[b"tenant-1", b"x"], &sealed).unwrap(),
            b"secret"
        );
        let mut changed = sealed.clone();
        *changed.last_mut().unwrap() ^= 1;
        let refused = [
            ring.open("token", &[b"tenant-2", b"x"], &sealed),
            ring.open("token", &[b"tenant-1x", b""], &sealed),
            ring.open("cookie", &[b"tenant-1", b"x"], &sealed),
            ring.open("token", &[b"tenant-1", b"x"], &changed),
        ];
        for outcome in refused {
            assert_eq!(outcome, Err(OpenError::Refused));
        }
        assert_eq!(ring.open("token", &[], b""), Err(OpenError::Malformed));
        assert_eq!(
            ring.open("token", &[], &sealed[..10]),
            Err(OpenError::Malformed)
        );
    }

    #[test]
    fn an_older_key_opens_until_it_leaves_the_ring() {
        let random = HeldRandom::counting();
        let sealed = ring("old", &[("old", 1)]).seal("p", &[], b"v", &random);
        let both = ring("new", &[("old", 1), ("new", 2)]);
        assert_eq!(both.open("p", &[], &sealed).unwrap(), b"v");
        let only_new = ring("new", &[("new", 2)]);
        assert_eq!(only_new.open("p", &[], &sealed), Err(OpenError::UnknownKey));
    }

    #[test]
    fn says_what_is_wrong_with_a_ring_without_showing_it() {
        let short = r#"{"primary":"a","keys":{"a":"c2hvcnQ="}}"#;
        let rows = [
            ("no json", InvalidKeys::NotAKeyRing),
            (short, InvalidKeys::InvalidKey("a".into())),
            (r#"{"primary":"a","keys":{}}"#, InvalidKeys::NoPrimary),
        ];
        for (text, expected) in rows {
            assert_eq!(KeyRing::from_json(text).unwrap_err(), expected);
        }
        let debug = format!("{:?}", ring("a", &[("a", 7)]));
        assert_eq!(debug, "KeyRing { primary: \"a\", keys: 1 }");
    }
}
