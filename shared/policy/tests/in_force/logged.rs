//! The events that this thread's test has logged so far. One listener serves the whole
//! process: with one for each test, what another thread's logging makes tracing remember
//! of a place in the code can silence it here.

use std::cell::RefCell;
use std::fmt::Debug;
use std::sync::Once;

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

thread_local! {
    static EVENTS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

static LISTENING: Once = Once::new();

/// To be called before anything can log, by every test of a process.
pub(crate) fn ready() {
    LISTENING.call_once(|| tracing::subscriber::set_global_default(Listener).unwrap());
}

/// What is logged on this thread from now on.
pub(crate) struct Logged;

impl Logged {
    pub(crate) fn listen() -> Self {
        ready();
        EVENTS.take();
        Self
    }

    /// The `event` field of each.
    pub(crate) fn events(&self) -> Vec<String> {
        EVENTS.with_borrow(Clone::clone)
    }
}

struct Listener;

impl Visit for Listener {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "event" {
            EVENTS.with_borrow_mut(|events| events.push(value.to_owned()));
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}

impl Subscriber for Listener {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("policy")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Listener);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
