//! The answer of a token endpoint: a token, or the reason why not (RFC 6749 §5).

use std::time::Duration;

use auth::cause::{Cause, CauseCode};
use auth::ports::{AuthorityError, IssuedToken};
use auth::secret::SecretString;
use auth::token::AccessToken;
use serde::Deserialize;

use crate::error_body::refusal;
use crate::http::{Answer, HttpError};
use crate::wire::Seconds;

/// No token of Entra ID lives longer (28 h, with continuous access evaluation):
/// a larger number is not believed.
const LIFE_MAX_SECONDS: i64 = 28 * 60 * 60;

/// What a token endpoint gives out.
#[derive(Deserialize)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: Option<SecretString>,
    pub(crate) id_token: Option<SecretString>,
    #[serde(default)]
    expires_in: Seconds,
    #[serde(default)]
    refresh_in: Seconds,
}

impl TokenAnswer {
    /// Reads a 200; anything else is a refusal with its cause.
    pub(crate) fn read(answer: Result<Answer, HttpError>) -> Result<Self, AuthorityError> {
        let answer = answer.map_err(|error| unavailable(&error))?;
        if answer.status != reqwest::StatusCode::OK {
            return Err(refusal(&answer));
        }
        serde_json::from_slice(&answer.body).map_err(|_| {
            // 200 with something else than JSON: a portal or a proxy in between.
            Cause::new(CauseCode::Unavailable).into()
        })
    }

    /// The app-only token. Fails closed: without a life that can be believed there is
    /// no token.
    pub(crate) fn into_issued(self) -> Result<IssuedToken, AuthorityError> {
        let invalid = || AuthorityError::from(Cause::new(CauseCode::TokenInvalid));
        let access_token = self.access_token.ok_or_else(invalid)?;
        let life = self.expires_in.0.filter(|seconds| *seconds > 0);
        let life = life.ok_or_else(invalid)?.min(LIFE_MAX_SECONDS);
        let refresh_in = self.refresh_in.0.filter(|seconds| *seconds > 0);
        Ok(IssuedToken {
            access_token: AccessToken::new(access_token),
            expires_in: seconds(life),
            refresh_in: refresh_in.map(|after| seconds(after.min(life))),
        })
    }
}

fn seconds(positive: i64) -> Duration {
    Duration::from_secs(positive.unsigned_abs())
}

fn unavailable(error: &HttpError) -> AuthorityError {
    tracing::warn!(event = "authority_unavailable", %error, "Entra ID gave no answer");
    Cause::new(CauseCode::Unavailable).into()
}
