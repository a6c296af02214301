//! Invites: links that bind the tenant that consents to one customer account, once.
//!
//! The link carries a random id. The table knows only its SHA-256, so that whoever can
//! read the table holds no link; nobody but the person who was sent it does. How one is
//! made is in `inviting.rs`; it is used up in the same transaction that binds a tenant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::cause::CauseCode;
use crate::cloud::Cloud;
use crate::digest::sha256;
use crate::encoding::{base64url, from_base64url};
use crate::identifiers::{Customer, TenantId};
use crate::secret::{ExposeSecret, SecretString};
use crate::timestamp::Timestamp;

/// 192 random bits: 32 characters in the link.
const ID_BYTES: usize = 24;

/// The id in a link. Whoever knows it can bind a tenant to its customer account: it
/// stands in the link and nowhere else. Its `Debug` shows nothing.
pub struct InviteId(SecretString);

/// What the table calls an invite: the SHA-256 of its id. Opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct InviteKey(String);

/// The text is no invite's id: cut off, or never one of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an invite's id")]
pub struct NotAnInvite;

impl InviteId {
    /// A new one of random bytes.
    pub fn new(random: [u8; ID_BYTES]) -> Self {
        Self(base64url(&random).into())
    }

    /// Its name in the table.
    pub fn key(&self) -> InviteKey {
        InviteKey(base64url(&sha256(self.0.expose_secret().as_bytes())))
    }

    /// The id's text, for the link and for the form behind it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl FromStr for InviteId {
    type Err = NotAnInvite;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let bytes = from_base64url(text).ok_or(NotAnInvite)?;
        match bytes.len() {
            ID_BYTES => Ok(Self(text.to_owned().into())),
            _ => Err(NotAnInvite),
        }
    }
}

impl fmt::Debug for InviteId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InviteId([REDACTED])")
    }
}

impl fmt::Display for InviteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// An invite as the table keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invite {
    /// The account that the tenant will be bound to.
    pub customer: Customer,
    /// The only tenant that may be bound with it, where one is named.
    pub tenant: Option<TenantId>,
    /// The operator's word that whoever holds the link may bind the named tenant, also
    /// without a role that shows it.
    pub vouched: bool,
    /// The cloud that the tenant lives in, where it is said.
    pub cloud: Option<Cloud>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From then on it is refused.
    pub expires_at: Timestamp,
    /// Where the result page offers to go on, from the allow-list.
    pub return_url: Option<Url>,
    /// The tenant that was bound with it: it binds no other one.
    pub used_by: Option<TenantId>,
}

impl Invite {
    /// Whether a tenant can still be bound with it; else what the person is told.
    pub fn check_usable(&self, now: Timestamp) -> Result<(), CauseCode> {
        if self.used_by.is_some() {
            return Err(CauseCode::InviteUsed);
        }
        match now < self.expires_at {
            true => Ok(()),
            false => Err(CauseCode::InviteExpired),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_comes_back_from_its_text_and_names_the_same_invite() {
        let id = InviteId::new([7; ID_BYTES]);
        let read: InviteId = id.expose().parse().unwrap();
        assert_eq!(read.key(), id.key());
        assert_eq!(id.expose().len(), 32);
        assert_ne!(id.key().to_string(), id.expose());
        assert_eq!(format!("{id:?}"), "InviteId([REDACTED])");
    }

    #[test]
    fn nothing_else_is_an_id() {
        let id = InviteId::new([7; ID_BYTES]).expose().to_owned();
        let cut = &id[..31];
        for text in [
            "",
            "x",
            cut,
            &format!("{id}A"),
            "<script>",
            &id.replace('H', "+"),
        ] {
            assert!(text.parse::<InviteId>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_invite_is_usable_once_and_in_time() {
        let mut invite = Invite {
            customer: "Contoso".parse().unwrap(),
            tenant: None,
            vouched: false,
            cloud: None,
            created_at: Timestamp::from_unix(0),
            expires_at: Timestamp::from_unix(100),
            return_url: None,
            used_by: None,
        };
        assert_eq!(invite.check_usable(Timestamp::from_unix(99)), Ok(()));
        let over = invite.check_usable(Timestamp::from_unix(100));
        assert_eq!(over, Err(CauseCode::InviteExpired));
        invite.used_by = Some(TenantId::CONSUMERS);
        let used = invite.check_usable(Timestamp::from_unix(0));
        assert_eq!(used, Err(CauseCode::InviteUsed));
    }
}
