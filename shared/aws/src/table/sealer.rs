//! Seals and opens the tokens of the table. A token is bound to its row: its tenant,
//! its resource, our application and its expiry; moved or altered, it does not open.
//! A token leaves this file sealed or inside its opaque type, and in no other way.
//!
//! Layout: the token's form (1 byte, `compact.rs`), and what the ring sealed. The form is
//! among what the token is bound to.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use auth::ports::Random;
use auth::ring::LiveRing;
use auth::sealing::{KeyRing, OpenError};
use auth::secret::Wiped;
use auth::token::{AccessToken, AppOnlyToken, TokenRecord};
use auth::{ClientId, Timestamp};

use super::compact::{Form, Packer, unpack};
use super::items::token::Sealed;

/// What tokens are sealed for: nothing that was sealed for another purpose opens here.
const PURPOSE: &str = "app-only token";

/// The ring, and whose tokens it seals.
pub(super) struct Sealer {
    ring: LiveRing<KeyRing>,
    packer: Packer,
    client_id: ClientId,
    random: Arc<dyn Random>,
}

impl Sealer {
    pub(super) fn new(
        ring: LiveRing<KeyRing>,
        client_id: ClientId,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            ring,
            packer: Packer::new(),
            client_id,
            random,
        }
    }

    pub(super) fn read_ring_again_after(&mut self, max_age: Duration) {
        self.ring.read_again_after(max_age);
    }

    /// Seals `token` for the row of `record`.
    pub(super) async fn seal(&self, record: &TokenRecord, token: &AppOnlyToken) -> Sealed {
        let ring = self.ring.current().await;
        let (form, packed) = self.knowing(record, |known| {
            self.packer.pack(token.access_token.expose(), known)
        });
        let mut bytes = vec![form as u8];
        bytes.extend(self.bound(record, token.expires_at, form, |fields| {
            ring.seal(PURPOSE, fields, &packed, self.random.as_ref())
        }));
        Sealed {
            bytes,
            expires_at: token.expires_at,
            issued_at: token.issued_at,
        }
    }

    /// The token of a row; `None`, and a line in the log, when it does not open.
    pub(super) async fn open(&self, record: &TokenRecord, sealed: &Sealed) -> Option<AppOnlyToken> {
        let ring = self.ring.current().await;
        let mut opened = self.open_with(&ring, record, sealed);
        if let Err(Unreadable::Sealed(OpenError::UnknownKey)) = opened {
            let ring = self.ring.after_unknown_key().await;
            opened = self.open_with(&ring, record, sealed);
        }
        let report = |error: &Unreadable| {
            tracing::error!(
                event = "sealed_token_unreadable",
                tenant = %record.tenant, resource = %record.resource, %error,
                "the sealed token of {} for {} does not open", record.tenant, record.resource
            );
        };
        opened.inspect_err(report).ok()
    }

    fn open_with(
        &self,
        ring: &KeyRing,
        record: &TokenRecord,
        sealed: &Sealed,
    ) -> Result<AppOnlyToken, Unreadable> {
        let (form, bytes) = sealed.bytes.split_first().ok_or(OpenError::Malformed)?;
        let form = Form::numbered(*form).ok_or(Unreadable::UnknownForm)?;
        let packed = Wiped::from(self.bound(record, sealed.expires_at, form, |fields| {
            ring.open(PURPOSE, fields, bytes)
        })?);
        let text = self.knowing(record, |known| unpack(form, &packed, known));
        let text = text.ok_or(Unreadable::NotText)?;
        let text = str::from_utf8(&text).map_err(|_| Unreadable::NotText)?;
        Ok(AppOnlyToken {
            access_token: AccessToken::new(text.to_owned()),
            expires_at: sealed.expires_at,
            issued_at: sealed.issued_at,
        })
    }

    /// Calls with the fields that the token of a row is bound to, beside the ring's format,
    /// the purpose and the key's id, which the ring binds by itself.
    fn bound<T>(
        &self,
        record: &TokenRecord,
        expires_at: Timestamp,
        form: Form,
        call: impl FnOnce(&[&[u8]]) -> T,
    ) -> T {
        call(&[
            record.tenant.as_bytes(),
            record.resource.as_str().as_bytes(),
            self.client_id.to_string().as_bytes(),
            &expires_at.unix().to_be_bytes(),
            &[form as u8],
        ])
    }

    /// Calls with what a row shows in the clear and its token says again.
    fn knowing<T>(&self, record: &TokenRecord, call: impl FnOnce(&[&str]) -> T) -> T {
        let resource = record.resource.as_str();
        call(&[
            resource,
            &self.client_id.to_string(),
            &record.tenant.to_string(),
        ])
    }
}

/// Why a sealed token is read as absent.
enum Unreadable {
    Sealed(OpenError),
    UnknownForm,
    NotText,
}

impl From<OpenError> for Unreadable {
    fn from(error: OpenError) -> Self {
        Unreadable::Sealed(error)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreadable::Sealed(error) => error.fmt(f),
            Unreadable::UnknownForm => {
                f.write_str("sealed in a form that this version does not know")
            }
            Unreadable::NotText => f.write_str("what was sealed is not text"),
        }
    }
}
