//! The three functions over the table of a run, watched as in a deployment: what they write
//! is taken line by line into CloudWatch's part. Time passes as the test says. Of the collector there
//! are its figures, from turns that the test makes up.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use auth::metric::Metric;
use auth::ports::{Clock as _, HeldClock, Meter};
use consent::ConsentFunction;
use feed::collect::Report;
use feed::figures::Figures;
use lambda::starting::Starting;
use lambda::telemetry;
use lambda_runtime::{Context, LambdaEvent};
use refresher::Refresher;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::clock::{START, Setup};
use tests::lines::{self, Written};
use tests::{MovedRun, connect_tenant, gateway_event};
use tracing::subscriber::DefaultGuard;
use vending::Vending;

use super::cloudwatch::{CloudWatch, State};
use super::functions::Ground;
use super::runbooks::Runbook;
use super::template::{Alarm, Key, NAMESPACE, Template};

/// How often the schedule starts the refresher, as the template says it.
pub(super) const EVERY: i64 = 300;
/// What Lambda gives it for a run.
const RUN_TIME: i64 = 240;

pub(super) struct Stage {
    pub(super) run: MovedRun,
    pub(super) cloudwatch: CloudWatch,
    alarms: Vec<Alarm>,
    /// Every line so far, with the log group that it went to.
    pub(super) lines: Vec<(&'static str, Value)>,
    pub(super) vending: Starting<Vending>,
    pub(super) consent: Starting<ConsentFunction>,
    refresher: Starting<Refresher>,
    collector: Arc<dyn Meter>,
    /// What a run of the collector finds; `None`: the collector does not run.
    pub(super) audit_logs: Option<Vec<Report>>,
    pub(super) ground: Ground,
    written: Written,
    _listening: DefaultGuard,
    _directory: TempDir,
}

impl Stage {
    /// With so many tenants, each connected by its admin, and no token yet.
    pub(super) async fn start(tenants: usize) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(HeldClock::at(START));
        let setup = Setup {
            pause: Arc::new(aws::SystemPause),
            data_dir: directory.path(),
            tenants,
            clock: clock.clone(),
            refresh_every: Duration::from_secs(EVERY as u64),
        };
        let run = MovedRun::start_by(setup, |_| None).await;
        for index in 0..tenants {
            connect_tenant(&run.broker.ready, index).await;
        }
        let written = Written::default();
        let log = written.clone();
        let subscriber = telemetry::json_lines(None, move || log.clone());
        let ground = Ground::of(directory.path(), &clock, &written).await;
        let template = Template::read();
        let mut stage = Self {
            run,
            cloudwatch: CloudWatch::of(&template),
            alarms: template.alarms(),
            lines: Vec::new(),
            vending: ground.start().await,
            consent: ground.start().await,
            refresher: ground.start().await,
            collector: ground.figures_of("collector"),
            audit_logs: Some(Vec::new()),
            ground,
            written,
            _listening: lines::listen(subscriber),
            _directory: directory,
        };
        stage.collect("start");
        stage
    }

    pub(super) fn now(&self) -> i64 {
        self.run.clock.now().unix()
    }

    /// One run of the refresher.
    pub(super) async fn refresh(&mut self) -> Value {
        let mut context = Context::default();
        context.request_id = "run-1".to_owned();
        context.deadline = u64::try_from(self.now() + RUN_TIME).unwrap() * 1000;
        let event = LambdaEvent::new(json!({}), context);
        let report = self.refresher.run(&event).await;
        self.collect("RefresherLogGroup");
        serde_json::to_value(report).unwrap()
    }

    /// The refresher's process ends, and Lambda starts another one.
    pub(super) async fn restart_refresher(&mut self) {
        self.refresher = self.ground.start().await;
        self.collect("RefresherLogGroup");
    }

    /// One run of the collector: its figures, from what its turns found.
    pub(super) fn collect_audit_logs(&mut self) {
        let Some(turns) = &self.audit_logs else {
            return;
        };
        let mut figures = Figures::default();
        turns.iter().for_each(|turn| figures.add(turn));
        figures.record(self.collector.as_ref());
        self.collect("CollectorLogGroup");
    }

    /// What its adapter for tokens writes when vending refuses the collector
    /// (`shared/aws/src/vending`), or a run whose tenants have none for another reason
    /// (`shared/feed/src/run/report.rs`).
    pub(super) fn refuse_the_collector(&mut self, event: &str) {
        tracing::error!(event, status = 403, count = 1, "refused");
        self.collect("CollectorLogGroup");
    }

    /// What a worker stored that a message woke. The report is made up, as a turn's is.
    pub(super) fn work_the_queue_off(&mut self, records: u64) {
        self.collector.record(Metric::FeedWorkerStored, records);
        self.collector.flush();
        self.collect("CollectorWorkerLogGroup");
    }

    /// What the webhook writes when it has refused so many (`functions/webhook/src/outcome.rs`).
    pub(super) fn refuse_notifications(&mut self, count: u64) {
        tracing::warn!(
            event = "webhook_refused",
            reason = "auth_id",
            count,
            "refused"
        );
        self.collect("WebhookLogGroup");
    }

    /// What the rotator gives for a step that failed and a check that found something
    /// (`functions/rotator/src/lib.rs`).
    pub(super) fn rotate_in_vain(&mut self) {
        let rotator = self.ground.figures_of("rotator");
        rotator.record(Metric::RotationsFailed, 1);
        rotator.record(Metric::CredentialDrift, 1);
        rotator.flush();
        self.collect("RotatorLogGroup");
    }

    /// What it writes when the queue takes nothing.
    pub(super) fn lose_the_queue(&mut self) {
        tracing::error!(event = "webhook_not_queued", "the queue is away");
        self.collect("WebhookLogGroup");
    }

    /// What SQS tells of one of the queues.
    pub(super) fn tell_of_the_queue(&mut self, queue: &str, name: &str, value: f64) {
        let key = Key {
            namespace: "AWS/SQS".to_owned(),
            name: name.to_owned(),
            dimensions: vec![("QueueName".to_owned(), queue.to_owned())],
        };
        self.cloudwatch.note(key, self.now(), value);
    }

    /// The next runs that the schedules start; gives the refresher's report.
    pub(super) async fn next_run(&mut self) -> Value {
        self.run.clock.advance(EVERY);
        self.collect_audit_logs();
        self.refresh().await
    }

    /// Time in which the schedule comes.
    pub(super) async fn pass(&mut self, seconds: i64) {
        for _ in 0..seconds / EVERY {
            self.next_run().await;
        }
    }

    /// Time in which the schedule comes, until an alarm is on; no other may come with it.
    pub(super) async fn pass_until_alarming(&mut self, alarm: &str, most: i64) {
        let before = self.alarming().len();
        for _ in 0..most / EVERY {
            self.next_run().await;
            if self.alarming().contains(alarm) {
                return;
            }
            assert_eq!(self.alarming().len(), before, "{:?}", self.alarming());
        }
        panic!("{alarm} did not come in {most} seconds");
    }

    /// A caller asks for a tenant's token; gives the status.
    pub(super) async fn vend(&mut self, tenant: &str) -> u16 {
        let resource = "scope=https://manage.office.com/.default&client_id=any";
        let form = format!("grant_type=client_credentials&{resource}");
        let mut event = gateway_event::post(&format!("/{tenant}/oauth2/v2.0/token"), &form);
        let bearer = format!("Bearer {}", self.run.broker.ready.caller_token);
        event["headers"]["authorization"] = json!(bearer);
        let request = gateway_event::read(&event);
        let status = self.vending.handle(request).await.status().as_u16();
        self.collect("VendingLogGroup");
        self.count_at_the_gateway(status);
        status
    }

    /// The gateway's own figures of an answer.
    fn count_at_the_gateway(&mut self, status: u16) {
        let (now, failed) = (self.now(), status >= 500);
        let failures = if failed { 1.0 } else { 0.0 };
        for (name, value) in [("Count", 1.0), ("5xx", failures)] {
            self.cloudwatch.note(of_gateway(name), now, value);
        }
    }

    /// What a function has written goes to its log group.
    pub(super) fn collect(&mut self, log_group: &'static str) {
        let now = self.now();
        for line in self.written.take() {
            self.cloudwatch.take(log_group, &line, now);
            self.lines.push((log_group, line));
        }
    }

    /// The alarms that are on now.
    pub(super) fn alarming(&self) -> BTreeSet<&str> {
        let on = self
            .alarms
            .iter()
            .filter(|alarm| self.cloudwatch.state(alarm, self.now()) == State::Alarm);
        on.map(|alarm| alarm.name.as_str()).collect()
    }

    /// The lines of a log group that a runbook's queries show.
    pub(super) fn shown_by(&self, page: &str, log_group: &str) -> Vec<&Value> {
        let queries = Runbook::read(page).queries();
        let of_group = self.lines.iter().filter(|(group, _)| *group == log_group);
        of_group
            .map(|(_, line)| line)
            .filter(|line| queries.iter().any(|query| query.finds(line)))
            .collect()
    }

    /// The last value of the refresher's.
    pub(super) fn told(&self, name: &str) -> Option<f64> {
        let key = of_refresher(name);
        self.cloudwatch
            .statistic(&key, "Maximum", self.now() - 1, self.now())
    }
}

pub(super) fn of_refresher(name: &str) -> Key {
    Key {
        namespace: NAMESPACE.to_owned(),
        name: name.to_owned(),
        dimensions: vec![("Function".to_owned(), "refresher".to_owned())],
    }
}

fn of_gateway(name: &str) -> Key {
    Key {
        namespace: "AWS/ApiGateway".to_owned(),
        name: name.to_owned(),
        dimensions: vec![("ApiId".to_owned(), "HttpApi".to_owned())],
    }
}
