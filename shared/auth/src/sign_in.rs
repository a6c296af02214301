//! A sign-in that was checked: what the token showed of the person, kept for as long as an
//! attempt to connect a tenant can take, and found by a receipt.
//!
//! Consent carries the receipt's id from the sign-in to the binding. The table knows only its
//! SHA-256: a row gives no receipt away. What consent itself says of the person is never
//! believed; the row decides.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::cloud::Cloud;
use crate::digest::sha256;
use crate::encoding::{base64url, from_base64url};
use crate::identifiers::TenantId;
use crate::secret::{ExposeSecret, SecretString};
use crate::timestamp::Timestamp;

/// From the code to the binding an admin passes two steps of ten minutes each; a minute more
/// for clocks that differ.
pub const RECEIPT_LIFE: Duration = Duration::from_secs(21 * 60);
/// 192 random bits.
const ID_BYTES: usize = 24;

/// The id of a receipt. Its holder can bind the tenant that signed in: it is in the attempt's
/// sealed cookie and nowhere else. Its `Debug` shows nothing.
#[derive(Clone)]
pub struct ReceiptId(SecretString);

/// What the table calls a receipt: the SHA-256 of its id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReceiptKey(String);

/// Not a receipt's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a receipt's id")]
pub struct NotAReceipt;

impl ReceiptId {
    /// A new one of random bytes.
    pub fn new(random: [u8; ID_BYTES]) -> Self {
        Self(base64url(&random).into())
    }

    /// Its name in the table.
    pub fn key(&self) -> ReceiptKey {
        ReceiptKey(base64url(&sha256(self.0.expose_secret().as_bytes())))
    }
}

impl FromStr for ReceiptId {
    type Err = NotAReceipt;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = from_base64url(text).ok_or(NotAReceipt)?;
        let id: [u8; ID_BYTES] = bytes.try_into().map_err(|_| NotAReceipt)?;
        Ok(Self::new(id))
    }
}

/// For the sealed cookie, and for the answer to consent alone.
impl Serialize for ReceiptId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose_secret())
    }
}

impl<'de> Deserialize<'de> for ReceiptId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Debug for ReceiptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReceiptId([REDACTED])")
    }
}

impl fmt::Display for ReceiptKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person's object ID (`oid`) in the directory of the tenant that signed in. A pseudonym:
/// only that directory says whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PersonId(Uuid);

impl FromStr for PersonId {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::try_parse(text).map(Self)
    }
}

impl fmt::Display for PersonId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// What a token showed of the person's directory roles (`wids`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AdminRole {
    /// One whose holders can grant the permissions.
    Held,
    /// None of these.
    NotHeld,
    /// The token has no such claim.
    NotShown,
}

impl AdminRole {
    /// The word in the table.
    pub fn as_str(self) -> &'static str {
        match self {
            AdminRole::Held => "held",
            AdminRole::NotHeld => "not_held",
            AdminRole::NotShown => "not_shown",
        }
    }
}

/// The text names no [`AdminRole`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be one of held, not_held, not_shown")]
pub struct NotAnAdminRole;

impl FromStr for AdminRole {
    type Err = NotAnAdminRole;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let all = [AdminRole::Held, AdminRole::NotHeld, AdminRole::NotShown];
        let found = all.into_iter().find(|role| role.as_str() == text);
        found.ok_or(NotAnAdminRole)
    }
}

/// A sign-in as the table keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// The tenant that signed in (`tid`).
    pub tenant: TenantId,
    /// The person, where the token says it.
    pub person: Option<PersonId>,
    /// Whether the person can grant the permissions.
    pub role: AdminRole,
    /// The permissions came in their delegated form.
    pub delegated: bool,
    /// Where the tenant lives, by its own metadata.
    pub home: Option<Cloud>,
    /// From then on nothing is bound by it.
    pub expires_at: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_comes_back_from_its_text_and_shows_itself_to_nobody() {
        let id = ReceiptId::new([7; ID_BYTES]);
        let text = serde_json::to_string(&id).unwrap();
        let read: ReceiptId = serde_json::from_str(&text).unwrap();
        assert_eq!(read.key(), id.key());
        assert!(!text.contains(&id.key().to_string()));
        assert_eq!(format!("{id:?}"), "ReceiptId([REDACTED])");
    }

    #[test]
    fn nothing_else_is_a_receipt() {
        let id = serde_json::to_value(ReceiptId::new([7; ID_BYTES])).unwrap();
        let id = id.as_str().unwrap();
        let longer = format!("{id}AAAA");
        let marked = id.replace('H', "+");
        let padded = format!("{id}=");
        for text in [
            "",
            "x",
            &id[..31],
            &id[..28],
            &longer,
            &marked,
            &padded,
            "<b>",
        ] {
            assert!(text.parse::<ReceiptId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_role_is_one_of_three_words() {
        for role in [AdminRole::Held, AdminRole::NotHeld, AdminRole::NotShown] {
            assert_eq!(role.as_str().parse(), Ok(role));
            let json = serde_json::to_value(role).unwrap();
            assert_eq!(json, role.as_str());
        }
        for text in ["", "Held", "admin", "true"] {
            assert_eq!(text.parse::<AdminRole>(), Err(NotAnAdminRole));
        }
    }
}
