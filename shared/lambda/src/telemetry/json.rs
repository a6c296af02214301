//! A log line as one JSON object: `timestamp`, `level`, the event's fields in their order,
//! `target`, and the `spans` that it happened in, outermost first. The shape is that of
//! tracing-subscriber's own formatter; this one writes every field once, straight into the
//! line's buffer, because every grant waits for its audit line.

use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Formats events.
pub(super) struct JsonLine;

/// Formats the fields of spans, each with a comma behind it.
pub(super) struct JsonFields;

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
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
        write_spans(&mut line, context)?;
        line.write_str("}\n")
    }
}

impl<'writer> FormatFields<'writer> for JsonFields {
    fn format_fields<R: RecordFields>(
        &self,
        mut writer: Writer<'writer>,
        fields: R,
    ) -> fmt::Result {
        write_fields(&mut writer, fields)
    }
}

/// Nothing where the event happened in no span.
fn write_spans<S, N>(line: &mut Writer<'_>, context: &FmtContext<'_, S, N>) -> fmt::Result
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    let Some(scope) = context.event_scope() else {
        return Ok(());
    };
    line.write_str(",\"spans\":[")?;
    for (number, span) in scope.from_root().enumerate() {
        line.write_str(if number == 0 { "{" } else { ",{" })?;
        if let Some(fields) = span.extensions().get::<FormattedFields<N>>() {
            line.write_str(&fields.fields)?;
        }
        line.write_str("\"name\":")?;
        write_text(line, span.name())?;
        line.write_char('}')?;
    }
    line.write_char(']')
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
