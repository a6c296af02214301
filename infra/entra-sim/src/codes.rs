//! Authorization codes: opaque, single use, ten minutes.
//!
//! A code remembers what its sign-in was for; redemption compares everything.
//! Redeemed codes are kept until they expire, so that a second use can be told
//! from an unknown code. Codes do not survive a restart.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use crate::authority::Version;
use crate::directory::tenants::{Person, Tenant};
use crate::errors::{CODE_EXPIRED, CODE_REDEEMED, INVALID_CODE, Refusal};
use crate::platform::{RandomnessFailed, random_text};

/// A code's life in seconds.
const LIFE: u64 = 600;

/// What a code stands for.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) version: Version,
    /// [`Authority::key`](crate::authority::Authority::key) of the sign-in.
    pub(crate) authority: String,
    pub(crate) client_id: Uuid,
    pub(crate) redirect_uri: String,
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) person: Person,
    /// v1's `resource`, where the sign-in named one.
    pub(crate) resource: Option<String>,
    /// v2's `scope`.
    pub(crate) scopes: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<Challenge>,
}

/// A PKCE challenge (RFC 7636).
#[derive(Debug, Clone)]
pub(crate) struct Challenge {
    pub(crate) value: String,
    pub(crate) sha256: bool,
}

struct Issued {
    grant: Arc<Grant>,
    expires_at: u64,
    redeemed: bool,
}

/// The codes that are out.
#[derive(Default)]
pub(crate) struct Codes(Mutex<HashMap<String, Issued>>);

impl Codes {
    /// Makes a code for the grant.
    pub(crate) fn issue(&self, grant: Grant, now: u64) -> Result<String, RandomnessFailed> {
        // As long as the real ones, so that URLs have a realistic length.
        let code = format!("1.{}", random_text::<480>()?);
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|_, issued| issued.expires_at > now);
        codes.insert(
            code.clone(),
            Issued {
                grant: Arc::new(grant),
                expires_at: now.saturating_add(LIFE),
                redeemed: false,
            },
        );
        Ok(code)
    }

    /// Takes the code's grant if `suits` agrees, once. Of two redemptions at
    /// the same time one is refused.
    pub(crate) fn redeem(
        &self,
        code: &str,
        now: u64,
        suits: impl FnOnce(&Grant) -> Result<(), Refusal>,
    ) -> Result<Arc<Grant>, Refusal> {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let issued = codes.get_mut(code).ok_or_else(|| {
            INVALID_CODE.because("The provided value for the input parameter 'code' is not valid.")
        })?;
        if issued.redeemed {
            return Err(CODE_REDEEMED.because(
                "OAuth2 Authorization code was already redeemed, please retry with a new valid code \
                 or use an existing refresh token.",
            ));
        }
        if now >= issued.expires_at {
            return Err(CODE_EXPIRED
                .because("The provided authorization code or refresh token has expired."));
        }
        // Assumption `failed-redemption-keeps-code`.
        suits(&issued.grant)?;
        issued.redeemed = true;
        Ok(Arc::clone(&issued.grant))
    }
}
