//! From the SDK's errors to the port's. Texts name the bucket and S3's code, and no more.

use auth::text::{hides, shown};
use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use feed::ports::ObjectError;

use crate::failure::{Failure, classify};

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Doing {
    Read,
    Write,
    List,
    Delete,
}

impl Doing {
    fn as_str(self) -> &'static str {
        match self {
            Doing::Read => "reading an object",
            Doing::Write => "writing an object",
            Doing::List => "listing versions of objects",
            Doing::Delete => "deleting versions of objects",
        }
    }
}

/// Codes that pass by themselves, whatever status they come with: a completed upload is answered
/// with 200 before it is known whether it was (S3 API reference, CompleteMultipartUpload).
/// What was damaged on its way and an upload that is gone are there too: the object is made again.
const PASSING: &[&str] = &[
    "BadDigest",
    "ConditionalRequestConflict",
    "IncompleteBody",
    "InternalError",
    "InvalidPart",
    "NoSuchUpload",
    "OperationAborted",
    "RequestTimeout",
    "ServiceUnavailable",
    "SlowDown",
    "TooManyRequests",
    "XAmzContentSHA256Mismatch",
];

/// 412: there is an object of this key.
pub(super) fn is_there<E>(error: &SdkError<E, HttpResponse>) -> bool {
    status(error) == Some(412)
}

fn status<E>(error: &SdkError<E, HttpResponse>) -> Option<u16> {
    error.raw_response().map(|raw| raw.status().as_u16())
}

/// What a failed request means to the caller of the port.
pub(super) fn failed<E: ProvideErrorMetadata>(
    bucket: &str,
    doing: Doing,
    error: &SdkError<E, HttpResponse>,
) -> ObjectError {
    explain(bucket, doing, status(error), classify(error))
}

fn explain(bucket: &str, doing: Doing, status: Option<u16>, failure: Failure) -> ObjectError {
    use ObjectError::{Broken, Unavailable};
    // An ARN in its place carries the account's number.
    let name = bucket.rsplit('/').next().unwrap_or(bucket);
    let bucket = shown(if hides(bucket) { bucket } else { name });
    let doing = doing.as_str();
    match (failure, status) {
        (Failure::Unavailable(_), Some(507)) => {
            Broken(format!("{doing}: there is no room left in bucket {bucket}"))
        }
        (Failure::Unavailable(what), _) => Unavailable(format!("{doing}: {what}")),
        (Failure::Untrusted(what), _) => Broken(format!("{doing}: {what}")),
        (Failure::Refused(code), Some(408 | 409 | 429)) => {
            Unavailable(format!("{doing}: it answered {code}"))
        }
        (Failure::Refused(code), _) if PASSING.contains(&&*code) => {
            Unavailable(format!("{doing}: it answered {code}"))
        }
        (Failure::Refused(code), _) if code == "NoSuchBucket" => {
            Broken(format!("bucket {bucket} does not exist: check FEED_BUCKET"))
        }
        (Failure::Refused(code), Some(301 | 307)) => Broken(format!(
            "bucket {bucket} is in another region: check AWS_REGION ({code})"
        )),
        (Failure::Denied(code), _) | (Failure::Refused(code), Some(401 | 403)) => Broken(format!(
            "{doing} is not allowed in bucket {bucket}: check the role's policy and the bucket's, \
             and whether the bucket is read-only ({code})"
        )),
        (Failure::Refused(code), _) => Broken(format!("bucket {bucket} refuses {doing} ({code})")),
        (Failure::NotFound, _) => Broken(format!("bucket {bucket} refuses {doing}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_whether_it_passes_and_what_to_check() {
        let refused = |code: &str| Failure::Refused(code.into());
        let unavailable = || Failure::Unavailable("it answered so".into());
        let denied = || Failure::Denied("AccessDenied".into());
        let rows = [
            (Some(503), unavailable(), true, "so"),
            (Some(500), unavailable(), true, "so"),
            (None, unavailable(), true, "so"),
            (Some(507), unavailable(), false, "no room"),
            (
                Some(409),
                refused("ConditionalRequestConflict"),
                true,
                "Conditional",
            ),
            (
                Some(409),
                refused("OperationAborted"),
                true,
                "OperationAborted",
            ),
            (Some(409), refused("noerrorcode"), true, "noerrorcode"),
            (Some(429), refused("noerrorcode"), true, "noerrorcode"),
            (Some(200), refused("InternalError"), true, "InternalError"),
            (Some(200), refused("SlowDown"), true, "SlowDown"),
            (Some(404), refused("NoSuchUpload"), true, "NoSuchUpload"),
            (Some(400), refused("BadDigest"), true, "BadDigest"),
            (Some(400), refused("RequestTimeout"), true, "RequestTimeout"),
            (Some(404), refused("NoSuchBucket"), false, "FEED_BUCKET"),
            (Some(301), refused("PermanentRedirect"), false, "AWS_REGION"),
            (Some(403), denied(), false, "policy"),
            (Some(403), refused("AllAccessDisabled"), false, "read-only"),
            (Some(403), refused("InvalidAccessKeyId"), false, "policy"),
            (Some(400), refused("InvalidBucketName"), false, "refuses"),
            (Some(404), Failure::NotFound, false, "refuses"),
            (None, Failure::Untrusted("the CA".into()), false, "the CA"),
        ];
        for (status, failure, passes, word) in rows {
            let what = format!("{status:?} {failure:?}");
            let arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/audit-log";
            let error = explain(arn, Doing::Write, status, failure);
            let text = error.to_string();
            let is_passing = matches!(error, ObjectError::Unavailable(_));
            assert_eq!(is_passing, passes, "{what}");
            assert!(
                text.contains(word) && !text.contains("123456789012"),
                "{text}"
            );
        }
    }
}
