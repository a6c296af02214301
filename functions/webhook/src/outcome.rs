//! What becomes of a request: its status, and its line in the log. An answer has no body, so that
//! it is the same for every reason.

use auth::TenantId;
use feed::notification::Notified;
use feed::ports::WakeError;
use lambda_http::http::StatusCode;

/// What became of a request.
pub(crate) enum Outcome {
    /// Microsoft asked whether this address is ours.
    Validated(TenantId),
    /// The queue has what was said, or nothing was said of a type that we know.
    Notified(TenantId, Notified),
    /// Microsoft sends it again.
    NotQueued(TenantId, WakeError),
    /// It is not Microsoft's, or not one that we can use.
    Refused(Refusal, Option<TenantId>),
}

/// Why a request is refused: for the log. Its sender is not given the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Another method than POST.
    Method,
    /// No AuthID, several, or none of ours.
    AuthId,
    /// More than 6 MB, or not UTF-8.
    Body,
    /// Not an array of notifications.
    NotANotification,
    /// No item is of the tenant, for us and at one of the API's addresses.
    NothingFits,
}

impl Outcome {
    /// Microsoft takes 200 alone for taken; after any other status it tries again.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Outcome::Validated(_) | Outcome::Notified(..) => StatusCode::OK,
            Outcome::NotQueued(..) => StatusCode::SERVICE_UNAVAILABLE,
            Outcome::Refused(..) => StatusCode::FORBIDDEN,
        }
    }

    /// One line for each request.
    pub(crate) fn log(&self) {
        match self {
            Outcome::Validated(tenant) => tracing::info!(
                event = "webhook_validated", %tenant,
                "Microsoft has validated the webhook's address"
            ),
            Outcome::Notified(tenant, notified) => tracing::info!(
                event = "webhook_notified", %tenant,
                items = notified.items,
                types = notified.types.len(),
                unknown = notified.unknown,
                unfit = notified.unfit,
                "a notification of Microsoft's"
            ),
            Outcome::NotQueued(tenant, error) => tracing::error!(
                event = "webhook_not_queued", %tenant, %error,
                "a notification did not come to the queue; the tenant is listed in its turn"
            ),
            Outcome::Refused(refusal, Some(tenant)) => tracing::warn!(
                event = "webhook_refused", reason = refusal.as_str(), %tenant,
                "a notification with a right AuthID was refused"
            ),
            Outcome::Refused(refusal, None) => tracing::warn!(
                event = "webhook_refused",
                reason = refusal.as_str(),
                "a request to the webhook was refused"
            ),
        }
    }
}

impl Refusal {
    /// The word in the log.
    fn as_str(self) -> &'static str {
        match self {
            Refusal::Method => "method",
            Refusal::AuthId => "auth_id",
            Refusal::Body => "body",
            Refusal::NotANotification => "not_a_notification",
            Refusal::NothingFits => "nothing_fits",
        }
    }
}
