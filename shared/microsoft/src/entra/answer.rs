//! The answer of a token endpoint: a token, or the reason why not (RFC 6749 §5).

use std::time::Duration;

use auth::cause::{Cause, CauseCode};
use auth::ports::{AuthorityError, IssuedToken};
use auth::secret::{ExposeSecret as _, SecretString};
use auth::token::AccessToken;
use auth::transport::Party;
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::error_body::refusal;
use crate::http::{Answer, HttpError};
use crate::oidc::wire::{Seconds, optional_secret};

/// No token of Entra ID lives longer (28 h, with continuous access evaluation):
/// a larger number is not believed.
const LIFE_MAX_SECONDS: i64 = 28 * 60 * 60;

/// What a token endpoint gives out.
#[derive(Deserialize)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: Option<SecretString>,
    #[serde(default, deserialize_with = "optional_secret")]
    pub(crate) id_token: Option<SecretString>,
    token_type: Option<String>,
    /// RFC 6749 §5.2: whatever the status says, this is a refusal.
    error: Option<IgnoredAny>,
    #[serde(default)]
    expires_in: Seconds,
    #[serde(default)]
    refresh_in: Seconds,
}

impl TokenAnswer {
    /// Reads a 200; anything else is a refusal with its cause.
    pub(crate) fn read(answer: Result<Answer, HttpError>) -> Result<Self, AuthorityError> {
        let answer = answer.map_err(|error| no_answer(&error))?;
        if answer.status != reqwest::StatusCode::OK {
            return Err(refusal(&answer));
        }
        match serde_json::from_slice(&answer.body) {
            Ok(Self { error: Some(_), .. }) => Err(refusal(&answer)),
            Ok(read) => Ok(read),
            // A portal or a proxy in between.
            Err(_) => Err(not_an_answer("it is no token response")),
        }
    }

    /// The app-only token. Fails closed: a token that we cannot use by RFC 6749 §7.1,
    /// or without a life that can be believed, is no token. One odd answer is taken for
    /// an outage: it says nothing of the tenant, and nothing of the fleet.
    pub(crate) fn into_issued(self) -> Result<IssuedToken, AuthorityError> {
        let is_bearer = |token_type: &str| token_type.eq_ignore_ascii_case("bearer");
        if !self.token_type.as_deref().is_none_or(is_bearer) {
            return Err(not_an_answer("its token_type is not Bearer"));
        }
        let access_token = self
            .access_token
            .filter(|token| !token.expose_secret().is_empty())
            .ok_or_else(|| not_an_answer("it holds no access_token"))?;
        let positive = |seconds: Seconds| seconds.0.filter(|seconds| *seconds > 0);
        let life = positive(self.expires_in)
            .ok_or_else(|| not_an_answer("its expires_in is missing or not positive"))?
            .min(LIFE_MAX_SECONDS);
        Ok(IssuedToken {
            access_token: AccessToken::new(access_token),
            expires_in: seconds(life),
            refresh_in: positive(self.refresh_in).map(|after| seconds(after.min(life))),
        })
    }
}

fn seconds(positive: i64) -> Duration {
    Duration::from_secs(positive.unsigned_abs())
}

fn no_answer(error: &HttpError) -> AuthorityError {
    let code = match error {
        HttpError::NoAnswer(none) => {
            let (transport, why) = (none.fault.as_str(), none.explained(Party::Authority));
            tracing::warn!(
                event = "authority_unavailable",
                transport,
                "Entra ID gave no answer: {why}"
            );
            none.fault.cause()
        }
        HttpError::TooLarge => return not_an_answer("it is too large"),
        // No CA of the system can be read: that is this machine's.
        HttpError::Client => {
            tracing::warn!(event = "authority_unavailable", %error, "Entra ID was not asked");
            CauseCode::BrokerUnavailable
        }
    };
    Cause::new(code).into()
}

/// `what` is one of our own words: a body can hold a token.
fn not_an_answer(what: &'static str) -> AuthorityError {
    tracing::warn!(
        event = "authority_unavailable",
        what,
        "Entra ID's answer is not one: {what}"
    );
    Cause::new(CauseCode::Unavailable).into()
}
