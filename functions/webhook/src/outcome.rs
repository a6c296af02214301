//! What becomes of a request: its status, and its line in the log. An answer has no body, so that
//! it is the same for every reason.

use std::time::Duration;

use auth::TenantId;
use feed::notification::Notified;
use feed::ports::WakeError;
use lambda_http::http::StatusCode;

use crate::refusals::{Refusal, Refusals};

/// What became of a request.
pub(crate) enum Outcome {
    /// Microsoft asked whether this address is ours.
    Validated(TenantId),
    /// The queue has what was said, or nothing was said of a type that we know.
    Notified(TenantId, Notified),
    /// Microsoft sends it again.
    NotQueued(TenantId, WakeError),
    /// It is not Microsoft's, or not one that we can use. With the tenant of a right AuthID.
    Refused(Refusal, Option<TenantId>),
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

    /// One line for each request that Microsoft sent; for the others, what `refusals` has to say.
    pub(crate) fn log(&self, refusals: &Refusals, now: Duration) {
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
            Outcome::Refused(refusal, tenant) => {
                if let Some(count) = refusals.count(*refusal, now) {
                    tracing::warn!(
                        event = "webhook_refused",
                        reason = refusal.as_str(),
                        count,
                        tenant = tenant.map(tracing::field::display),
                        "requests to the webhook were refused; the tenant is the last one's"
                    );
                }
            }
        }
    }
}
