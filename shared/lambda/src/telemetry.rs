//! Logs: one JSON object per line on standard output, as CloudWatch reads them, or
//! lines for a person on standard error.

use std::io;

use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// JSON on standard output: a function.
    Json,
    /// Text on standard error: the one-machine run, whose standard output is for the
    /// ready line.
    Text,
}

/// Starts logging; a second call changes nothing. `filter`: as `RUST_LOG`, default `info`.
pub fn init(format: LogFormat, filter: Option<&str>) {
    let filter = with_audit(filter);
    let builder = tracing_subscriber::fmt().with_env_filter(filter);
    let _already_started = match format {
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_writer(io::stdout)
            .try_init(),
        LogFormat::Text => builder
            .with_target(false)
            .with_writer(io::stderr)
            .try_init(),
    };
}

/// The wished filter, under which the audit lines always come through: no setting
/// turns them off.
fn with_audit(wished: Option<&str>) -> EnvFilter {
    let wished = wished.unwrap_or("info");
    EnvFilter::try_new(format!("{wished},audit=info"))
        .unwrap_or_else(|_| EnvFilter::new("info,audit=info"))
}

/// A function that cannot start says why in one line and ends; the error that comes
/// back is what its `main` returns.
pub fn start_failed(function: &str, error: &anyhow::Error) -> lambda_http::Error {
    let reason = format!("{error:#}");
    tracing::error!(
        event = "start_failed",
        function,
        reason,
        "the {function} function does not start"
    );
    reason.into()
}
