//! One pass over the outbox: which destinations still answer, and what becomes of each event.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::join_all;

use super::backoff::{GIVEN_UP_AFTER, next_attempt};
use super::parts::DeliveryParts;
use crate::ports::{EventSink, Sent, StoreError, WaitingEvent};

/// A destination that failed so often in a row is left alone for the rest of a pass.
pub const FAILURES_MAX: u32 = 3;
/// Rows that are written side by side.
const WRITES_AT_ONCE: usize = 10;

/// What came of a pass.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivered {
    /// Events that every destination has now.
    pub done: u32,
    /// Events that were tried and wait for another try.
    pub put_off: u32,
    /// Events that no destination is offered any more.
    pub given_up: u32,
    /// Seconds since the oldest event that still waits; `None` where none was seen.
    pub longest_wait: Option<u64>,
}

/// A pass under way.
pub(super) struct Pass<'a> {
    parts: &'a DeliveryParts,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    delivered: Delivered,
    /// Failures in a row, by destination.
    failures: BTreeMap<&'static str, u32>,
    /// What a destination said last of why it takes nothing.
    reasons: BTreeMap<&'static str, String>,
    /// Why a shard could not be worked off.
    store_error: Option<StoreError>,
    cut_off: bool,
}

impl<'a> Pass<'a> {
    pub(super) fn new(parts: &'a DeliveryParts) -> Self {
        Self {
            parts,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn delivered(&self) -> Delivered {
        self.state().delivered.clone()
    }

    pub(super) fn store_failed(&self, error: StoreError) {
        self.state().store_error = Some(error);
    }

    pub(super) fn cut_off(&self) {
        self.state().cut_off = true;
    }

    /// Whether some destination still answers.
    pub(super) fn goes_on(&self) -> bool {
        self.parts
            .sinks
            .iter()
            .any(|sink| self.answers(sink.name()))
    }

    fn answers(&self, sink: &str) -> bool {
        let failures = self.state().failures.get(sink).copied();
        failures.unwrap_or_default() < FAILURES_MAX
    }

    /// Those whose turn has come.
    pub(super) fn due(&self, events: Vec<WaitingEvent>) -> Vec<WaitingEvent> {
        let now = self.parts.clock.now();
        let (due, later): (Vec<_>, Vec<_>) = events
            .into_iter()
            .partition(|event| event.next_attempt_at.is_none_or(|at| at <= now));
        later.iter().for_each(|event| self.waits(event));
        due
    }

    fn waits(&self, event: &WaitingEvent) {
        let waited = event.time.seconds_until(self.parts.clock.now());
        let longest = &mut self.state().delivered.longest_wait;
        *longest = Some(longest.unwrap_or_default().max(waited));
    }

    /// Offers a batch to every destination that lacks one of it, side by side, and writes down
    /// what came of it.
    pub(super) async fn batch(&self, batch: &[WaitingEvent]) -> Result<(), StoreError> {
        let sinks = self.parts.sinks.iter();
        let offers = sinks.map(|sink| self.offer(sink.as_ref(), batch));
        let outcomes: Vec<Vec<Option<Sent>>> = join_all(offers).await;
        let events: Vec<_> = (0..)
            .zip(batch)
            .map(|(place, event)| {
                let of_event = outcomes
                    .iter()
                    .map(|outcome| outcome.get(place).cloned().flatten());
                self.after(event, of_event)
            })
            .collect();
        for some in events.chunks(WRITES_AT_ONCE) {
            let written = join_all(some.iter().map(|next| self.write(next))).await;
            written.into_iter().collect::<Result<(), _>>()?;
        }
        Ok(())
    }

    /// What one destination did with each of the batch; `None` for what it was not offered.
    async fn offer(&self, sink: &dyn EventSink, batch: &[WaitingEvent]) -> Vec<Option<Sent>> {
        let name = sink.name();
        let lacks = |event: &&WaitingEvent| !event.taken_by.contains(name);
        let offered: Vec<_> = batch.iter().filter(lacks).collect();
        if offered.is_empty() || !self.answers(name) {
            return vec![None; batch.len()];
        }
        let mut sent = sink.send(&offered).await.into_iter();
        let outcomes = batch.iter().map(|event| {
            let none = || Sent::Later("it said nothing of this event".to_owned());
            lacks(&event).then(|| sent.next().unwrap_or_else(none))
        });
        let outcomes: Vec<_> = outcomes.collect();
        self.note(name, &outcomes);
        outcomes
    }

    fn note(&self, sink: &'static str, outcomes: &[Option<Sent>]) {
        let mut state = self.state();
        for sent in outcomes.iter().flatten() {
            match sent {
                Sent::Later(why) => {
                    *state.failures.entry(sink).or_default() += 1;
                    state.reasons.insert(sink, why.clone());
                }
                Sent::Taken | Sent::Unwanted => {
                    state.failures.remove(sink);
                }
            }
        }
    }

    /// What is to be written of an event after these outcomes, in the order of the destinations.
    fn after(&self, before: &WaitingEvent, outcomes: impl Iterator<Item = Option<Sent>>) -> Next {
        let (mut event, mut tried) = (before.clone(), false);
        for (sink, sent) in self.parts.sinks.iter().zip(outcomes) {
            match sent {
                Some(Sent::Taken) => {
                    event.taken_by.insert(sink.name().to_owned());
                }
                Some(Sent::Unwanted) => {
                    unwanted(&event, sink.name());
                    event.taken_by.insert(sink.name().to_owned());
                }
                Some(Sent::Later(_)) => tried = true,
                None => {}
            }
        }
        let now = self.parts.clock.now();
        if tried {
            event.attempts = event.attempts.saturating_add(1);
            event.next_attempt_at = Some(next_attempt(now, event.attempts));
        }
        let mut sinks = self.parts.sinks.iter();
        if sinks.all(|sink| event.taken_by.contains(sink.name())) {
            Next::Done(event)
        } else if tried && event.time + GIVEN_UP_AFTER < now {
            Next::GivenUp(event)
        } else if tried || event.taken_by != before.taken_by {
            Next::PutOff(event)
        } else {
            Next::Kept(event)
        }
    }

    async fn write(&self, next: &Next) -> Result<(), StoreError> {
        let outbox = &self.parts.outbox;
        match next {
            Next::Done(event) => {
                outbox.done(event).await?;
                self.state().delivered.done += 1;
            }
            Next::GivenUp(event) => {
                given_up(event);
                outbox.done(event).await?;
                self.state().delivered.given_up += 1;
            }
            Next::PutOff(event) => {
                self.waits(event);
                outbox.put_off(event).await?;
                self.state().delivered.put_off += 1;
            }
            // The destination that it lacks is left alone.
            Next::Kept(event) => self.waits(event),
        }
        Ok(())
    }

    /// One line for each destination that takes nothing, however many events wait for it.
    pub(super) fn report(&self) {
        let state = self.state();
        for (sink, why) in &state.reasons {
            tracing::warn!(
                event = "events_not_delivered",
                destination = sink,
                reason = why,
                put_off = state.delivered.put_off,
                "events wait for another try at {sink}"
            );
        }
        if let Some(error) = &state.store_error {
            tracing::error!(event = "events_store_error", %error, "events wait for the next run");
        }
        if state.cut_off {
            tracing::warn!(
                event = "events_cut_off",
                "no time was left to deliver every event"
            );
        }
    }
}

/// What is to be written of an event.
enum Next {
    Done(WaitingEvent),
    GivenUp(WaitingEvent),
    PutOff(WaitingEvent),
    Kept(WaitingEvent),
}

fn unwanted(event: &WaitingEvent, sink: &str) {
    tracing::warn!(
        event = "event_unwanted",
        destination = sink,
        event_id = event.id,
        event_type = event.kind,
        "{sink} says that it wants no events any more"
    );
}

fn given_up(event: &WaitingEvent) {
    tracing::error!(
        event = "event_given_up",
        event_id = event.id,
        event_type = event.kind,
        detail = event.body,
        attempts = event.attempts,
        "an event that is a week old is not tried any more"
    );
}
