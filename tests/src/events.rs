//! The events of this process: log lines that name themselves in a field `event`, as a
//! log's reader sees them. Fields are kept as text.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::{Subscriber, subscriber};
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// Its name: the field `event`.
    pub name: String,
    /// Every other field.
    pub fields: BTreeMap<String, String>,
}

/// What this process has told so far.
#[derive(Clone, Default)]
pub struct Events(Arc<Mutex<Vec<Event>>>);

impl Event {
    /// A field that the event must have.
    pub fn field(&self, name: &str) -> &str {
        match self.fields.get(name) {
            Some(value) => value,
            None => panic!("{self:?} has no {name}"),
        }
    }
}

impl Events {
    /// Listens from now on, to every thread: once in a process.
    pub fn listen() -> Self {
        let events = Self::default();
        let listener = Listener(events.clone()).with_filter(LevelFilter::INFO);
        subscriber::set_global_default(tracing_subscriber::registry().with(listener))
            .expect("somebody else listens already");
        events
    }

    /// What was told since the last time that somebody asked.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

struct Listener(Events);

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, told: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut event = Event::default();
        told.record(&mut Texts(&mut event));
        if !event.name.is_empty() {
            self.0.0.lock().unwrap().push(event);
        }
    }
}

/// Reads the fields of an event as text.
struct Texts<'a>(&'a mut Event);

impl Visit for Texts<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "event" => self.0.name = value.to_owned(),
            name => {
                self.0.fields.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}
