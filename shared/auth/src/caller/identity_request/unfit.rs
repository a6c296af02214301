//! Why a text is no request that may be sent, and the words that this directory shares.

use std::borrow::Cow;

use crate::text::shown;

/// The method is POST, the path is `/`, and this is the body, to the letter.
pub const IDENTITY_REQUEST_BODY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

/// Why a text is no request that may be sent. The words may be shown to the caller: what
/// they repeat of a stranger's is fit to be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnfitRequest(pub Cow<'static, str>);

pub(super) fn unfit(reason: impl Into<Cow<'static, str>>) -> UnfitRequest {
    UnfitRequest(reason.into())
}

/// A word of the sender's.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", shown(text))
}
