//! Many tenants in memory: a table with its due index and leases, an API, and runs over them.

mod api;
mod leases;
mod shared;
mod table;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use auth::metric::Metric;
use auth::ports::{Clock as _, HeldClock, Meter};
use auth::{TenantId, TenantStatus};
use feed::ContentType;
use feed::collect::{Collector, Queue};
use feed::due::Due;
use feed::ledger::TenantFeed;
use feed::object_key::Format;
use feed::operate::Feeds;
use feed::pace::Pacing;
use feed::run::{Fleet, Message, RunReport, Worked};
use feed::wake::Wake;

use super::{AsItIs, FakeObjects, Fuse, IN_EVERY_TURN, TYPE, Waits};

pub(crate) use api::{FleetApi, FleetTokens, Gives};
pub(crate) use shared::FakeWakes;
pub(crate) use table::{Counts, FleetTable};

pub(crate) const OTHER: ContentType = ContentType::General;

pub(crate) struct FleetWorld {
    pub(crate) clock: Arc<HeldClock>,
    pub(crate) fuse: Arc<Fuse>,
    pub(crate) table: Arc<FleetTable>,
    pub(crate) api: Arc<FleetApi>,
    pub(crate) tokens: Arc<FleetTokens>,
    pub(crate) objects: Arc<FakeObjects>,
    pub(crate) meter: Arc<FakeMeter>,
    pub(crate) wakes: Arc<FakeWakes>,
    /// How much can be done in a second.
    pub(crate) steps: AtomicU64,
    pub(crate) fleet: Fleet,
}

/// The tenant of this number.
pub(crate) fn numbered(number: usize) -> TenantId {
    let text = format!("00000000-0000-4000-8000-{number:012}");
    text.parse().unwrap()
}

impl FleetWorld {
    /// So many tenants, which have just connected, and are looked at in each of their turns; no queue.
    pub(crate) fn of(tenants: usize, now: i64) -> Self {
        Self::paced(tenants, now, IN_EVERY_TURN)
    }

    /// The same at the pace of the setting.
    pub(crate) fn paced(tenants: usize, now: i64, pacing: Pacing) -> Self {
        Self::built(tenants, now, (pacing, false))
    }

    /// The same with a queue.
    pub(crate) fn with_queue(tenants: usize, now: i64, pacing: Pacing) -> Self {
        Self::built(tenants, now, (pacing, true))
    }

    fn built(tenants: usize, now: i64, (pacing, has_queue): (Pacing, bool)) -> Self {
        let clock = Arc::new(HeldClock::at(now));
        let fuse = Arc::new(Fuse::default());
        let table = Arc::new(FleetTable::new(Arc::clone(&fuse)));
        let api = Arc::new(FleetApi::new(Arc::clone(&clock), Arc::clone(&fuse)));
        let tokens = Arc::new(FleetTokens::new(Arc::clone(&fuse)));
        let objects = Arc::new(FakeObjects::new(Arc::clone(&fuse)));
        let meter = Arc::new(FakeMeter::default());
        let wakes = Arc::new(FakeWakes::default());
        let queue = Queue {
            wakes: wakes.clone(),
            shared: table.clone(),
        };
        let collector = Collector {
            queue: has_queue.then_some(queue),
            api: api.clone(),
            ledger: table.clone(),
            objects: objects.clone(),
            tokens: tokens.clone(),
            encoding: Arc::new(AsItIs),
            clock: clock.clone(),
            pause: Arc::new(Waits(clock.clone())),
            format: Format::Gzip,
            types: vec![TYPE, OTHER],
            settle: 300,
            pacing,
            before_start: Duration::ZERO,
            webhook: None,
        };
        let fleet = Fleet {
            collector: Arc::new(collector),
            tenants: table.clone(),
            due: table.clone(),
            leases: table.clone(),
            meter: meter.clone(),
            host: None,
            concurrency: 4,
        };
        let world = Self {
            clock,
            fuse,
            table,
            api,
            tokens,
            objects,
            meter,
            wakes,
            steps: AtomicU64::new(16),
            fleet,
        };
        (0..tenants).for_each(|number| world.connect(number));
        world
    }

    /// Another pace from now on.
    pub(crate) fn paces(&mut self, pacing: Pacing) {
        let collector = Arc::get_mut(&mut self.fleet.collector).expect("no run is under way");
        collector.pacing = pacing;
    }

    /// These types are collected from now on.
    pub(crate) fn collects(&mut self, types: &[ContentType]) {
        let collector = Arc::get_mut(&mut self.fleet.collector).expect("no run is under way");
        collector.types = types.to_vec();
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now().unix()
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.pass(Duration::from_secs(seconds));
    }

    pub(crate) fn connect(&self, number: usize) {
        self.table
            .stands(numbered(number), TenantStatus::Active, self.clock.now());
    }

    pub(crate) fn stands(&self, number: usize, status: TenantStatus) {
        self.table.changes(numbered(number), status);
    }

    /// A run with four minutes.
    pub(crate) async fn run(&self) -> RunReport {
        self.fleet.run(Duration::from_secs(240)).await
    }

    /// So many runs, so many seconds after each other.
    pub(crate) async fn runs(&self, count: usize, apart: u64) -> RunReport {
        let mut last = RunReport::default();
        for _ in 0..count {
            self.pass(apart);
            last = self.run().await;
        }
        last
    }

    pub(crate) async fn run_after(&self, seconds: u64) -> RunReport {
        self.runs(1, seconds).await
    }

    /// A worker does these messages, with four minutes.
    pub(crate) async fn work(&self, messages: &[Message]) -> Worked {
        self.fleet.work(messages, Duration::from_secs(240)).await
    }

    /// A webhook's message about the first type of a tenant, sent now.
    pub(crate) fn notified(&self, number: usize) -> Message {
        self.notified_of(number, TYPE)
    }

    /// The same about another type.
    pub(crate) fn notified_of(&self, number: usize, of: ContentType) -> Message {
        let tenant = numbered(number);
        let types = [of].into();
        self.sent_now(Wake::Notified { tenant, types })
    }

    fn sent_now(&self, wake: Wake) -> Message {
        let sent = self.clock.now();
        Message { sent, wake }
    }

    /// What is on the queue, which is empty then.
    pub(crate) fn received(&self) -> Vec<Message> {
        let sent = std::mem::take(&mut *self.wakes.sent.lock().unwrap());
        sent.into_iter().map(|wake| self.sent_now(wake)).collect()
    }

    /// As [`runs`](Self::runs), while time passes: what is within a quota waits.
    pub(crate) async fn timed_runs(&self, count: usize, apart: u64) {
        for _ in 0..count {
            self.pass(apart);
            self.while_time_passes(self.run()).await;
        }
    }

    /// Time passes while `work` goes on, a second whenever all of it waits.
    pub(crate) async fn while_time_passes<T>(&self, work: impl Future<Output = T>) -> T {
        let passes = async {
            loop {
                for _ in 0..self.steps.load(Ordering::SeqCst) {
                    tokio::task::yield_now().await;
                }
                self.pass(1);
            }
        };
        tokio::select! {
            done = work => done,
            () = passes => unreachable!("it goes on for ever"),
        }
    }

    pub(crate) fn clock_since(&self) -> Duration {
        self.clock.since_start()
    }

    pub(crate) fn row(&self, number: usize) -> TenantFeed {
        self.table.row(numbered(number)).expect("it has a row")
    }

    pub(crate) fn due(&self, number: usize) -> Due {
        self.row(number).due
    }

    pub(crate) fn operate(&self) -> Feeds {
        Feeds {
            ledger: self.table.clone(),
            due: self.table.clone(),
            leases: self.table.clone(),
            clock: self.clock.clone(),
            interval: self.fleet.collector.pacing.interval,
            settle: 300,
        }
    }

    /// Listings since somebody asked.
    pub(crate) fn listings(&self) -> u64 {
        self.api.listings.swap(0, Ordering::SeqCst)
    }

    /// Every content that was stored, of a tenant.
    pub(crate) fn stored(&self, number: usize) -> Vec<String> {
        self.objects.lines(&format!("tenant={}", numbered(number)))
    }
}

#[derive(Default)]
pub(crate) struct FakeMeter(pub(crate) Mutex<BTreeMap<&'static str, u64>>);

impl Meter for FakeMeter {
    fn record(&self, metric: Metric, value: u64) {
        self.0.lock().unwrap().insert(metric.name(), value);
    }

    fn flush(&self) {}
}
