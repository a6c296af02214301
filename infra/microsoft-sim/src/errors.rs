//! Every refusal: AADSTS number, OAuth error, HTTP status, and how it is written.
//!
//! One row per number. A handler picks a row and says why; the body (or page,
//! or redirect) is made here, in Entra ID's own shape.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::json;

use crate::answer;
use crate::exchange::Exchange;
use crate::keys::SigningFailed;
use crate::platform::RandomnessFailed;

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Aadsts {
    pub(crate) code: u32,
    /// OAuth 2.0 `error`.
    pub(crate) error: &'static str,
    status: StatusCode,
}

/// A request that is not granted.
#[derive(Debug)]
pub(crate) struct Refusal {
    row: Aadsts,
    message: String,
}

macro_rules! rows {
    ($($name:ident = $code:literal, $error:literal, $status:ident;)*) => {
        $(pub(crate) const $name: &Aadsts = &Aadsts {
            code: $code,
            error: $error,
            status: StatusCode::$status,
        };)*

        /// Every row.
        const ROWS: &[&Aadsts] = &[$($name),*];
    };
}

// Assumption `status-and-error`: 400 where the reference gives none, 401 where
// the client's own proof fails. Answers of the service, recorded in MSAL.NET's
// tests (MockHelpers.cs), settle the error of 50027, 90014, 700016, 700021,
// 700024, 5002723 and 5002738.
rows! {
    REDIRECT_URI_MISMATCH = 50011, "invalid_request", BAD_REQUEST;
    // Assumption `changed-redirect-uri`.
    REDIRECT_URI_CHANGED = 500_112, "invalid_grant", BAD_REQUEST;
    RESOURCE_NOT_IN_TENANT = 500_011, "invalid_resource", BAD_REQUEST;
    MALFORMED_ASSERTION = 50027, "invalid_request", BAD_REQUEST;
    NO_THUMBPRINT = 5_002_723, "invalid_client", UNAUTHORIZED;
    UNSUPPORTED_ALGORITHM = 5_002_738, "invalid_client", UNAUTHORIZED;
    TRANSIENT = 50033, "temporarily_unavailable", SERVICE_UNAVAILABLE;
    USER_NOT_IN_DIRECTORY = 50034, "invalid_grant", BAD_REQUEST;
    SUBJECT_IS_NOT_ISSUER = 50048, "invalid_client", UNAUTHORIZED;
    UNKNOWN_INSTANCE = 50049, "invalid_instance", BAD_REQUEST;
    NOT_SIGNED_IN = 50058, "login_required", BAD_REQUEST;
    NO_TENANT_INFORMATION = 50059, "invalid_request", BAD_REQUEST;
    BAD_CODE_CHALLENGE = 501_491, "invalid_request", BAD_REQUEST;
    WRONG_CODE_VERIFIER = 501_481, "invalid_grant", BAD_REQUEST;
    NOT_MULTI_TENANT = 50194, "invalid_request", BAD_REQUEST;
    LOOP_DETECTED = 50196, "invalid_grant", BAD_REQUEST;
    CODE_REDEEMED = 54005, "invalid_grant", BAD_REQUEST;
    NOT_CONSENTED = 65001, "consent_required", BAD_REQUEST;
    CONSENT_DECLINED = 65004, "access_denied", BAD_REQUEST;
    // The same number with another error: Microsoft's page on v2.0 adminconsent.
    ADMIN_CONSENT_DECLINED = 65004, "consent_required", BAD_REQUEST;
    INVALID_PERMISSION = 650_051, "invalid_client", BAD_REQUEST;
    RESOURCE_NOT_REQUIRED = 650_057, "invalid_resource", BAD_REQUEST;
    INVALID_CODE = 70000, "invalid_grant", BAD_REQUEST;
    CODE_OF_ANOTHER_TENANT = 700_005, "invalid_grant", BAD_REQUEST;
    UNSUPPORTED_GRANT_TYPE = 70003, "unsupported_grant_type", BAD_REQUEST;
    UNSUPPORTED_RESPONSE_TYPE = 70005, "unsupported_response_type", BAD_REQUEST;
    ID_TOKEN_NOT_ENABLED = 700_054, "unsupported_response_type", BAD_REQUEST;
    UNSUPPORTED_RESPONSE_MODE = 70007, "invalid_request", BAD_REQUEST;
    CODE_EXPIRED = 70008, "invalid_grant", BAD_REQUEST;
    INVALID_SCOPE = 70011, "invalid_scope", BAD_REQUEST;
    APP_DISABLED = 7_000_112, "unauthorized_client", BAD_REQUEST;
    APP_NOT_IN_DIRECTORY = 700_016, "unauthorized_client", BAD_REQUEST;
    ASSERTION_OF_ANOTHER_APP = 700_021, "invalid_client", UNAUTHORIZED;
    SEVERAL_RESOURCES = 700_022, "invalid_scope", BAD_REQUEST;
    WRONG_AUDIENCE = 700_023, "invalid_client", UNAUTHORIZED;
    ASSERTION_OUT_OF_TIME = 700_024, "invalid_client", UNAUTHORIZED;
    ASSERTION_NOT_PROVEN = 700_027, "invalid_client", UNAUTHORIZED;
    WRONG_SECRET = 7_000_215, "invalid_client", UNAUTHORIZED;
    NO_CREDENTIAL = 7_000_218, "invalid_client", UNAUTHORIZED;
    NO_SERVICE_PRINCIPAL = 7_000_229, "invalid_client", UNAUTHORIZED;
    TENANT_NOT_FOUND = 90002, "invalid_request", BAD_REQUEST;
    MISSING_CLAIM = 90014, "invalid_request", BAD_REQUEST;
    BAD_TENANT_NAME = 900_023, "invalid_request", BAD_REQUEST;
    MISSING_FIELD = 900_144, "invalid_request", BAD_REQUEST;
    MALFORMED_REQUEST = 9_002_313, "invalid_request", BAD_REQUEST;
    CROSS_ORIGIN = 9_002_326, "invalid_request", BAD_REQUEST;
    ALIAS_NOT_ALLOWED = 9_001_023, "invalid_request", BAD_REQUEST;
    PROMPT_NOT_SUPPORTED = 901_001, "invalid_request", BAD_REQUEST;
    RESOURCE_NOT_SUPPORTED = 901_002, "invalid_request", BAD_REQUEST;
    ADMIN_CONSENT_REQUIRED = 90094, "access_denied", BAD_REQUEST;
}

impl Aadsts {
    /// The refusal, with a sentence for people.
    pub(crate) fn because(&self, message: impl Into<String>) -> Refusal {
        Refusal {
            row: *self,
            message: message.into(),
        }
    }
}

/// The refusal of that number, whatever the request was. One without a row fails the
/// client, which is the answer that is easiest to misread.
pub(crate) fn odd(code: u32) -> Refusal {
    let known = ROWS.iter().find(|row| row.code == code);
    let row = known.map_or(
        Aadsts {
            code,
            error: "invalid_client",
            status: StatusCode::UNAUTHORIZED,
        },
        |row| **row,
    );
    row.because("The request was refused once; nothing is wrong with it.")
}

/// Says which field is missing, in the service's words.
pub(crate) fn missing(field: &str) -> Refusal {
    MISSING_FIELD.because(format!(
        "The request body must contain the following parameter: '{field}'."
    ))
}

impl Refusal {
    pub(crate) fn code(&self) -> u32 {
        self.row.code
    }

    pub(crate) fn error(&self) -> &'static str {
        self.row.error
    }

    /// `error_description`: the number, the sentence, and lines to search logs
    /// by.
    pub(crate) fn description(&self, exchange: &Exchange) -> String {
        format!(
            "AADSTS{}: {}\r\nTrace ID: {}\r\nCorrelation ID: {}\r\nTimestamp: {}",
            self.row.code,
            self.message,
            exchange.trace_id(),
            exchange.correlation_id(),
            exchange.timestamp(),
        )
    }

    /// The token endpoint's JSON body.
    pub(crate) fn to_json(&self, exchange: &Exchange, base_url: &str) -> Response {
        let body = json!({
            "error": self.row.error,
            "error_description": self.description(exchange),
            "error_codes": [self.row.code],
            "timestamp": exchange.timestamp(),
            "trace_id": exchange.trace_id(),
            "correlation_id": exchange.correlation_id(),
            "error_uri": format!("{base_url}/error?code={}", self.row.code),
        });
        answer::json(self.row.status, &body)
    }
}

impl From<RandomnessFailed> for Refusal {
    fn from(_: RandomnessFailed) -> Self {
        TRANSIENT.because("The simulator has no random numbers.")
    }
}

impl From<SigningFailed> for Refusal {
    fn from(_: SigningFailed) -> Self {
        TRANSIENT.because("The simulator could not sign.")
    }
}

impl From<crate::files::OpenError> for Refusal {
    fn from(error: crate::files::OpenError) -> Self {
        tracing::error!(%error, "the simulated directory could not be kept");
        TRANSIENT.because("The simulator could not write its directory.")
    }
}
