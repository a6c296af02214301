//! A log line as one JSON object: `timestamp`, `level`, the event's fields in their order,
//! `target`, and the id of the request in which it happened. The shape is that of
//! tracing-subscriber's own formatter without its spans; this one appends every field to one
//! text, because every grant waits for its audit line.

use std::fmt::{self, Debug, Display, Write};

use auth::text::{JsonEscape, is_invisible};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime as _, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent};
use tracing_subscriber::registry::LookupSpan;

use super::request_id::{RequestIdOnly, each_id};

/// Room for an audit line.
const LINE_BYTES: usize = 1_024;

/// Formats events.
pub(super) struct JsonLine;

impl<S> FormatEvent<S, RequestIdOnly> for JsonLine
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, RequestIdOnly>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        let mut line = String::with_capacity(LINE_BYTES);
        line.push_str("{\"timestamp\":\"");
        SystemTime.format_time(&mut Writer::new(&mut line))?;
        line.push_str("\",\"level\":\"");
        line.push_str(metadata.level().as_str());
        line.push_str("\",");
        event.record(&mut Members(&mut line));
        line.push_str("\"target\":");
        push_text(&mut line, metadata.target());
        // A line that has such a field says it itself.
        let said = |name: &str| metadata.fields().field(name).is_some();
        each_id(context, said, |name, id| {
            line.push_str(",\"");
            line.push_str(name);
            line.push_str("\":");
            push_text(&mut line, id);
        });
        line.push_str("}\n");
        writer.write_str(&line)
    }
}

/// A JSON string.
fn push_text(line: &mut String, text: &str) {
    line.push('"');
    push_escaped(line, text);
    line.push('"');
}

/// What is shown in a JSON string.
fn push_shown(line: &mut String, shown: fmt::Arguments<'_>) {
    line.push('"');
    // Of a value that fails halfway, the log has the first half.
    let _ = Escaped(line).write_fmt(shown);
    line.push('"');
}

/// Appends the fields that it is shown, each with a comma behind it.
struct Members<'a>(&'a mut String);

impl Members<'_> {
    fn push(&mut self, field: &Field, push_value: impl FnOnce(&mut String)) {
        push_text(self.0, field.name());
        self.0.push(':');
        push_value(self.0);
        self.0.push(',');
    }

    /// A number or a word of JSON.
    fn push_plain(&mut self, field: &Field, value: impl Display) {
        self.push(field, |line| {
            // Writing into a String cannot fail.
            let _ = write!(line, "{value}");
        });
    }
}

impl Visit for Members<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.push(field, |line| push_text(line, value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push_plain(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push_plain(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push_plain(field, value);
    }

    /// JSON has no word for what is no finite number.
    fn record_f64(&mut self, field: &Field, value: f64) {
        if value.is_finite() {
            self.push_plain(field, value)
        } else {
            self.push_plain(field, "null")
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.push(field, |line| push_shown(line, format_args!("{value:?}")));
    }
}

/// Escapes what is written into a JSON string.
struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        push_escaped(self.0, text);
        Ok(())
    }
}

/// RFC 8259 §7: quotation mark, backslash and control characters; and what else a reader of
/// the line does not see. ASCII is passed over quickly, because an audit line is hardly
/// anything else.
fn push_escaped(line: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.bytes().position(may_be_escaped) {
        let (plain, tail) = rest.split_at(at);
        line.push_str(plain);
        let mut characters = tail.chars();
        if let Some(character) = characters.next() {
            push_character(line, character);
        }
        rest = characters.as_str();
    }
    line.push_str(rest);
}

fn push_character(line: &mut String, character: char) {
    match character {
        '"' => line.push_str("\\\""),
        '\\' => line.push_str("\\\\"),
        '\n' => line.push_str("\\n"),
        '\r' => line.push_str("\\r"),
        '\t' => line.push_str("\\t"),
        unseen if is_invisible(unseen) => {
            // Writing into a String cannot fail.
            let _ = write!(line, "{}", JsonEscape(unseen));
        }
        seen => line.push(seen),
    }
}

/// Beyond ASCII it depends on the character, whose first byte this is.
fn may_be_escaped(byte: u8) -> bool {
    !(0x20..0x7f).contains(&byte) || byte == b'"' || byte == b'\\'
}
