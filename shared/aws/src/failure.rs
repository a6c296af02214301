//! What a failed call to AWS means, in our words. AWS's messages carry account
//! numbers, ARNs and parts of requests; of them only the error code is passed on.

use std::error::Error;
use std::iter::successors;

use auth::transport::{Awaited, NoAnswer, Party, TransportFault};
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ConnectorError, ProvideErrorMetadata, SdkError};

/// A failure by what can be done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// Worth another try; the text says what happened.
    Unavailable(String),
    /// No connection that can be trusted comes about until an operator has acted; the text
    /// says what to do.
    Untrusted(String),
    /// The service knows no such thing.
    NotFound,
    /// We may not; carries the error code.
    Denied(String),
    /// The service finds the request at fault; carries the error code.
    Refused(String),
}

/// Codes that pass by themselves although they come with a status of 400.
const PASSING: &[&str] = &[
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
    "Throttling",
    "LimitExceededException",
    "TransactionInProgressException",
    "TransactionConflictException",
    "ReplicatedWriteConflictException",
    "RequestTimeoutException",
    // Lambda renews a role's credentials; an expired set is replaced within moments.
    "ExpiredTokenException",
    "ExpiredToken",
];

/// Codes for a caller without the permission, or without valid credentials.
const DENIED: &[&str] = &[
    "AccessDeniedException",
    "AccessDenied",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "IncompleteSignatureException",
    "IncompleteSignature",
    "MissingAuthenticationTokenException",
    "MissingAuthenticationToken",
    "InvalidClientTokenId",
    "OptInRequired",
];

/// Sorts a failed call.
pub(crate) fn classify<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Failure {
    match error {
        SdkError::TimeoutError(_) => {
            let late = TransportFault::TimedOut(Awaited::Answer);
            Failure::Unavailable(late.explained(Party::Aws))
        }
        SdkError::DispatchFailure(failure) => undispatched(failure.as_connector_error()),
        SdkError::ResponseError(_) => {
            Failure::Unavailable("an answer came that cannot be read".into())
        }
        SdkError::ServiceError(refusal) => refused(
            refusal.err().code().unwrap_or("no error code"),
            refusal.raw().status().as_u16(),
        ),
        _ => Failure::Refused("the request could not be built".into()),
    }
}

/// Why no answer came, where it was the network.
pub(crate) fn no_answer<E>(error: &SdkError<E, HttpResponse>) -> Option<&NoAnswer> {
    match error {
        SdkError::DispatchFailure(failure) => none_came(failure.as_connector_error()),
        _ => None,
    }
}

fn none_came(error: Option<&ConnectorError>) -> Option<&NoAnswer> {
    // Under the SDK's own errors, where STS or SSO was asked for credentials.
    let mut sources = successors(error.and_then(Error::source), |&error| error.source());
    sources.find_map(|error| error.downcast_ref::<NoAnswer>())
}

/// What is not the network's comes from the SDK: no credentials, mostly.
fn undispatched(error: Option<&ConnectorError>) -> Failure {
    match none_came(error) {
        Some(none) if none.fault.may_pass_at_once() => {
            Failure::Unavailable(none.explained(Party::Aws))
        }
        Some(none) => Failure::Untrusted(none.explained(Party::Aws)),
        None => Failure::Unavailable(
            "the request could not be sent: check credentials, AWS_REGION and AWS_ENDPOINT_URL"
                .into(),
        ),
    }
}

fn refused(code: &str, status: u16) -> Failure {
    // A code is one word; anything else did not come from AWS and is not repeated.
    let word: String = code.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    if status >= 500 || PASSING.contains(&code) {
        Failure::Unavailable(format!("it answered {word} ({status})"))
    } else if code == "ResourceNotFoundException" {
        Failure::NotFound
    } else if DENIED.contains(&code) {
        Failure::Denied(word)
    } else {
        Failure::Refused(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_sorted_by_its_code_and_status() {
        let unavailable = |text: &str| Failure::Unavailable(text.into());
        let rows = [
            (
                "ThrottlingException",
                400,
                unavailable("it answered ThrottlingException (400)"),
            ),
            (
                "InternalServerError",
                500,
                unavailable("it answered InternalServerError (500)"),
            ),
            (
                "AnythingAtAll",
                503,
                unavailable("it answered AnythingAtAll (503)"),
            ),
            ("ResourceNotFoundException", 400, Failure::NotFound),
            (
                "AccessDeniedException",
                400,
                Failure::Denied("AccessDeniedException".into()),
            ),
            (
                "ValidationException",
                400,
                Failure::Refused("ValidationException".into()),
            ),
        ];
        for (code, status, expected) in rows {
            assert_eq!(refused(code, status), expected, "{code}");
        }
    }
}
