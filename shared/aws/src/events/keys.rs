//! Signatures of the Standard Webhooks specification (version 1.0.0, "Signature scheme"):
//! `v1,` and the base64 of an HMAC-SHA-256 over `{id}.{timestamp}.{body}`.
//!
//! A rotation needs no moment at which both sides change: each event is signed with every key of
//! the ring, and a receiver takes one of these signatures.

use std::fmt;

use auth::Timestamp;
use auth::encoding::base64_standard;
use auth::ports::SecretError;
use auth::ring::LateRing;
use auth::sealing::{InvalidKeys, RingKeys};
use auth::secret::{ExposeSecret as _, Key256};
use aws_lc_rs::hmac;

/// The keys as they change while a program runs, read when they are first wanted.
pub type LiveEventKeys = LateRing<EventKeys>;

/// The keys that events are signed with; the primary one first. `Debug` shows none.
pub struct EventKeys(Vec<hmac::Key>);

impl EventKeys {
    /// Reads them from their secret (`EVENT_WEBHOOK_KEYS_SECRET_ID`), which has the form of every
    /// ring: `{"primary": id, "keys": {id: base64 of 32 bytes}}`. The receiver's secret is
    /// `whsec_` and that base64.
    pub fn from_json(text: &str) -> Result<Self, InvalidKeys> {
        let RingKeys { primary, keys } = RingKeys::from_json(text)?;
        let (first, others): (Vec<_>, Vec<_>) = keys.iter().partition(|(id, _)| **id == primary);
        let keys = first.into_iter().chain(others);
        Ok(Self(keys.map(|(_, key)| hmac_key(key)).collect()))
    }

    /// `webhook-signature` of a message: a signature for each key, with blanks between them.
    pub fn signatures(&self, id: &str, at: Timestamp, body: &str) -> String {
        let signed = format!("{id}.{}.{body}", at.unix());
        let signature = |key| {
            let mac = hmac::sign(key, signed.as_bytes());
            format!("v1,{}", base64_standard(mac.as_ref()))
        };
        let signatures: Vec<_> = self.0.iter().map(signature).collect();
        signatures.join(" ")
    }
}

impl fmt::Debug for EventKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventKeys")
            .field("keys", &self.0.len())
            .finish_non_exhaustive()
    }
}

/// Says in the log that the keys could not be read.
pub fn not_read(error: &SecretError) {
    tracing::error!(
        event = "event_keys_unread", %error,
        "the keys of the events' webhook could not be read: those in memory stay in use, and \
         without any, events wait"
    );
}

fn hmac_key(key: &Key256) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(primary: &str) -> EventKeys {
        let keys: serde_json::Map<_, _> = [("a", 1), ("b", 2)]
            .map(|(id, byte)| (id.to_owned(), base64_standard(&[byte; 32]).into()))
            .into_iter()
            .collect();
        let ring = serde_json::json!({"primary": primary, "keys": keys});
        EventKeys::from_json(&ring.to_string()).unwrap()
    }

    /// Python: base64.b64encode(hmac.new(bytes([N]) * 32, b"evt_1.10.{}", "sha256").digest())
    #[test]
    fn every_key_signs_and_the_primary_one_first() {
        let [of_a, of_b] = [SIGNATURE_A, SIGNATURE_B];
        let at = Timestamp::from_unix(10);
        for (primary, expected) in [
            ("a", format!("{of_a} {of_b}")),
            ("b", format!("{of_b} {of_a}")),
        ] {
            assert_eq!(keys(primary).signatures("evt_1", at, "{}"), expected);
        }
    }

    const SIGNATURE_A: &str = "v1,EcQ6XVN4k677minmAOSccvnyn7r8B+qgo3rUwgArTWc=";
    const SIGNATURE_B: &str = "v1,pCzvQbuYd8Dea4D5DU+QWJM8+vGzMz0D4c62HksZHhU=";
}
