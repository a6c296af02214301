//! The API's refusals, one row for each code: `{"error":{"code","message"}}`.
//!
//! Codes and words are the reference's. Where it names no status:
//! assumption `af-status`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::json;

use crate::answer;

/// One row.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct AfError {
    pub(crate) code: &'static str,
    status: u16,
    /// What a fault that asks for the code says.
    message: &'static str,
}

/// A refusal with its words.
#[derive(Debug)]
pub(crate) struct Refused {
    pub(crate) error: &'static AfError,
    message: String,
    /// Seconds to wait, in a header.
    retry_after: Option<u64>,
}

const fn row(code: &'static str, status: u16, message: &'static str) -> AfError {
    AfError {
        code,
        status,
        message,
    }
}

const WINDOW_RULE: &str = "Start time and end time must both be specified (or both omitted) and \
    must be less than or equal to 24 hours apart, with the start time no more than 7 days in the past.";

pub(crate) static NO_PERMISSION: AfError = row(
    "AF10001",
    401,
    "The permission set () sent in the request does not include the expected permission.",
);
pub(crate) static MISSING: AfError = row("AF20001", 400, "Missing parameter.");
pub(crate) static WRONG_TYPE: AfError = row("AF20002", 400, "Invalid parameter type.");
pub(crate) static WEBHOOK_EXPIRED: AfError = row(
    "AF20003",
    400,
    "Expiration provided is set to past date and time.",
);
pub(crate) static OTHER_TENANT: AfError = row(
    "AF20010",
    400,
    "The tenant ID passed in the URL does not match the tenant ID passed in the access token.",
);
pub(crate) static NO_TENANT: AfError = row(
    "AF20011",
    400,
    "Specified tenant ID does not exist in the system or has been deleted.",
);
static MISCONFIGURED: AfError = row(
    "AF20012",
    400,
    "Specified tenant ID is incorrectly configured in the system.",
);
pub(crate) static NOT_A_GUID: AfError = row(
    "AF20013",
    400,
    "The tenant ID passed in the URL is not a valid GUID.",
);
pub(crate) static BAD_TYPE: AfError =
    row("AF20020", 400, "The specified content type is not valid.");
pub(crate) static WEBHOOK_REFUSED: AfError = row(
    "AF20021",
    400,
    "The webhook endpoint could not be validated.",
);
pub(crate) static NO_SUBSCRIPTION: AfError = row(
    "AF20022",
    400,
    "No subscription found for the specified content type.",
);
pub(crate) static DISABLED: AfError = row("AF20023", 400, "The subscription was disabled.");
pub(crate) static NO_CHANGE: AfError = row(
    "AF20024",
    400,
    "The subscription is already enabled. No property change.",
);
pub(crate) static BAD_WINDOW: AfError = row("AF20030", 400, WINDOW_RULE);
pub(crate) static BAD_PAGE: AfError = row("AF20031", 400, "Invalid nextPage Input.");
pub(crate) static NO_CONTENT: AfError =
    row("AF20050", 404, "The specified content does not exist.");
pub(crate) static EXPIRED: AfError = row(
    "AF20051",
    400,
    "Content requested has already expired. Content older than 7 days cannot be retrieved.",
);
pub(crate) static BAD_CONTENT_ID: AfError =
    row("AF20052", 400, "Content ID in the URL is invalid.");
pub(crate) static LANGUAGES: AfError = row(
    "AF20053",
    400,
    "Only one language may be present in the Accept-Language header.",
);
pub(crate) static BAD_LANGUAGE: AfError =
    row("AF20054", 400, "Invalid syntax in Accept-Language header.");
pub(crate) static TOO_OLD: AfError = row("AF20055", 400, WINDOW_RULE);
pub(crate) static THROTTLED: AfError = row("AF429", 403, "Too many requests.");
static INTERNAL: AfError = row(
    "AF50000",
    500,
    "An internal error occurred. Retry the request.",
);
static INTERNAL_5: AfError = row("AF50005", 500, "An internal error occurred.");
static INTERNAL_6: AfError = row("AF50006", 500, "An internal error occurred.");

#[rustfmt::skip]
static ALL: [&AfError; 27] = [
    &NO_PERMISSION, &MISSING, &WRONG_TYPE, &WEBHOOK_EXPIRED, &OTHER_TENANT, &NO_TENANT, &MISCONFIGURED,
    &NOT_A_GUID, &BAD_TYPE, &WEBHOOK_REFUSED, &NO_SUBSCRIPTION, &DISABLED, &NO_CHANGE, &BAD_WINDOW,
    &BAD_PAGE, &NO_CONTENT, &EXPIRED, &BAD_CONTENT_ID, &LANGUAGES, &BAD_LANGUAGE, &TOO_OLD, &THROTTLED,
    &INTERNAL, &INTERNAL_5, &INTERNAL_6, &AUDITING_OFF, &UNAUTHORIZED,
];

/// `code` and `message` of a start where auditing is off are texts of .NET; see
/// [`auditing_off`].
static AUDITING_OFF: AfError = row("StartSubscription", 400, "Tenant does not exist.");
/// No body of the API's own: what its front says of a bearer that it does not believe.
/// Assumption `unauthorized-body`.
pub(crate) static UNAUTHORIZED: AfError = row(
    "Unauthorized",
    401,
    "Authorization has been denied for this request.",
);

impl AfError {
    /// The row of that code.
    pub(crate) fn find(code: &str) -> Option<&'static Self> {
        ALL.iter().copied().find(|known| known.code == code)
    }

    pub(crate) fn because(&'static self, message: impl Into<String>) -> Refused {
        Refused {
            error: self,
            message: message.into(),
            retry_after: None,
        }
    }
}

impl From<&'static AfError> for Refused {
    fn from(error: &'static AfError) -> Self {
        error.because(error.message)
    }
}

/// What /start answers for a tenant whose auditing is off: the code holds a trace.
pub(crate) fn auditing_off(tenant: uuid::Uuid) -> Refused {
    AUDITING_OFF.because(format!(
        "Microsoft.Office.Compliance.Audit.DataServiceException: Tenant {tenant} does not exist.\r\n   \
         at Microsoft.Office.Compliance.Audit.API.AzureManager.<GetSubscriptionTableClientForTenantAsync>d__52.MoveNext()"
    ))
}

impl Refused {
    /// With a `Retry-After`, which the reference does not name.
    pub(crate) fn after(self, retry_after: Option<u64>) -> Self {
        Self {
            retry_after,
            ..self
        }
    }

    pub(crate) fn to_response(&self) -> Response {
        let mut response = self.bare_response();
        if let Some(seconds) = self.retry_after {
            let seconds = HeaderValue::from(seconds);
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }

    fn bare_response(&self) -> Response {
        let status = StatusCode::from_u16(self.error.status).unwrap_or(StatusCode::BAD_REQUEST);
        if self.error == &UNAUTHORIZED {
            let mut response = answer::json(status, &json!({"Message": self.message}));
            let scheme = HeaderValue::from_static("Bearer");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
            return response;
        }
        if self.error == &THROTTLED {
            return answer::json_text(status, self.single_quoted());
        }
        let code = if self.error == &AUDITING_OFF {
            "StartSubscription [CorrId=00000000-0000-0000-0000-000000000000] : Failed while starting the subscription"
        } else {
            self.error.code
        };
        answer::json(
            status,
            &json!({"error": {"code": code, "message": self.message}}),
        )
    }

    /// As in the troubleshooting page's sample: no strict JSON.
    /// Assumption `single-quoted-errors`.
    fn single_quoted(&self) -> String {
        let (code, message) = (self.error.code, &self.message);
        format!("{{'error':{{'code':'{code}','message':'{message}'}}}}")
    }
}
