//! The days, tick by tick: what is wrong, a run of the refresher, and 150 seconds later the
//! observer, who asks for every tenant, or in turn for a part of a large fleet.

use std::collections::BTreeMap;
use std::path::Path;

use auth::TenantId;
use auth::refresh::RefreshReport;
use tests::clock::START;
use tests::events::Events;
use tests::ideal::PERIOD;
use tests::issued::Book;

use super::judge::{self, Seen};
use super::plan::{self, Ill, PLAN};
use super::receiver::Receiver;
use super::stage::Stage;

/// The observer comes half way between two runs of the refresher.
const OFFSET: i64 = PERIOD / 2;

/// The days so far.
pub struct Days {
    stage: Stage,
    pub(super) tenants: Vec<TenantId>,
    /// The thumbprint of our key, as the simulator names it.
    key: String,
    pub(super) book: Book,
    events: Events,
    pub(super) receiver: Receiver,
    pub(super) seen: Seen,
    pub(super) requests: u64,
}

impl Days {
    /// The fleet is connected at one moment, each tenant in its cloud.
    pub async fn begin(data_dir: &Path) -> Self {
        let events = Events::listen();
        let receiver = Receiver::start().await;
        let stage = Stage::open(data_dir, &receiver.url).await;
        let tenants = stage.fleet.tenants();
        stage.fleet.connect_by(&tenants, plan::cloud).await;
        Self {
            key: stage.fleet.neighbour.thumbprint().await,
            stage,
            tenants,
            book: Book::default(),
            events,
            receiver,
            seen: Seen::default(),
            requests: 0,
        }
    }

    /// Lives them to their end.
    pub async fn live(mut self) -> Self {
        for time in (0..PLAN.days * PLAN.day).step_by(PERIOD as usize) {
            if time > 0 && time % PLAN.day == 0 {
                self = self.restarted().await;
            }
            self.tick(time).await;
        }
        self.requests = self.stage.requests().await;
        self
    }

    async fn restarted(mut self) -> Self {
        self.book.read(&self.stage.fleet.run.broker).await;
        self.book.begin_again();
        self.stage = self.stage.restart().await;
        self
    }

    async fn tick(&mut self, time: i64) {
        assert_eq!(self.stage.now().unix(), START + time);
        let faults = plan::faults(time, &self.tenants, &self.key);
        self.stage.fleet.apply(faults).await;
        self.receiver.set_down(plan::receiver_is_down(time));
        let ill = plan::ill(time);
        match ill {
            Some(Ill::Table(share)) => self.stage.table.throttle(share),
            Some(Ill::DeadHolder) => self.stage.take_every_shard().await,
            _ => self.stage.table.throttle(0),
        }
        let report = self.stage.refresh().await;
        self.note(time, ill, &report);
        self.stage.fleet.run.clock.advance(OFFSET);
        self.observe(time + OFFSET).await;
        self.note_events(ill);
        self.stage.fleet.run.clock.advance(PERIOD - OFFSET);
    }

    /// Each ill is really met: the runs during it are not like those of a good day.
    fn note(&mut self, time: i64, ill: Option<Ill>, report: &RefreshReport) {
        let Some(ill) = ill else {
            return;
        };
        let met = match ill {
            Ill::Table(_) => self.stage.table.requests() > 0,
            Ill::Life(_) => report.refreshed > 0,
            Ill::DeadHolder => report.refreshed == 0,
            Ill::KeyRemoved => report.fleet_fault,
            _ => report.failed > 0,
        };
        let count = self.seen.met.entry(format!("{ill:?}")).or_default();
        *count += u32::from(met);
        if !met {
            println!("{time}: {ill:?} was not met: {report:?}");
        }
    }

    fn note_events(&mut self, ill: Option<Ill>) {
        let mut named: BTreeMap<String, u32> = BTreeMap::new();
        for event in self.events.take() {
            *named.entry(event.name).or_default() += 1;
        }
        let count = |name: &str| named.get(name).copied().unwrap_or(0);
        if count("fleet_fault") > 0 {
            assert_eq!(ill, Some(Ill::KeyRemoved), "no other fault is ours");
        }
        self.seen.changes += count("tenant_status_changed");
        self.seen.faults += count("fleet_fault");
        self.seen.recoveries += count("fleet_recovered");
    }

    async fn observe(&mut self, time: i64) {
        let turn = usize::try_from(time / PERIOD).unwrap();
        let first = turn % PLAN.observed;
        let asked = (first..self.tenants.len()).step_by(PLAN.observed);
        let asked: Vec<_> = asked.map(|index| (index, self.tenants[index])).collect();
        let answers = judge::vend_all(&self.stage.vending, &asked).await;
        self.book.read(&self.stage.fleet.run.broker).await;
        let at = (time, self.stage.now().unix());
        for (tenant, answer) in asked.into_iter().zip(&answers) {
            self.seen.judge(&mut self.book, tenant, answer, at);
        }
    }
}
