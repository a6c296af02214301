//! A request to the token endpoint in its span, and how long it took for the meter.

use std::time::Duration;

use auth::metric::Metric;
use auth::ports::{Clock, Meter};
use tracing::Instrument as _;
use tracing::field::Empty;
use url::Url;

use crate::http::{Answer, HttpError};

/// The span has OpenTelemetry's names (HTTP client spans). The URL's path is left out: it
/// names the tenant.
pub(super) async fn timed(
    url: &Url,
    clock: &dyn Clock,
    meter: Option<&dyn Meter>,
    request: impl Future<Output = Result<Answer, HttpError>>,
) -> Result<Answer, HttpError> {
    let span = tracing::info_span!(
        "entra_token_request",
        otel.kind = "client",
        http.request.method = "POST",
        server.address = url.host_str(),
        http.response.status_code = Empty,
        error.type = Empty,
    );
    let began = clock.since_start();
    let answer = request.instrument(span.clone()).await;
    record_end(&span, &answer);
    if let Some(meter) = meter {
        let took = clock.since_start().saturating_sub(began);
        meter.record(Metric::EntraLatency, milliseconds(took));
    }
    answer
}

/// OpenTelemetry, Semantic Conventions for HTTP Spans: `error.type` is the status where one
/// came, else a word for what went wrong.
fn record_end(span: &tracing::Span, answer: &Result<Answer, HttpError>) {
    match answer {
        Ok(answer) => {
            let status = answer.status;
            span.record("http.response.status_code", status.as_u16());
            if status.is_client_error() || status.is_server_error() {
                span.record("error.type", status.as_str());
            }
        }
        Err(error) => {
            span.record("error.type", error.error_type());
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
