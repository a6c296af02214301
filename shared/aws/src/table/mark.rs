//! Whose an item is that a conditional put found in its place: each put carries a mark
//! that nobody else has.

use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;

use super::{Item, keys};

/// What was there already, when that is why the put was refused.
pub(super) fn found<R>(error: &SdkError<PutItemError, R>) -> Option<Option<&Item>> {
    match error.as_service_error()? {
        PutItemError::ConditionalCheckFailedException(refused) => Some(refused.item()),
        _ => None,
    }
}

/// The SDK sends a request again when its answer was lost; the second attempt then
/// finds what the first one wrote. Nobody else has the mark.
pub(super) fn is_ours(found: Option<&Item>, mark: &str) -> bool {
    let found = found.and_then(|item| item.get(keys::MARK));
    found.is_some_and(|found| found.as_s().is_ok_and(|found| found == mark))
}
