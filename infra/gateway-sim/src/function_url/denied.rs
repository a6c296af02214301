//! What a function URL answers by itself. The texts are AWS's where they are known: from
//! "Troubleshoot signed requests for AWS APIs" (IAM User Guide), and from answers of the
//! same front in other services that others have published. Assumption: all of them are
//! 403 here, as `SignatureDoesNotMatch` is.

use axum::{
    http::{HeaderValue, StatusCode},
    response::Response,
};

use crate::{
    refusal::{GatewayRefusal, json_message},
    sigv4::Denied,
};

/// The answer of a function URL.
pub(super) fn answer(denied: Denied) -> Response {
    let (kind, member, message) = match denied {
        Denied::Gateway(refusal) => return gateway(refusal),
        Denied::Unsigned => (
            "AccessDeniedException",
            "Message",
            "Forbidden. For troubleshooting Function URL authorization issues, see: \
             https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
                .to_owned(),
        ),
        Denied::Incomplete(message) => ("IncompleteSignatureException", "message", message.into()),
        Denied::InTheQuery => (
            "IncompleteSignatureException",
            "message",
            "This run takes no signature in the query: send it in the Authorization header."
                .to_owned(),
        ),
        Denied::UnknownKey => (
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
    typed(kind, member, &message)
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

fn typed(kind: &'static str, member: &str, message: &str) -> Response {
    let mut response = json_message(StatusCode::FORBIDDEN, member, message);
    response
        .headers_mut()
        .insert("x-amzn-errortype", HeaderValue::from_static(kind));
    response
}
