//! From the SDK's errors to the port's. Texts have SQS's code, and no more.

use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::error::{ProvideErrorMetadata, SdkError};
use feed::ports::WakeError;

use crate::failure::{Failure, classify};

/// Codes that pass by themselves although they come with a status of 400.
const PASSING: &[&str] = &[
    "KmsThrottled",
    "OverLimit",
    "RequestThrottled",
    "ServiceUnavailable",
];

/// Of a queue that is not there: by the name of today's protocol, and of the one before it.
const MISSING: &[&str] = &["QueueDoesNotExist", "AWSSimpleQueueServiceNonExistentQueue"];

/// What a failed request means to the caller of the port.
pub(super) fn failed<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> WakeError {
    let status = error.raw_response().map(|raw| raw.status());
    match status.filter(|status| status.is_success()) {
        Some(_) => WakeError::Unavailable("an answer came that cannot be read".into()),
        None => explain(classify(error)),
    }
}

/// The same of one message of a request.
pub(super) fn not_taken(code: &str, is_our_fault: bool) -> WakeError {
    let word: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    match is_our_fault {
        true => explain(Failure::Refused(word)),
        false => WakeError::Unavailable(format!("it answered {word} for a message")),
    }
}

fn explain(failure: Failure) -> WakeError {
    use WakeError::{Broken, Unavailable};
    match failure {
        Failure::Unavailable(what) => Unavailable(what),
        Failure::Untrusted(what) => Broken(what),
        Failure::Refused(code) if PASSING.contains(&&*code) => {
            Unavailable(format!("it answered {code}"))
        }
        Failure::Refused(code) if MISSING.contains(&&*code) => missing(),
        Failure::NotFound => missing(),
        Failure::Denied(code) => Broken(format!(
            "sending is not allowed: check the role's policy and the queue's ({code})"
        )),
        Failure::Refused(code) => Broken(format!("it refuses the message ({code})")),
    }
}

fn missing() -> WakeError {
    WakeError::Broken("there is no such queue: check FEED_QUEUE_URL and AWS_REGION".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_whether_it_passes_and_what_to_check() {
        let refused = |code: &str| Failure::Refused(code.into());
        let rows = [
            (Failure::Unavailable("it answered so".into()), true, "so"),
            (refused("RequestThrottled"), true, "RequestThrottled"),
            (refused("KmsThrottled"), true, "KmsThrottled"),
            (refused("OverLimit"), true, "OverLimit"),
            (refused("QueueDoesNotExist"), false, "FEED_QUEUE_URL"),
            (
                refused("AWSSimpleQueueServiceNonExistentQueue"),
                false,
                "FEED_QUEUE_URL",
            ),
            (Failure::NotFound, false, "FEED_QUEUE_URL"),
            (Failure::Denied("AccessDenied".into()), false, "policy"),
            (refused("InvalidAddress"), false, "InvalidAddress"),
            (refused("InvalidMessageContents"), false, "refuses"),
            (Failure::Untrusted("the CA".into()), false, "the CA"),
        ];
        for (failure, passes, word) in rows {
            let what = format!("{failure:?}");
            let error = explain(failure);
            assert_eq!(matches!(error, WakeError::Unavailable(_)), passes, "{what}");
            assert!(error.to_string().contains(word), "{what}: {error}");
        }
    }

    #[test]
    fn a_message_that_is_not_taken_is_our_fault_or_passes() {
        let ours = not_taken("InvalidMessageContents", true);
        let theirs = not_taken("InternalError", false);
        assert!(matches!(ours, WakeError::Broken(_)));
        assert!(matches!(theirs, WakeError::Unavailable(_)));
    }
}
