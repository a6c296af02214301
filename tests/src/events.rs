//! The events of this process: log lines that name themselves in a field `event`, as a
//! log's reader sees them. Fields are kept as text.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

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
    /// Listens from now on, to every thread of the process; all who do share what is kept.
    pub fn listen() -> Self {
        let kept = kept();
        kept.wanted.store(true, Ordering::SeqCst);
        kept.events.clone()
    }

    /// What was told since the last time that somebody asked.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// What the process's own subscriber keeps, once somebody listens.
struct Kept {
    events: Events,
    wanted: Arc<AtomicBool>,
}

/// The process has one subscriber of its own, whichever test comes first.
pub(crate) fn set_process_subscriber() {
    kept();
}

fn kept() -> &'static Kept {
    static KEPT: OnceLock<Kept> = OnceLock::new();
    KEPT.get_or_init(|| {
        let (events, wanted) = (Events::default(), Arc::new(AtomicBool::new(false)));
        let listener = Listener(events.clone(), Arc::clone(&wanted));
        let listener = listener.with_filter(LevelFilter::INFO);
        subscriber::set_global_default(tracing_subscriber::registry().with(listener))
            .expect("it is set here alone");
        Kept { events, wanted }
    })
}

struct Listener(Events, Arc<AtomicBool>);

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, told: &tracing::Event<'_>, _: Context<'_, S>) {
        if !self.1.load(Ordering::SeqCst) {
            return;
        }
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
