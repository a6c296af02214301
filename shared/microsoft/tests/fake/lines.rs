//! What this thread logs, field by field as text.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::subscriber::DefaultGuard;
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

/// One line: its fields, and its target under that name.
pub(crate) type Line = BTreeMap<String, String>;

/// The lines so far.
pub(crate) struct Lines {
    kept: Kept,
    _listening: DefaultGuard,
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Line>>>);

impl Lines {
    /// Listens to this thread from now on.
    pub(crate) fn listen() -> Self {
        let kept = Kept::default();
        let registry = tracing_subscriber::registry().with(kept.clone());
        Self {
            kept,
            _listening: listen(registry),
        }
    }

    /// All lines since the last time, and the fields of the spans that began.
    pub(crate) fn take(&self) -> Vec<Line> {
        std::mem::take(&mut *self.kept.0.lock().unwrap())
    }

    /// The lines of the target `audit` since the last time, and no other.
    pub(crate) fn take_audit(&self) -> Vec<Line> {
        let mut lines = self.take();
        lines.retain(|line| line["target"] == "audit");
        lines
    }
}

/// This thread's lines go to `subscriber` until the guard is dropped.
///
/// The other threads get one that keeps nothing: while a process has a single subscriber,
/// tracing asks the thread that comes to a line first whether it wants it, and believes it for
/// all threads.
#[expect(clippy::disallowed_methods, reason = "the one place in these tests")]
fn listen(subscriber: impl Subscriber + Send + Sync + 'static) -> DefaultGuard {
    drop(tracing::subscriber::set_global_default(
        tracing_subscriber::registry(),
    ));
    tracing::subscriber::set_default(subscriber)
}

impl<S: Subscriber> Layer<S> for Kept {
    fn on_new_span(&self, attributes: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        let name = attributes.metadata().name().to_owned();
        let target = attributes.metadata().target().to_owned();
        let mut line = Line::from([("target".to_owned(), target), ("span".to_owned(), name)]);
        attributes.record(&mut Texts(&mut line));
        self.0.lock().unwrap().push(line);
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let target = event.metadata().target().to_owned();
        let mut line = Line::from([("target".to_owned(), target)]);
        event.record(&mut Texts(&mut line));
        self.0.lock().unwrap().push(line);
    }
}

struct Texts<'a>(&'a mut Line);

impl Visit for Texts<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}
