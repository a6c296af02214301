//! How this process proves who it is: a signed `GetCallerIdentity` request (decision 0051), made
//! with the credentials that the SDK finds, which in Lambda are those of the function's role.
//! The request is never sent from here: vending sends it, and STS says who signed.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use auth::Timestamp;
use auth::caller::{IDENTITY_REQUEST_BODY, IdentityRules, SERVER_ID_HEADER, signed_request};
use auth::secret::SecretString;
use aws_sdk_dynamodb::config::{Credentials, ProvideCredentials as _};
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;

use crate::connect::Connection;

/// Vending takes a proof for five minutes of its date, and two clocks differ: it is used for
/// two, by as many requests as there are, so that STS is asked about it once.
const USED_FOR: Duration = Duration::from_secs(2 * 60);
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// What a proof is made of.
pub struct OwnProofParts {
    /// Whose credentials sign.
    pub connection: Connection,
    /// The name of the broker, and the regions whose STS it asks: the first one is taken.
    pub rules: IdentityRules,
}

/// Makes proofs and keeps the last one.
pub struct OwnProof {
    parts: OwnProofParts,
    kept: Mutex<Option<(Timestamp, SecretString)>>,
}

impl OwnProof {
    /// Makes none yet.
    pub fn new(parts: OwnProofParts) -> Self {
        Self {
            parts,
            kept: Mutex::default(),
        }
    }

    /// A proof that is good now. The error is a text for the log.
    pub(super) async fn text(&self, now: Timestamp) -> Result<SecretString, String> {
        let is_fresh = |at: Timestamp| at <= now && now < at + USED_FOR;
        if let Some((at, text)) = &*self.kept()
            && is_fresh(*at)
        {
            return Ok(text.clone());
        }
        let none = || "there are no AWS credentials".to_owned();
        let provider = self.parts.connection.credentials().ok_or_else(none)?;
        // The provider's own words can hold a path or a URL.
        let credentials = provider.provide_credentials().await.map_err(|_| none())?;
        let text = self.signed(credentials, now);
        let text = text.ok_or_else(|| "the proof cannot be signed".to_owned())?;
        *self.kept() = Some((now, text.clone()));
        Ok(text)
    }

    /// Another one is made next. Says whether there was one.
    pub(super) fn forget(&self) -> bool {
        self.kept().take().is_some()
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Option<(Timestamp, SecretString)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn signed(&self, credentials: Credentials, now: Timestamp) -> Option<SecretString> {
        let rules = &self.parts.rules;
        let (url, region) = rules.regions.first()?;
        let identity = credentials.into();
        let seconds = u64::try_from(now.unix()).ok()?;
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name("sts")
            .time(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
            .settings(SigningSettings::default())
            .build()
            .ok()?;
        let own = [FORM, (SERVER_ID_HEADER, rules.server_id.as_str())];
        let body = SignableBody::Bytes(IDENTITY_REQUEST_BODY.as_bytes());
        let request = SignableRequest::new("POST", &url, own.into_iter(), body).ok()?;
        let (added, _) = sign(request, &parameters.into()).ok()?.into_parts();
        Some(signed_request(&url, own.into_iter().chain(added.headers())))
    }
}
