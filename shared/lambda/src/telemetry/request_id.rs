//! The request's id in every line of its log: whatever is logged within a span that has a
//! field `request_id` carries it as a field of its own, at the top, where the audit line
//! has it too. Of a span's fields nothing else is formatted: they are for tracing.

use std::fmt;

use tracing::field::{Field, Visit};
use tracing::{Subscriber, span};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

pub(super) const REQUEST_ID: &str = "request_id";

/// Keeps of a span's fields the request's id alone.
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
        if field.name() == REQUEST_ID {
            self.1 = self.0.write_str(value);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

/// Of the innermost span that has one.
pub(super) fn request_id<S>(context: &FmtContext<'_, S, RequestIdOnly>) -> Option<String>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    context.event_scope()?.find_map(|span| {
        let extensions = span.extensions();
        let kept = extensions.get::<FormattedFields<RequestIdOnly>>()?;
        (!kept.fields.is_empty()).then(|| kept.fields.clone())
    })
}
