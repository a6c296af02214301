//! What a function URL answers by itself. The texts are AWS's where they are known: from
//! "Troubleshoot signed requests for AWS APIs" (IAM User Guide), and from answers of the
//! same front in other services that others have published. Assumption: all of them are
//! 403 here, as `SignatureDoesNotMatch` is.

use axum::{
    http::{HeaderValue, StatusCode},
    response::Response,
};

use super::date::{AmzDate, CLOCK_SKEW};
use crate::refusal::{GatewayRefusal, json_message};

/// Why a request to a function URL goes no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Denied {
    /// For a reason that every gateway has.
    Gateway(GatewayRefusal),
    /// Not signed at all, or with something else than Signature Version 4.
    Unsigned,
    /// The Authorization header, or what it refers to, is not complete or not well formed.
    /// Says what is wrong, in our words.
    Incomplete(&'static str),
    /// Signed in the query, which AWS takes and this run does not.
    InTheQuery,
    /// Not for this day, region or service, or not over all that must be signed.
    Invalid(&'static str),
    /// Signed too long ago.
    Expired { signed: AmzDate, now: AmzDate },
    /// Signed in the future.
    NotYet { signed: AmzDate, now: AmzDate },
    /// Another key, or a session token, which the run's key does not have.
    UnknownKey,
    /// The signature is not of this request by this key.
    Mismatch,
}

impl From<GatewayRefusal> for Denied {
    fn from(refusal: GatewayRefusal) -> Self {
        Self::Gateway(refusal)
    }
}

impl Denied {
    pub(super) fn into_response(self) -> Response {
        let (kind, member, message) = match self {
            Self::Gateway(refusal) => return gateway(refusal),
            Self::Unsigned => (
                "AccessDeniedException",
                "Message",
                "Forbidden. For troubleshooting Function URL authorization issues, see: \
                 https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
                    .to_owned(),
            ),
            Self::Incomplete(message) => {
                ("IncompleteSignatureException", "message", message.into())
            }
            Self::InTheQuery => (
                "IncompleteSignatureException",
                "message",
                "This run takes no signature in the query: send it in the Authorization header."
                    .to_owned(),
            ),
            Self::UnknownKey => (
                "UnrecognizedClientException",
                "message",
                "The security token included in the request is invalid.".to_owned(),
            ),
            invalid => (
                "InvalidSignatureException",
                "message",
                invalid.why_invalid(),
            ),
        };
        answer(StatusCode::FORBIDDEN, kind, member, &message)
    }

    fn why_invalid(&self) -> String {
        match self {
            Self::Invalid(message) => (*message).to_owned(),
            Self::Expired { signed, now } => {
                let least = now.before(CLOCK_SKEW);
                format!("Signature expired: {signed} is now earlier than {least} ({now} - 5 min.)")
            }
            Self::NotYet { signed, now } => {
                let most = now.after(CLOCK_SKEW);
                format!(
                    "Signature not yet current: {signed} is still later than {most} ({now} + 5 min.)"
                )
            }
            _ => "The request signature we calculated does not match the signature you provided. \
                  Check your AWS Secret Access Key and signing method. Consult the service \
                  documentation for details."
                .to_owned(),
        }
    }
}

/// Assumption: a function that fails or takes too long is 502, anything else as at an
/// HTTP API.
fn gateway(refusal: GatewayRefusal) -> Response {
    match refusal {
        GatewayRefusal::Internal | GatewayRefusal::Unavailable => {
            json_message(StatusCode::BAD_GATEWAY, "Message", "Internal Server Error")
        }
        other => other.into_response(),
    }
}

fn answer(status: StatusCode, kind: &'static str, member: &str, message: &str) -> Response {
    let mut response = json_message(status, member, message);
    response
        .headers_mut()
        .insert("x-amzn-errortype", HeaderValue::from_static(kind));
    response
}
