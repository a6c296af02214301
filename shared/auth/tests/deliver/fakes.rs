//! An outbox in memory and destinations that do as they are told.

use std::collections::{BTreeMap, BTreeSet};
use std::future::pending;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::Timestamp;
use auth::deliver::{Delivery, DeliveryParts};
use auth::ports::{
    EventSink, HeldClock, Leases, Outbox, Pause, Sent, StoreError, WaitingEvent, WaitingPage,
};

use crate::fakes::FakeLeases;

/// Events by shard and place.
#[derive(Default)]
pub(super) struct FakeOutbox {
    pub(super) rows: Mutex<BTreeMap<(u32, String), WaitingEvent>>,
    pub(super) written: Mutex<BTreeSet<u32>>,
    pub(super) queries: AtomicU32,
    pub(super) writes: AtomicU32,
    /// So many more writes are done; the next one fails.
    pub writes_left: Mutex<Option<u32>>,
}

impl FakeOutbox {
    /// Puts an event that happened at this second.
    pub(super) fn put(&self, shard: u32, second: i64) -> String {
        let id = format!("evt_{shard}_{second}");
        let event = WaitingEvent {
            shard,
            place: format!("{second:012}#{id}"),
            id: id.clone(),
            kind: "TenantDegraded".to_owned(),
            time: Timestamp::from_unix(second),
            body: format!("{{\"id\":\"{id}\"}}"),
            taken_by: BTreeSet::new(),
            attempts: 0,
            next_attempt_at: None,
        };
        let mut rows = self.rows.lock().unwrap();
        rows.insert((shard, event.place.clone()), event);
        self.written.lock().unwrap().insert(shard);
        id
    }

    pub(super) fn left(&self) -> usize {
        self.rows.lock().unwrap().len()
    }

    fn write(&self) -> Result<(), StoreError> {
        let mut left = self.writes_left.lock().unwrap();
        match &mut *left {
            Some(0) => return Err(StoreError::Unavailable("gone".to_owned())),
            Some(left) => *left -= 1,
            None => {}
        }
        self.writes.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[async_trait]
impl Outbox for FakeOutbox {
    fn shards(&self) -> u32 {
        2
    }

    fn lease(&self, shard: u32) -> String {
        format!("outbox#{shard}")
    }

    fn written_here(&self) -> BTreeSet<u32> {
        std::mem::take(&mut self.written.lock().unwrap())
    }

    async fn waiting(
        &self,
        shard: u32,
        after: Option<&str>,
        limit: u32,
    ) -> Result<WaitingPage, StoreError> {
        self.queries.fetch_add(1, Ordering::SeqCst);
        let rows = self.rows.lock().unwrap();
        let of_shard = rows.iter().filter(|((of, _), _)| *of == shard);
        let mut rest =
            of_shard.filter(|((_, place), _)| after.is_none_or(|after| place.as_str() > after));
        let limit = usize::try_from(limit).unwrap();
        let events: Vec<_> = rest
            .by_ref()
            .take(limit)
            .map(|(_, event)| event.clone())
            .collect();
        let next = events.last().map(|event| event.place.clone());
        Ok(WaitingPage {
            next: next.filter(|_| rest.next().is_some()),
            events,
        })
    }

    async fn done(&self, event: &WaitingEvent) -> Result<(), StoreError> {
        self.write()?;
        self.rows
            .lock()
            .unwrap()
            .remove(&(event.shard, event.place.clone()));
        Ok(())
    }

    async fn put_off(&self, event: &WaitingEvent) -> Result<(), StoreError> {
        self.write()?;
        let mut rows = self.rows.lock().unwrap();
        if let Some(row) = rows.get_mut(&(event.shard, event.place.clone())) {
            *row = event.clone();
        }
        Ok(())
    }
}

/// A destination.
pub(super) struct FakeSink {
    name: &'static str,
    pub(super) answer: Mutex<Answer>,
    /// The ids that it was offered.
    pub(super) got: Mutex<Vec<String>>,
}

/// What a destination answers.
#[derive(Clone, PartialEq)]
pub(super) enum Answer {
    Each(Sent),
    Never,
    /// Of a batch only so many.
    Only(usize),
}

impl FakeSink {
    pub(super) fn new(name: &'static str) -> Arc<Self> {
        Arc::new(Self {
            name,
            answer: Mutex::new(Answer::Each(Sent::Taken)),
            got: Mutex::default(),
        })
    }

    pub(super) fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub(super) fn is_down(&self) {
        self.answers(Answer::Each(Sent::Later("down".to_owned())));
    }

    pub(super) fn got(&self) -> Vec<String> {
        self.got.lock().unwrap().clone()
    }
}

#[async_trait]
impl EventSink for FakeSink {
    fn name(&self) -> &'static str {
        self.name
    }

    async fn send(&self, events: &[&WaitingEvent]) -> Vec<Sent> {
        let ids = events.iter().map(|event| event.id.clone());
        self.got.lock().unwrap().extend(ids);
        let answer = self.answer.lock().unwrap().clone();
        match answer {
            Answer::Each(sent) => vec![sent; events.len()],
            Answer::Only(some) => vec![Sent::Taken; some.min(events.len())],
            Answer::Never => pending().await,
        }
    }
}

/// Ends nothing, or at once.
pub(super) struct Patience(pub(super) bool);

#[async_trait]
impl Pause for Patience {
    async fn pause(&self, _: Duration) {
        if self.0 {
            pending::<()>().await;
        }
    }
}

/// What a delivery works on.
pub(super) struct World {
    pub(super) outbox: Arc<FakeOutbox>,
    pub(super) bus: Arc<FakeSink>,
    pub(super) webhook: Arc<FakeSink>,
    pub(super) leases: Arc<FakeLeases>,
    pub(super) clock: Arc<HeldClock>,
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            outbox: Arc::default(),
            bus: FakeSink::new("bus"),
            webhook: FakeSink::new("webhook"),
            leases: Arc::default(),
            clock: Arc::new(HeldClock::at(1_000)),
        }
    }

    pub(super) fn delivery(&self) -> Delivery {
        self.within(Patience(true))
    }

    pub(super) fn within(&self, patience: Patience) -> Delivery {
        Delivery::new(DeliveryParts {
            outbox: Arc::clone(&self.outbox) as _,
            sinks: vec![Arc::clone(&self.bus) as _, Arc::clone(&self.webhook) as _],
            leases: Arc::clone(&self.leases) as Arc<dyn Leases>,
            clock: Arc::clone(&self.clock) as _,
            pause: Arc::new(patience),
            meter: None,
        })
    }
}
