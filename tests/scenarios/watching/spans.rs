//! The spans that somebody could export: stable names, OpenTelemetry's names for what they
//! hold, each request's table and Entra ID's within it. No path, no tenant, no token.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use tests::lines;
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::LookupSpan;

use super::stage::Stage;

#[derive(Debug, Clone, Default)]
struct Span {
    name: String,
    within: Vec<String>,
    fields: BTreeMap<String, String>,
}

impl Visit for Span {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}").trim_matches('"').to_owned();
        self.fields.insert(field.name().to_owned(), text);
    }
}

/// As an exporter would see them.
#[derive(Clone, Default)]
struct Exported {
    spans: Arc<Mutex<Vec<Span>>>,
}

/// Where a span stands in the list: a subscriber gives the number of one that has ended to
/// the next.
struct Place(usize);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Exported {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let scope = context.span_scope(id).unwrap().skip(1);
        let mut span = Span {
            name: attributes.metadata().name().to_owned(),
            within: scope.map(|span| span.name().to_owned()).collect(),
            ..Span::default()
        };
        attributes.record(&mut span);
        let mut spans = self.spans.lock().unwrap();
        let place = Place(spans.len());
        spans.push(span);
        context.span(id).unwrap().extensions_mut().insert(place);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let span = context.span(id).unwrap();
        let extensions = span.extensions();
        if let Some(Place(place)) = extensions.get() {
            values.record(&mut self.spans.lock().unwrap()[*place]);
        }
    }
}

impl Exported {
    fn one(&self, name: &str) -> Span {
        let spans = self.spans.lock().unwrap();
        let named: Vec<_> = spans.iter().filter(|span| span.name == name).collect();
        assert_eq!(named.len(), 1, "{name}: {named:#?}");
        named[0].clone()
    }
}

#[tokio::test]
async fn a_request_its_table_and_entra_ids_are_spans_by_opentelemetrys_names() {
    let mut stage = Stage::start(1).await;
    let exported = Exported::default();
    let registry = tracing_subscriber::registry().with(exported.clone());
    let exporting = lines::listen(registry);
    let tenant = stage.run.tenant(0);
    assert_eq!(stage.vend(&tenant).await, 200);
    drop(exporting);

    let request = exported.one("request");
    let expected = [
        ("otel.kind", "server"),
        ("http.request.method", "POST"),
        ("http.route", "/{tenant}/oauth2/v2.0/token"),
        ("http.response.status_code", "200"),
        ("request_id", "request-1"),
    ];
    check(&request, &expected);
    let entra = exported.one("entra_token_request");
    let expected = [
        ("otel.kind", "client"),
        ("http.request.method", "POST"),
        ("server.address", "localhost"),
        ("http.response.status_code", "200"),
    ];
    check(&entra, &expected);
    assert!(entra.within.contains(&"request".to_owned()), "{entra:?}");
    // The table's are the SDK's own.
    let of_table = |span: &Span| {
        let service = span.fields.get("rpc.service");
        service.is_some_and(|service| service == "DynamoDB")
    };
    let of_request = |span: &&Span| span.within.contains(&"request".to_owned());
    let spans = exported.spans.lock().unwrap();
    let table: Vec<_> = spans.iter().filter(|span| of_table(span)).collect();
    let methods: Vec<_> = table
        .iter()
        .copied()
        .filter(of_request)
        .map(|span| span.fields["rpc.method"].as_str())
        .collect();
    assert!(methods.contains(&"GetItem"), "{table:#?}");
    assert!(methods.contains(&"UpdateItem"), "{table:#?}");
    for span in [request, entra] {
        let text = format!("{span:?}");
        assert!(!text.contains(&tenant) && !text.contains("eyJ"), "{text}");
    }
}

fn check(span: &Span, expected: &[(&str, &str)]) {
    for (field, value) in expected {
        let found = span.fields.get(*field).map(String::as_str);
        assert_eq!(found, Some(*value), "{field} of {span:?}");
    }
}
