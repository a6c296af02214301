//! The request's id in every line of its log: whatever is logged within a span that has a
//! field `request_id` carries it as a field of its own, at the top, where the audit line
//! has it too. A span that answers another function has that one's id besides
//! (`asker_request_id`). Of a span's fields nothing else is formatted: they are for tracing.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Subscriber, span};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

const REQUEST_ID: &str = "request_id";
const ASKER_REQUEST_ID: &str = "asker_request_id";

/// Before the asker's id in what is kept of a span: no id has a line break.
const ASKER: char = '\n';

/// Keeps of a span's fields the two ids alone: the request's, then the asker's.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestIdOnly;

impl<'writer> FormatFields<'writer> for RequestIdOnly {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'writer>, fields: R) -> fmt::Result {
        let mut found = Found(writer, Ok(()));
        fields.record(&mut found);
        found.1
    }

    /// The id is there from the beginning; what is recorded later is never it.
    fn add_fields(
        &self,
        _: &'writer mut FormattedFields<Self>,
        _: &span::Record<'_>,
    ) -> fmt::Result {
        Ok(())
    }
}

struct Found<'writer>(Writer<'writer>, fmt::Result);

impl Visit for Found<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            REQUEST_ID => self.1 = self.0.write_str(value),
            ASKER_REQUEST_ID => self.1 = write!(self.0, "{ASKER}{value}"),
            _ => {}
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// Hands `take` each id that is not `said` yet, by its name: that of the innermost span that
/// has one.
pub(super) fn each_id<S>(
    context: &FmtContext<'_, S, RequestIdOnly>,
    said: impl Fn(&str) -> bool,
    mut take: impl FnMut(&str, &str),
) where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let names = [REQUEST_ID, ASKER_REQUEST_ID];
    let mut done = names.map(said);
    for span in context.event_scope().into_iter().flatten() {
        let extensions = span.extensions();
        let Some(kept) = extensions.get::<FormattedFields<RequestIdOnly>>() else {
            continue;
        };
        let (request, asker) = kept.fields.split_once(ASKER).unwrap_or((&kept.fields, ""));
        for ((name, done), id) in names.iter().zip(&mut done).zip([request, asker]) {
            if !*done && !id.is_empty() {
                take(name, id);
                *done = true;
            }
        }
    }
}
