//! The `state` parameter (RFC 6749 §10.12): a random id and its end, authenticated with the
//! state key. Which step it belongs to is in the attempt's cookie, which is bound to the id.
//! Nothing is written when one is made, so that a stranger who starts a thousand times costs
//! nothing.
//!
//! Layout, as unpadded base64url (Entra strips HTML from a state): version (1 byte), end in
//! Unix seconds (8, big-endian), id (16), HMAC-SHA-256 (32).

use super::keys::ConsentKeys;
use crate::encoding::{base64url, from_base64url};
use crate::ports::{Random, random_bytes};
use crate::timestamp::Timestamp;

const PURPOSE: &str = "consent state";
const VERSION: u8 = 2;
const SIGNED_BYTES: usize = 1 + 8 + 16;

/// A state that is ours and in time. Says nothing about the browser that brings it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentState {
    /// Random; names the attempt's cookie and its single use.
    id: [u8; 16],
    /// When it ends.
    pub expires_at: Timestamp,
}

/// Why a state is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateRefused {
    /// Forged, changed, cut off, or made under another key.
    NotOurs,
    /// Ours, and its time is over.
    Expired,
}

impl ConsentState {
    /// A new state.
    pub fn new(expires_at: Timestamp, random: &dyn Random) -> Self {
        Self {
            id: random_bytes(random),
            expires_at,
        }
    }

    /// The id as text.
    pub fn id(&self) -> String {
        base64url(&self.id)
    }

    /// The `state` parameter.
    pub fn encode(&self, keys: &ConsentKeys) -> String {
        let mut bytes = self.signed_bytes();
        bytes.extend(keys.sign(PURPOSE, &bytes));
        base64url(&bytes)
    }

    /// Reads a `state` parameter.
    pub fn decode(
        unverified: &str,
        keys: &ConsentKeys,
        now: Timestamp,
    ) -> Result<Self, StateRefused> {
        let state = Self::authentic(unverified, keys).ok_or(StateRefused::NotOurs)?;
        match now < state.expires_at {
            true => Ok(state),
            false => Err(StateRefused::Expired),
        }
    }

    fn authentic(unverified: &str, keys: &ConsentKeys) -> Option<Self> {
        let bytes = from_base64url(unverified)?;
        let (signed, mac) = bytes.split_at_checked(SIGNED_BYTES)?;
        match keys.verify(PURPOSE, signed, mac) {
            true => Self::read(signed),
            false => None,
        }
    }

    fn signed_bytes(&self) -> Vec<u8> {
        let end = self.expires_at.unix().to_be_bytes();
        [&[VERSION], &end[..], &self.id].concat()
    }

    fn read(signed: &[u8]) -> Option<Self> {
        let rest = signed.strip_prefix(&[VERSION])?;
        let (end, id) = rest.split_first_chunk::<8>()?;
        Some(Self {
            id: id.try_into().ok()?,
            expires_at: Timestamp::from_unix(i64::from_be_bytes(*end)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64_standard;
    use crate::ports::HeldRandom;

    fn keys(byte: u8) -> ConsentKeys {
        let key = base64_standard(&[byte; 32]);
        let text = serde_json::json!({"state_key": key, "cookie_key": key}).to_string();
        ConsentKeys::from_json(&text).unwrap()
    }

    #[test]
    fn comes_back_while_it_lives_and_only_under_its_key() {
        let end = Timestamp::from_unix(1000);
        let state = ConsentState::new(end, &HeldRandom::always(7));
        let text = state.encode(&keys(1));
        let before_end = Timestamp::from_unix(999);
        assert_eq!(ConsentState::decode(&text, &keys(1), before_end), Ok(state));
        let other_key = ConsentState::decode(&text, &keys(2), before_end);
        assert_eq!(other_key, Err(StateRefused::NotOurs));
        let over = ConsentState::decode(&text, &keys(1), end);
        assert_eq!(over, Err(StateRefused::Expired));
    }

    #[test]
    fn a_changed_or_cut_state_is_not_ours() {
        let state = ConsentState::new(Timestamp::from_unix(1000), &HeldRandom::always(7));
        let text = state.encode(&keys(1));
        let now = Timestamp::from_unix(0);
        for cut in 0..text.len() {
            let cut = ConsentState::decode(&text[..cut], &keys(1), now);
            assert_eq!(cut, Err(StateRefused::NotOurs));
        }
        let mut bytes = from_base64url(&text).unwrap();
        for index in 0..bytes.len() {
            bytes[index] ^= 1;
            assert_eq!(
                ConsentState::decode(&base64url(&bytes), &keys(1), now),
                Err(StateRefused::NotOurs)
            );
            bytes[index] ^= 1;
        }
    }
}
