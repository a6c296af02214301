//! Faults that replace an endpoint's answer.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use uuid::Uuid;

use crate::answer;
use crate::faults::{Endpoint, Fault, Kind};
use crate::server::Site;

/// What a proxy in front of the authority could answer.
const PROXY_PAGE: &str = "<html><head><title>Gateway</title></head>\
    <body><h1>The service is not available</h1></body></html>\n";

impl Site {
    /// The wrong answer that a fault asks for here, if one does.
    pub(crate) fn replaced(&self, endpoint: Endpoint, tenant: Option<Uuid>) -> Option<Response> {
        let fault = self.core.faults.hit(tenant, |fault| {
            fault.endpoint == endpoint
                && matches!(fault.kind, Kind::Status | Kind::NotJson | Kind::Throttle)
        })?;
        Some(match fault.kind {
            Kind::Throttle => throttled(&fault),
            Kind::NotJson => answer::html(status(fault.number_or(200)), PROXY_PAGE.to_owned()),
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
