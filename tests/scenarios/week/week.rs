//! The week, tick by tick: faults, a run of the refresher, and 150 seconds later the
//! observer. What was seen is counted and judged at the end.

use std::collections::BTreeSet;
use std::path::Path;

use auth::TenantId;
use auth::refresh::{EndedEarly, RefreshReport};
use serde_json::json;
use tests::clock::START;
use tests::connect_tenant;
use tests::events::Events;
use tests::ideal::{self, PERIOD};
use tests::issued::Book;

use super::changes::Changes;
use super::observer::{self, Judgement};
use super::plan::{self, DAY, PLAN, TENANTS};
use super::stage::Stage;

/// The share of requests beyond the ideal is promised for so long.
const WEEK: f64 = 7.0 * DAY as f64;
/// The observer comes half way between two runs of the refresher.
const OFFSET: i64 = PERIOD / 2;

/// The week so far.
pub struct Week {
    stage: Stage,
    tenants: Vec<TenantId>,
    book: Book,
    events: Events,
    changes: Changes,
    fleet_faults: usize,
    vends: u64,
    /// Tenants whose caller had to do without a token while Entra ID throttled.
    starved: BTreeSet<usize>,
    /// Tenants whose caller was told that they are revoked.
    away: BTreeSet<usize>,
    requests: u64,
}

impl Week {
    /// Two hundred tenants are connected at the same moment.
    pub async fn begin(data_dir: &Path) -> Self {
        let events = Events::listen();
        let stage = Stage::open(data_dir).await;
        let tenants = stage.fleet.tenants();
        stage.fleet.connect(&tenants).await;
        Self {
            stage,
            tenants,
            book: Book::default(),
            events,
            changes: Changes::default(),
            fleet_faults: 0,
            vends: 0,
            starved: BTreeSet::new(),
            away: BTreeSet::new(),
            requests: 0,
        }
    }

    /// Lives it to its end.
    pub async fn live(mut self) -> Self {
        for time in (0..PLAN.end).step_by(PERIOD as usize) {
            if time > 0 && time % DAY == 0 {
                self = self.restarted().await;
            }
            self.tick(time).await;
        }
        self.changes
            .agree_with(self.stage.table.as_ref(), &self.tenants)
            .await;
        self.requests = self.stage.requests().await;
        self
    }

    async fn restarted(mut self) -> Self {
        let table = self.stage.table.as_ref();
        self.changes.agree_with(table, &self.tenants).await;
        self.book.read(&self.stage.fleet.run.broker).await;
        self.book.begin_again();
        self.stage = self.stage.restart().await;
        self
    }

    async fn tick(&mut self, time: i64) {
        assert_eq!(self.stage.now().unix(), START + time);
        if time == PLAN.consents_away.1 {
            self.consent_again().await;
        }
        self.stage
            .fleet
            .apply(plan::faults(time, &self.tenants))
            .await;
        if time == *plan::outage().start() {
            self.the_fleet_is_spread_evenly().await;
        }
        let report = self.stage.fleet.run.machine.refresh().await;
        check_report(time, &report);
        if time == plan::recovered() {
            assert_eq!(self.stage.due(self.stage.now()).await, 0, "{report:?}");
        }
        self.follow().await;
        // What ends in this second has ended for everybody who comes later.
        self.stage
            .fleet
            .apply(plan::faults(time + 1, &self.tenants))
            .await;
        self.stage.fleet.run.clock.advance(OFFSET);
        self.observe(time + OFFSET).await;
        self.follow().await;
        self.stage.fleet.run.clock.advance(PERIOD - OFFSET);
    }

    /// Every moment of an outage is as bad as any other: of each run's turns there is a like
    /// part, and nothing that was due before is left (and [`ideal::left_after_outage`] is what
    /// the promise leaves).
    async fn the_fleet_is_spread_evenly(&self) {
        let now = self.stage.now();
        assert_eq!(self.stage.due(now).await, 0);
        let turns = TENANTS as i64 * PERIOD / ideal::CYCLE;
        let of_this_run = self.stage.turns_since(now, PERIOD).await as i64;
        assert!(
            (turns / 2..=turns * 2).contains(&of_this_run),
            "{of_this_run}"
        );
    }

    /// The admins click through the consent pages once more.
    async fn consent_again(&mut self) {
        let ready = &self.stage.fleet.run.broker.ready;
        for index in plan::REVOKED {
            connect_tenant(ready, index).await;
        }
        self.follow().await;
    }

    async fn observe(&mut self, time: i64) {
        let answers = observer::vend_all(&self.stage.vending, &self.tenants).await;
        self.book.read(&self.stage.fleet.run.broker).await;
        let at = (time, self.stage.now().unix());
        for (index, answer) in answers.iter().enumerate() {
            let tenant = (index, self.tenants[index]);
            match observer::judge(&mut self.book, tenant, answer, at) {
                Judgement::Good => {}
                Judgement::Starved if self.starved.is_empty() => {
                    self.starved.insert(index);
                    self.caller_is_told_to_come_back(tenant.1).await;
                }
                Judgement::Starved => drop(self.starved.insert(index)),
                Judgement::Away => drop(self.away.insert(index)),
            }
        }
        self.vends += answers.len() as u64;
    }

    /// An hour of throttling is longer than what is promised. Callers then get no token
    /// rather than a bad one, and are told that it passes.
    async fn caller_is_told_to_come_back(&self, tenant: TenantId) {
        let refused = self.stage.fleet.run.broker.vend(&tenant.to_string()).await;
        assert!(refused.body["access_token"].is_null());
        let told = ["cause", "fault", "retryable"].map(|field| &refused.body[field]);
        assert_eq!(
            told,
            [&json!("throttled"), &json!("microsoft"), &json!(true)]
        );
    }

    /// Reads what was told since the last time.
    async fn follow(&mut self) {
        let told = self.events.take();
        let faults = told.iter().filter(|event| event.name == "fleet_fault");
        self.fleet_faults += faults.count();
        let (table, now) = (self.stage.table.as_ref(), self.stage.now());
        self.changes.follow(&told, table, now).await;
    }

    /// What callers were promised, in numbers.
    pub fn judge(self) {
        let special = |index: usize| plan::away(index).is_some();
        let away: BTreeSet<usize> = (0..TENANTS).filter(|index| special(*index)).collect();
        assert_eq!(self.away, away, "told revoked: these and no other");
        for (index, tenant) in self.tenants.iter().enumerate() {
            let starved = self.starved.contains(&index);
            self.changes.are_exactly(*tenant, starved, special(index));
        }
        assert_eq!(self.fleet_faults, 0, "no fault was ours");
        let ticks = (PLAN.end / PERIOD) as u64;
        assert_eq!(self.vends, ticks * TENANTS as u64);
        let of = |index| ideal::requests(&PLAN.lives, &plan::gaps(index), PLAN.end);
        let ideal: u64 = (0..TENANTS).map(of).sum();
        let off = |count: u64| (count as f64 / ideal as f64 - 1.0) * 100.0;
        let issued = self.book.issued();
        println!(
            "{} vends of {} tokens, each good or rightly refused; requests at the authority: \
             ideal {ideal}, counted {} ({:+.2} %), of which {issued} brought a token ({:+.2} %); \
             {} changes of state, each one event; {} tenants without a token while throttled",
            self.vends,
            self.book.seen(),
            self.requests,
            off(self.requests),
            off(issued),
            self.changes.count(),
            self.starved.len(),
        );
        assert!(off(issued).abs() <= 5.0, "{issued} tokens");
        // The same failures weigh more in fewer days.
        let allowed = 5.0 * WEEK / PLAN.end as f64;
        assert!(off(self.requests).abs() <= allowed, "{}", self.requests);
    }
}

/// After which a run takes Entra ID for down.
const FAILURES_IN_A_ROW: u32 = 20;
/// Requests that are under way together: when one of them is the last failure in a row, the
/// others have been sent.
const AT_A_TIME: u32 = 16;

/// During the outage nothing is renewed, and the run after it renews all that was left. A run
/// gives up after so many failures in a row; where fewer tokens are due than it sends before
/// it knows, it has tried them all.
fn check_report(time: i64, report: &RefreshReport) {
    if plan::outage().contains(&time) {
        let gave_up = report.ended_early == Some(EndedEarly::AuthorityDown);
        let few_enough = report.failed < FAILURES_IN_A_ROW + AT_A_TIME;
        let tried_all = report.ended_early.is_none() && few_enough;
        assert_eq!(report.refreshed, 0, "{time}");
        assert!(gave_up || tried_all, "{time}: {report:?}");
    }
    if time == plan::recovered() {
        // The turns of the four runs before it, and its own.
        let turns = TENANTS as i64 * (ideal::OUTAGE + PERIOD) / ideal::CYCLE;
        assert!(i64::from(report.refreshed) >= turns * 3 / 4, "{report:?}");
        assert_eq!((report.ended_early, report.behind), (None, 0));
    }
}
