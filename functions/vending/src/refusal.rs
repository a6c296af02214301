//! Every refusal of this endpoint and its status, in one place.
//!
//! `error` is a code of RFC 6749 where one fits; the `cause` beside it is ours and
//! stable. Only callers that may list the tenant get a 404.

use std::time::Duration;

use auth::cause::{Cause, CauseCode, Fault};
use auth::limit::Exceeded;
use auth::ports::StoreError;
use auth::tenant::{TenantStatus, Waiting};
use auth::vend::VendRefusal;
use auth::{Caller, Timestamp};
use lambda::answer::{self, ApiError, Retry};
use lambda::fields::FieldError;
use lambda::media_type;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};

use crate::path::Path;

/// A propagating tenant is asked for again after this, the longest that a `Retry-After` may
/// be: azure-identity waits for it three times under any status, MSAL Python and MSAL Node
/// give the same answer again for as long, and the others do not read it under a 409.
const PROPAGATING: Duration = Duration::from_secs(5);
/// A longer name is not repeated, in characters.
const PRINCIPAL_MAX: usize = 1000;
/// After a fault that passes by itself, ask again after this.
const SOON: Duration = Duration::from_secs(2);

/// The answer of a refusal, in the words that clients of this path read.
pub(crate) fn answer(error: &ApiError, path: &Path, request_id: &str) -> Response<Body> {
    if path.is_of_managed_identity() {
        answer::managed_identity_error(error, request_id)
    } else {
        answer::error(error, request_id)
    }
}

pub(crate) fn malformed(description: &str) -> ApiError {
    ApiError::caller(StatusCode::BAD_REQUEST, "invalid_request", description)
}

pub(crate) fn field(error: FieldError) -> ApiError {
    malformed(&error.to_string())
}

/// A body that is not the JSON that is expected; with its media type, where that is why.
pub(crate) fn no_json(request: &Request, expected: &str) -> ApiError {
    malformed(&match media_type::other_than_json(request.headers()) {
        Some(received) => format!(
            "the body must be JSON (application/json), and {received} was received: {expected}"
        ),
        None => format!("the body must be JSON: {expected}"),
    })
}

pub(crate) fn unproven(description: &str) -> ApiError {
    ApiError::caller(StatusCode::UNAUTHORIZED, "invalid_client", description)
}

/// The caller asks more often than it may. It did nothing yet: policy and table were not asked.
pub(crate) fn too_often(caller: &Caller, exceeded: Exceeded) -> ApiError {
    if let Some(count) = exceeded.report {
        tracing::warn!(
            event = "caller_limited",
            caller = %caller,
            count,
            "{count} requests of callers were refused here, the last one of {caller}: too many at once"
        );
    }
    let error = ApiError {
        cause: Some(CauseCode::TooManyRequests.into()),
        ..ApiError::caller(
            StatusCode::TOO_MANY_REQUESTS,
            "temporarily_unavailable",
            "this caller asks more often than it may: wait for Retry-After, and keep each token \
             until refresh_in says to ask again",
        )
    };
    error.retry_after(SOON)
}

/// The proof cannot be checked at the moment.
pub(crate) fn proof_unavailable(what: &str) -> ApiError {
    unavailable(what)
}

/// No policy permits it, or there is no such tenant. The caller is named as policies write
/// it, so that the operator can paste it into one.
pub(crate) fn denied(caller: &Caller) -> ApiError {
    let principal = caller.principal();
    let principal = match principal.chars().nth(PRINCIPAL_MAX) {
        None => principal,
        Some(_) => "the caller that the audit log names".to_owned(),
    };
    ApiError::caller(
        StatusCode::FORBIDDEN,
        "access_denied",
        format!(
            "no policy permits this to {principal}: ask the operator of the broker for this tenant"
        ),
    )
}

pub(crate) fn store(error: &StoreError) -> ApiError {
    tracing::error!(event = "store_error", %error, "the table did not answer");
    broker_unavailable()
}

/// A part of ours does not answer; the log says which.
pub(crate) fn broker_unavailable() -> ApiError {
    ApiError::with_cause(
        StatusCode::SERVICE_UNAVAILABLE,
        "temporarily_unavailable",
        CauseCode::BrokerUnavailable.into(),
    )
    .retry_after(SOON)
}

/// The refusal of a vend that was permitted.
pub(crate) fn vend(refusal: VendRefusal, now: Timestamp) -> ApiError {
    match refusal {
        VendRefusal::NotFound => not_found(),
        VendRefusal::NotActive {
            status,
            cause,
            next_attempt_at,
        } => match Waiting::of(status, cause.as_ref(), next_attempt_at, now) {
            Some(waiting) => propagating(waiting, cause),
            None => not_active(status, cause),
        },
        VendRefusal::NoToken {
            cause,
            retry_at,
            is_suspicion: true,
        } => suspicion(cause, now, retry_at),
        VendRefusal::NoToken {
            cause, retry_at, ..
        } => no_token(cause, now, retry_at),
        VendRefusal::Store(error) => store(&error),
    }
}

pub(crate) fn not_found() -> ApiError {
    ApiError {
        cause: Some(CauseCode::TenantNotFound.into()),
        ..ApiError::caller(
            StatusCode::NOT_FOUND,
            "invalid_request",
            "this tenant is not connected, or not for this resource: its admin has to open \
             the consent link",
        )
    }
}

/// The deployment does not say where its consent pages are.
pub(crate) fn no_invites() -> ApiError {
    unavailable("this function makes no invites: CONSENT_REDIRECT_URI is not set")
}

pub(crate) fn bound_elsewhere() -> ApiError {
    let cause = CauseCode::BoundToAnotherCustomer.into();
    ApiError::with_cause(StatusCode::CONFLICT, "invalid_request", cause)
}

/// The permissions come by themselves: it is not the customer's turn.
fn propagating(waiting: Waiting, cause: Option<Cause>) -> ApiError {
    ApiError {
        description: format!("the tenant is propagating: {waiting}"),
        fault: Fault::Microsoft,
        ..not_active(TenantStatus::Propagating, cause)
    }
}

fn not_active(status: TenantStatus, cause: Option<Cause>) -> ApiError {
    let cause = cause.unwrap_or_else(|| CauseCode::NotConsented.into());
    let explained = cause.code.explained();
    let error = ApiError {
        description: format!("the tenant is {status}: {explained}"),
        retry: Retry::Never,
        ..ApiError::with_cause(StatusCode::CONFLICT, "invalid_grant", cause)
    };
    match status {
        TenantStatus::Propagating => error.retry_after(PROPAGATING),
        _ => error,
    }
}

/// One refusal that reads as a revocation is no fault of the customer's yet.
fn suspicion(cause: Cause, now: Timestamp, retry_at: Timestamp) -> ApiError {
    let wait = Duration::from_secs(now.seconds_until(retry_at));
    let error = ApiError {
        description: format!(
            "Entra ID refused this tenant ({cause}), as it refuses healthy ones now and then. That \
             is believed when Entra ID says it again some minutes later; until then there is no \
             token to hand out. There is nothing to do but to ask again."
        ),
        fault: Fault::Microsoft,
        ..ApiError::with_cause(
            StatusCode::SERVICE_UNAVAILABLE,
            "temporarily_unavailable",
            cause,
        )
    };
    error.retry_after(wait)
}

/// Throttling gets a 429, everything else that passes a 503. A customer's fault gets the same
/// 409 as an inactive tenant.
fn no_token(cause: Cause, now: Timestamp, retry_at: Timestamp) -> ApiError {
    if cause.code.fault() == Fault::Customer {
        return ApiError::with_cause(StatusCode::CONFLICT, "invalid_grant", cause);
    }
    let status = match cause.code {
        CauseCode::Throttled => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    };
    let wait = Duration::from_secs(now.seconds_until(retry_at));
    ApiError::with_cause(status, "temporarily_unavailable", cause).retry_after(wait)
}

fn unavailable(description: &str) -> ApiError {
    ApiError {
        status: StatusCode::SERVICE_UNAVAILABLE,
        error: "temporarily_unavailable",
        description: description.to_owned(),
        cause: None,
        fault: Fault::Ours,
        retry: Retry::After(SOON),
    }
}
