//! A history, run by run: what is wrong, the refresher, the collector.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use auth::TenantId;
use auth::ports::Clock as _;
use aws::SystemClock;
use feed::run::RunReport;
use serde_json::{Value, json};
use tests::clock::START;
use tests::connect_tenant;
use tests::moved_fleet::{Environment, MovedFleet, Terms};

use super::front::Front;
use super::plan::{DAY, HOUR, Plan};

/// What becomes of notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notifications {
    /// Subscriptions have no webhook.
    Off,
    /// They come until the plan's end, and a worker does what the queue says.
    On,
    /// They come, and for half of each day the queue loses what it holds.
    Wiped,
}

/// From one look for notifications to the next.
const NOTIFIED_EVERY: i64 = 300;

/// A history so far.
pub struct History {
    /// What is played.
    pub plan: &'static Plan,
    notifications: Notifications,
    front: Front,
    /// The fleet.
    pub fleet: MovedFleet,
    /// Its tenants, in the order of the plan.
    pub tenants: Vec<TenantId>,
    /// The sums of all runs.
    pub sums: Sums,
    began: Duration,
}

/// What the runs say together.
#[derive(Debug, Default)]
pub struct Sums {
    runs: u64,
    restarts: u64,
    requests: u64,
    /// Records that were stored.
    pub records: u64,
    bytes: u64,
    /// Tenants that were taken out of the turns, and that came back.
    pub held: u32,
    pub woken: u32,
    /// Turns that failed by the customer's doing, and by Microsoft's.
    pub customers: u32,
    pub microsofts: u32,
    /// Times of runs that listed nothing at all.
    pub blind: Vec<i64>,
    /// The last run.
    last: RunReport,
}

/// What is collected, the settle time of a deployment, and where notifications are sent.
fn environment(plan: &Plan, webhook: String) -> Environment {
    let types: Vec<_> = plan.types.iter().map(|one| one.as_str()).collect();
    Arc::new(move |name| match name {
        "FEED_CONTENT_TYPES" => Some(types.join(",")),
        "FEED_SETTLE_SECONDS" => Some(super::plan::SETTLE.to_string()),
        "FEED_WEBHOOK_URL" => Some(webhook.clone()),
        _ => None,
    })
}

impl History {
    /// Every tenant is connected at the same moment.
    pub async fn begin(data_dir: &Path, plan: &'static Plan, notifications: Notifications) -> Self {
        let front = Front::start().await;
        let terms = Terms {
            pause: Arc::new(tests::clock::Skipping),
            tenants: plan.tenants,
            // Longer than an hour is no schedule of a refresher.
            period: plan.step.min(HOUR),
            environment: environment(
                plan,
                match notifications {
                    Notifications::Off => String::new(),
                    Notifications::On | Notifications::Wiped => front.webhook(),
                },
            ),
        };
        let mut fleet = MovedFleet::open(data_dir, terms).await;
        front.leads_to(&fleet.run.broker.ready.vending_url);
        let tenants = fleet.tenants();
        let fields: Value = serde_json::from_str(plan.scenario).unwrap();
        set_scenario(&fleet, ("month", None), fields).await;
        for index in (0..plan.tenants).filter(|index| plan.is_idle(*index)) {
            set_scenario(&fleet, ("silent", Some(tenants[index])), json!({})).await;
        }
        fleet.apply(plan.faults(0, &tenants)).await;
        fleet.connect(&tenants).await;
        Self {
            plan,
            notifications,
            front,
            fleet,
            tenants,
            sums: Sums::default(),
            began: SystemClock.since_start(),
        }
    }

    /// Lives it to its end.
    pub async fn live(mut self) -> Self {
        for time in self.plan.runs() {
            let now = self.fleet.now().unix() - START;
            self.pass(now, time).await;
            if time / DAY != now / DAY {
                self.fleet = self.fleet.restart().await;
                let ready = &self.fleet.run.broker.ready;
                self.front.leads_to(&ready.vending_url);
                self.sums.restarts += 1;
            }
            self.run(time).await;
        }
        let last = &self.sums.last;
        assert!(last.is_whole() && last.lag == 0, "{last:?}");
        self
    }

    /// Time passes, with what is notified meanwhile.
    async fn pass(&self, from: i64, to: i64) {
        let mut now = from;
        let come = self.notifications != Notifications::Off && from < self.plan.end;
        while come && now + NOTIFIED_EVERY < to {
            self.fleet.run.clock.advance(NOTIFIED_EVERY);
            now += NOTIFIED_EVERY;
            self.notify().await;
            if self.notifications == Notifications::Wiped && Plan::is_queue_lost(now) {
                self.fleet.run.machine.queue().take(usize::MAX);
            }
            self.fleet.run.machine.work().await.unwrap();
        }
        self.fleet.run.clock.advance(to - now);
    }

    /// The simulator sends what is due.
    async fn notify(&self) {
        let broker = &self.fleet.run.broker;
        let url = format!("{}/_sim/activity/notify", broker.ready.entra_url);
        let said = broker.client.post(url).send().await.unwrap();
        assert!(said.status().is_success(), "{said:?}");
    }

    async fn run(&mut self, time: i64) {
        for index in self.plan.consents_again(time) {
            connect_tenant(&self.fleet.run.broker.ready, index).await;
        }
        self.fleet
            .apply(self.plan.faults(time, &self.tenants))
            .await;
        for blow in self.plan.blows.iter().filter(|blow| blow.at == time) {
            for fault in blow.faults(&self.tenants) {
                self.fleet
                    .run
                    .broker
                    .start_fault(fault.spelled(Some(1)))
                    .await;
            }
        }
        self.fleet.run.machine.refresh().await;
        let report = self.fleet.run.machine.collect().await.unwrap();
        self.sums.add(time, report);
    }

    /// Time and sums, in a line.
    pub fn figures(&self) -> String {
        let Sums {
            runs,
            restarts,
            requests,
            records,
            bytes,
            ..
        } = self.sums;
        format!(
            "{} tenants: {runs} runs, {restarts} restarts, {requests} requests to the Activity \
             API, {records} records of {bytes} bytes stored, in {} s",
            self.plan.tenants,
            (SystemClock.since_start() - self.began).as_secs(),
        )
    }
}

impl Sums {
    fn add(&mut self, time: i64, report: RunReport) {
        self.runs += 1;
        self.held += report.held;
        self.woken += report.woken;
        self.customers += report.failed_by.customer;
        self.microsofts += report.failed_by.microsoft;
        self.blind.extend((report.windows == 0).then_some(time));
        self.requests += report.requests;
        self.records += report.records;
        self.bytes += report.bytes;
        self.last = report;
    }
}

async fn set_scenario(
    fleet: &MovedFleet,
    (named, tenant): (&str, Option<TenantId>),
    fields: Value,
) {
    let broker = &fleet.run.broker;
    let url = format!("{}/_sim/activity/scenario", broker.ready.entra_url);
    let mut body = fields;
    body["named"] = json!(named);
    body["tenant"] = json!(tenant.map(|tenant| tenant.to_string()));
    let answer = broker.client.put(url).json(&body).send().await.unwrap();
    assert!(answer.status().is_success(), "{body} is no scenario");
}
