//! Graph's refusals: `{"error":{"code","message","innerError"}}`.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::answer;
use crate::directory::applications::RegisterError;
use crate::platform::RandomnessFailed;

type Row = (StatusCode, &'static str);

pub(super) const NO_TOKEN: Row = (StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken");
/// A proof that does not hold: microsoft-graph-docs#14626 and #22076.
pub(super) const BAD_PROOF: Row = (
    StatusCode::UNAUTHORIZED,
    "Authentication_MissingOrMalformed",
);
pub(super) const NO_PERMISSION: Row = (StatusCode::FORBIDDEN, "Authorization_RequestDenied");
pub(super) const NOT_FOUND: Row = (StatusCode::NOT_FOUND, "Request_ResourceNotFound");
pub(super) const BAD_REQUEST: Row = (StatusCode::BAD_REQUEST, "Request_BadRequest");
pub(super) const LIFETIME: Row = (
    StatusCode::BAD_REQUEST,
    "CredentialInvalidLifetimeAsPerAppPolicy",
);
pub(super) const TYPE_NOT_ALLOWED: Row = (
    StatusCode::BAD_REQUEST,
    "CredentialTypeNotAllowedAsPerAppPolicy",
);
const OUT_OF_SERVICE: Row = (StatusCode::SERVICE_UNAVAILABLE, "serviceNotAvailable");

/// A refusal with its words.
#[derive(Debug)]
pub(super) struct Refused {
    row: Row,
    message: String,
}

impl Refused {
    pub(super) fn by(row: Row, message: impl Into<String>) -> Self {
        Self {
            row,
            message: message.into(),
        }
    }

    pub(super) fn answer(&self) -> Response {
        let (status, code) = self.row;
        let error = json!({"code": code, "message": self.message, "innerError": {}});
        answer::json(status, &json!({"error": error}))
    }
}

impl From<RegisterError> for Refused {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::KeyCredential { problem, .. } => Self::by(BAD_REQUEST, problem),
            other => Self::by(OUT_OF_SERVICE, other.to_string()),
        }
    }
}

impl From<RandomnessFailed> for Refused {
    fn from(_: RandomnessFailed) -> Self {
        Self::by(OUT_OF_SERVICE, "The simulator has no random numbers.")
    }
}
