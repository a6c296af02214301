//! Authorization codes: opaque, single use, ten minutes.
//!
//! A code remembers what its sign-in was for; redemption compares everything.
//! Redeemed codes are kept until they expire, so that a second use is not taken
//! for an unknown code. Codes do not survive a restart.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use crate::authority::Version;
use crate::directory::tenants::{Person, Tenant};
use crate::errors::{CODE_EXPIRED, CODE_REDEEMED, INVALID_CODE, Refusal};
use crate::platform::{RandomnessFailed, random_text};

/// A code's life in seconds.
const LIFE: u64 = 600;

/// What a sign-in is for, in the words of its version.
#[derive(Debug, Clone)]
pub(crate) enum Purpose {
    /// `resource`, where the sign-in named one.
    V1 { resource: Option<String> },
    /// `scope`: words that have been checked.
    V2 { scopes: Vec<String> },
}

/// What a code stands for.
#[derive(Debug, Clone)]
pub(crate) struct Grant {
    pub(crate) purpose: Purpose,
    /// [`Authority::key`](crate::authority::Authority::key) of the sign-in.
    pub(crate) authority: String,
    pub(crate) client_id: Uuid,
    pub(crate) redirect_uri: String,
    pub(crate) tenant: Arc<Tenant>,
    pub(crate) person: Person,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<Challenge>,
}

/// A PKCE challenge (RFC 7636).
#[derive(Debug, Clone)]
pub(crate) enum Challenge {
    Plain(String),
    S256(String),
}

struct IssuedCode {
    grant: Arc<Grant>,
    expires_at: u64,
    redeemed: bool,
}

/// The codes that are out.
#[derive(Default)]
pub(crate) struct Codes(Mutex<HashMap<String, IssuedCode>>);

impl Purpose {
    pub(crate) fn version(&self) -> Version {
        match self {
            Self::V1 { .. } => Version::V1,
            Self::V2 { .. } => Version::V2,
        }
    }

    /// None on v1.
    pub(crate) fn scopes(&self) -> &[String] {
        match self {
            Self::V1 { .. } => &[],
            Self::V2 { scopes } => scopes,
        }
    }

    pub(crate) fn has_scope(&self, scope: &str) -> bool {
        self.scopes().iter().any(|known| known == scope)
    }
}

impl Challenge {
    pub(crate) fn is_met_by(&self, verifier: &str) -> bool {
        match self {
            Self::Plain(challenge) => challenge == verifier,
            Self::S256(challenge) => {
                let digest = digest::digest(&digest::SHA256, verifier.as_bytes());
                URL_SAFE_NO_PAD.encode(digest) == *challenge
            }
        }
    }
}

impl Codes {
    /// Makes a code for the grant.
    pub(crate) fn issue(&self, grant: Grant, now: u64) -> Result<String, RandomnessFailed> {
        // As long as the real ones, so that URLs have a realistic length.
        let code = format!("1.{}", random_text::<480>()?);
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|_, issued| issued.expires_at > now);
        codes.insert(
            code.clone(),
            IssuedCode {
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
