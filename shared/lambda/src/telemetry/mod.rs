//! Logs: one JSON object per line on standard output, as CloudWatch reads them, or
//! lines for a person on standard error.

mod json;
mod request_id;

#[cfg(test)]
mod tests;

use std::fmt::{self, Write};
use std::io;
use std::process::ExitCode;

use auth::text::{is_invisible, veiled};
use tracing::Subscriber;
use tracing::field::Field;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::{Writer, debug_fn};
use tracing_subscriber::util::SubscriberInitExt as _;

use json::JsonLine;
use request_id::RequestIdOnly;

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
    let _already_started = match format {
        LogFormat::Json => json_lines(filter, io::stdout).try_init(),
        LogFormat::Text => text_lines(filter, io::stderr).try_init(),
    };
}

/// A function's log, written to `writer`: what [`init`] starts on standard output.
pub fn json_lines<W>(filter: Option<&str>, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .with_env_filter(with_audit(filter))
        .fmt_fields(RequestIdOnly)
        .event_format(JsonLine)
        .with_writer(writer)
        .finish()
}

/// Lines for a person, written to `writer`: what [`init`] starts on standard error.
pub fn text_lines<W>(filter: Option<&str>, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .with_env_filter(with_audit(filter))
        .with_target(false)
        .fmt_fields(debug_fn(text_field))
        .with_writer(writer)
        .finish()
}

/// A field of a line for a person. Names with a dot are OpenTelemetry's, of spans: they are
/// for tracing. Every text of a line comes through here, the message too.
fn text_field(writer: &mut Writer<'_>, field: &Field, value: &dyn fmt::Debug) -> fmt::Result {
    let writer = &mut Visible(writer);
    match field.name() {
        "message" => write!(writer, "{value:?}"),
        name if name.contains('.') => Ok(()),
        name => write!(writer, " {name}={value:?}"),
    }
}

/// Escapes what is not shown, as Rust writes it: a text from outside begins no line of its
/// own, and steers no terminal.
struct Visible<'a, 'w>(&'a mut Writer<'w>);

impl Write for Visible<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(is_invisible) {
            let (plain, tail) = rest.split_at(at);
            let mut characters = tail.chars();
            self.0.write_str(plain)?;
            let escaped = characters.next().map(char::escape_default);
            escaped
                .into_iter()
                .flatten()
                .try_for_each(|c| self.0.write_char(c))?;
            rest = characters.as_str();
        }
        self.0.write_str(rest)
    }
}

/// The wished filter, under which the audit lines always come through: no setting
/// turns them off.
fn with_audit(wished: Option<&str>) -> EnvFilter {
    let wished = wished.unwrap_or("info");
    EnvFilter::try_new(format!("{wished},audit=info"))
        .unwrap_or_else(|_| EnvFilter::new("info,audit=info"))
}

/// A function that cannot start says why in one line and ends: what its `main` returns, so
/// that nothing is printed after that line.
pub fn not_started(function: &str, error: &anyhow::Error) -> ExitCode {
    tracing::error!(
        event = "start_failed",
        function,
        reason = veiled(&format!("{error:#}")),
        "the {function} function does not start"
    );
    ExitCode::FAILURE
}
