//! Faults that replace an endpoint's answer.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use uuid::Uuid;

use super::endpoint::FaultyEndpoint;
use super::fault::{Fault, Faults};
use super::kind::FaultKind;
use crate::answer;

/// What a proxy in front of the authority could answer.
const PROXY_PAGE: &str = "<html><head><title>Gateway</title></head>\
    <body><h1>The service is not available</h1></body></html>\n";

impl Faults {
    /// The wrong answer that a fault asks for here, if one does.
    pub(crate) fn replaced(
        &self,
        endpoint: FaultyEndpoint,
        tenant: Option<Uuid>,
    ) -> Option<Response> {
        let kinds = [
            FaultKind::Status,
            FaultKind::NotJson,
            FaultKind::Throttle,
            FaultKind::Redirect,
        ];
        let fault = self.hit(tenant, |fault| {
            fault.endpoint == endpoint && kinds.contains(&fault.kind)
        })?;
        Some(match fault.kind {
            FaultKind::Throttle => throttled(&fault),
            FaultKind::Redirect => answer::redirect(fault.value.as_str().unwrap_or_default()),
            FaultKind::NotJson => answer::html(status(fault.number_or(200)), PROXY_PAGE.to_owned()),
            _ => bare(status(fault.number_or(500))),
        })
    }
}

/// As the real service: plain text, never JSON.
fn throttled(fault: &Fault) -> Response {
    let mut response = bare(StatusCode::TOO_MANY_REQUESTS);
    let seconds = HeaderValue::from(fault.number_or(60));
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

fn bare(status: StatusCode) -> Response {
    answer::text(status, status.canonical_reason().unwrap_or_default())
}

fn status(number: u64) -> StatusCode {
    u16::try_from(number)
        .ok()
        .and_then(|number| StatusCode::from_u16(number).ok())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
