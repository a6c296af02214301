//! One request as the authority sees it: its moment and its identifiers.

use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use uuid::Uuid;

use crate::moment;
use crate::platform::{Clock, random_uuid};

/// Facts that every answer to one request shares.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exchange {
    /// Unix seconds, read once so that one request has one time.
    pub(crate) now: u64,
    trace_id: Uuid,
    /// The caller's `client-request-id`, or a fresh one.
    correlation_id: Uuid,
}

impl Exchange {
    pub(crate) fn begin(clock: &dyn Clock, headers: &HeaderMap) -> Self {
        let requested = headers
            .get("client-request-id")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| Uuid::try_parse(value).ok());
        // Only for people who read logs: without randomness, zeros do.
        let drawn = || random_uuid().unwrap_or_default();
        Self {
            now: clock.unix_seconds(),
            trace_id: drawn(),
            correlation_id: requested.unwrap_or_else(drawn),
        }
    }

    pub(crate) fn trace_id(&self) -> String {
        self.trace_id.to_string()
    }

    pub(crate) fn correlation_id(&self) -> String {
        self.correlation_id.to_string()
    }

    /// `YYYY-MM-DD HH:MM:SSZ`, as error bodies write it.
    pub(crate) fn timestamp(&self) -> String {
        moment::without_zone(self.now).replace('T', " ") + "Z"
    }

    /// Puts the identifiers on the answer, as Entra ID does.
    pub(crate) fn mark(&self, mut response: Response) -> Response {
        for (name, id) in [
            ("x-ms-request-id", self.trace_id()),
            ("client-request-id", self.correlation_id()),
        ] {
            if let Ok(value) = HeaderValue::try_from(id) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}
