//! From the SDK's errors to the port's: what is worth another try, and what needs an
//! operator. Texts name the table, the operation and AWS's error code, and no more.

use auth::ports::StoreError;
use auth::text::{hides, shown};
use aws_sdk_dynamodb::config::http::HttpResponse;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};

use super::capacity::Operation;
use crate::failure::{Failure, classify};

/// What a failed request means to the caller of the port. `variable`: names the table.
pub(super) fn failed<E: ProvideErrorMetadata>(
    table: &str,
    variable: &str,
    operation: Operation,
    error: &SdkError<E, HttpResponse>,
) -> StoreError {
    match explain(table, variable, operation, classify(error)) {
        StoreError::Unavailable(what) if error.code().is_some_and(is_throttle) => {
            StoreError::Throttled(what)
        }
        failed => failed,
    }
}

/// Whether a code says that the table refuses so many requests at a time. The SDK has tried
/// again by then. Source: DynamoDB developer guide, "Error handling with DynamoDB".
fn is_throttle(code: &str) -> bool {
    matches!(
        code,
        "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "ThrottlingException"
            | "Throttling"
    )
}

fn explain(table: &str, variable: &str, operation: Operation, failure: Failure) -> StoreError {
    // The name may be an ARN, which carries the account's number.
    let name = table.rsplit('/').next().unwrap_or(table);
    let table = shown(if hides(table) { table } else { name });
    let operation = operation.as_str();
    match failure {
        Failure::Unavailable(what) => StoreError::Unavailable(format!("{operation}: {what}")),
        Failure::Untrusted(what) => StoreError::Broken(format!("{operation}: {what}")),
        Failure::NotFound => StoreError::Broken(format!(
            "table {table}, or an index of it, does not exist in this account and region: \
             check {variable} and AWS_REGION"
        )),
        Failure::Denied(code) => StoreError::Broken(format!(
            "{operation} is not allowed on table {table}: check the role's policy and \
             credentials ({code})"
        )),
        Failure::Refused(code) => StoreError::Broken(format!(
            "table {table} refuses {operation}: check that its keys and indexes are those of \
             template.yaml ({code})"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_to_check_without_the_account() {
        let arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/tokens";
        let rows = [
            (Failure::NotFound, "TABLE_NAME"),
            (Failure::Denied("AccessDeniedException".into()), "policy"),
            (
                Failure::Refused("ValidationException".into()),
                "template.yaml",
            ),
        ];
        for (failure, advice) in rows {
            let error = explain(arn, "TABLE_NAME", Operation::Find, failure);
            let text = error.to_string();
            assert!(matches!(error, StoreError::Broken(_)));
            assert!(
                text.contains("table tokens") && text.contains(advice),
                "{text}"
            );
            assert!(!text.contains("123456789012"), "{text}");
        }
        let key = "u3Zt8+QeR1mXb/Yw0KcV7hLsN2pDf6GaTj4xJo9W";
        let text = explain(key, "TABLE_NAME", Operation::Find, Failure::NotFound).to_string();
        assert!(!text.contains("Yw0KcV7hLs"), "{text}");
        let passing = explain(
            arn,
            "TABLE_NAME",
            Operation::Find,
            Failure::Unavailable("x".into()),
        );
        assert!(matches!(passing, StoreError::Unavailable(_)));
    }
}
