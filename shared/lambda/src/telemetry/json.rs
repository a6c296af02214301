//! A log line as one JSON object: `timestamp`, `level`, the event's fields in their order,
//! `target`, and the id of the request in which it happened. The shape is that of
//! tracing-subscriber's own formatter without its spans; this one writes every field once,
//! straight into the line's buffer, because every grant waits for its audit line.

use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent};
use tracing_subscriber::registry::LookupSpan;

use super::request_id::{RequestIdOnly, request_id};

/// Its lines say the request's id themselves.
const AUDIT: &str = "audit";

/// Formats events.
pub(super) struct JsonLine;

impl<S> FormatEvent<S, RequestIdOnly> for JsonLine
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, RequestIdOnly>,
        mut line: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        line.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut line)?;
        line.write_str("\",\"level\":\"")?;
        line.write_str(metadata.level().as_str())?;
        line.write_str("\",")?;
        write_fields(&mut line, event)?;
        line.write_str("\"target\":")?;
        write_text(&mut line, metadata.target())?;
        write_request_id(&mut line, context, metadata.target())?;
        line.write_str("}\n")
    }
}

/// Nothing where the event happened in no request.
fn write_request_id<S>(
    line: &mut Writer<'_>,
    context: &FmtContext<'_, S, RequestIdOnly>,
    target: &str,
) -> fmt::Result
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    match request_id(context) {
        Some(id) if target != AUDIT => {
            line.write_str(",\"request_id\":")?;
            write_text(line, &id)
        }
        _ => Ok(()),
    }
}

/// Each field with a comma behind it.
fn write_fields(line: &mut Writer<'_>, fields: impl RecordFields) -> fmt::Result {
    let mut visit = Fields {
        line,
        written: Ok(()),
    };
    fields.record(&mut visit);
    visit.written
}

/// A JSON string.
fn write_text(line: &mut impl Write, text: &str) -> fmt::Result {
    line.write_char('"')?;
    Escaped(line).write_str(text)?;
    line.write_char('"')
}

/// Writes the fields that it is shown.
struct Fields<'a, 'w> {
    line: &'a mut Writer<'w>,
    written: fmt::Result,
}

impl Fields<'_, '_> {
    fn field(&mut self, field: &Field, write: impl FnOnce(&mut Writer<'_>) -> fmt::Result) {
        if self.written.is_ok() {
            self.written = (|| {
                write_text(self.line, field.name())?;
                self.line.write_char(':')?;
                write(self.line)?;
                self.line.write_char(',')
            })();
        }
    }
}

impl Visit for Fields<'_, '_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.field(field, |line| write_text(line, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.field(field, |line| write!(line, "{value}"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.field(field, |line| write!(line, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.field(field, |line| {
            line.write_str(if value { "true" } else { "false" })
        });
    }

    /// JSON has no word for what is no finite number.
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.field(field, |line| match value.is_finite() {
            true => write!(line, "{value}"),
            false => line.write_str("null"),
        });
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.field(field, |line| {
            line.write_char('"')?;
            write!(Escaped(line), "{value:?}")?;
            line.write_char('"')
        });
    }
}

/// Escapes what is written into a JSON string (RFC 8259 §7).
struct Escaped<'a, W>(&'a mut W);

impl<W: Write> Write for Escaped<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.bytes().position(must_be_escaped) {
            let (plain, tail) = rest.split_at(at);
            self.0.write_str(plain)?;
            let mut characters = tail.chars();
            if let Some(character) = characters.next() {
                self.escape(character)?;
            }
            rest = characters.as_str();
        }
        self.0.write_str(rest)
    }
}

impl<W: Write> Escaped<'_, W> {
    fn escape(&mut self, character: char) -> fmt::Result {
        match character {
            '"' => self.0.write_str("\\\""),
            '\\' => self.0.write_str("\\\\"),
            '\n' => self.0.write_str("\\n"),
            '\r' => self.0.write_str("\\r"),
            '\t' => self.0.write_str("\\t"),
            control => write!(self.0, "\\u{:04x}", u32::from(control)),
        }
    }
}

fn must_be_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}
