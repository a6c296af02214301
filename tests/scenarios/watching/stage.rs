//! The three functions over the table of a run, watched as in a deployment: what they write
//! is taken line by line into CloudWatch's part. Time passes as the test says.

use entra::TrustRoots;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use auth::Timestamp;
use auth::ports::{Clock, Meter};
use aws::{Platform, SystemClock};
use consent::ConsentFunction;
use lambda::metrics::MetricLines;
use lambda::settings::{ConsentFunctionSettings, RefresherSettings, VendingSettings};
use lambda::telemetry;
use lambda_runtime::{Context, LambdaEvent};
use refresher::Refresher;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::clock::{MovedClock, START, Setup};
use tests::lines::Written;
use tests::neighbour::Neighbour;
use tests::{Browser, MovedRun, gateway_event};
use tracing::subscriber::DefaultGuard;
use vending::{Ahead, Vending};

use super::cloudwatch::{CloudWatch, State};
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
    pub(super) vending: Vending,
    pub(super) consent: ConsentFunction,
    refresher: Refresher,
    pub(super) neighbour: Neighbour,
    written: Written,
    _listening: DefaultGuard,
    _directory: TempDir,
}

/// The time of day is moved; how long something takes is measured.
struct Measuring(Arc<MovedClock>);

impl Clock for Measuring {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn since_start(&self) -> Duration {
        SystemClock.since_start()
    }
}

impl Stage {
    /// With so many tenants, each connected by its admin, and no token yet.
    pub(super) async fn start(tenants: usize) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(MovedClock::at(START));
        let setup = Setup {
            data_dir: directory.path(),
            tenants,
            clock: clock.clone(),
            refresh_every: Duration::from_secs(EVERY as u64),
        };
        let run = MovedRun::start_by(setup, |_| None).await;
        for index in 0..tenants {
            let result = run.connect(&mut Browser::default(), index).await;
            assert_eq!(result.heading(), "Connected", "{}", result.body);
        }
        let written = Written::default();
        let log = written.clone();
        let subscriber = telemetry::json_lines(None, move || log.clone());
        let functions = Functions::build(directory.path(), &clock, &written).await;
        let template = Template::read();
        let mut stage = Self {
            run,
            cloudwatch: CloudWatch::of(&template),
            alarms: template.alarms(),
            lines: Vec::new(),
            vending: functions.vending,
            consent: functions.consent,
            refresher: functions.refresher,
            neighbour: functions.neighbour,
            written,
            _listening: tracing::subscriber::set_default(subscriber),
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
        let report = self.refresher.handle(event).await.unwrap();
        self.collect("RefresherLogGroup");
        serde_json::to_value(report).unwrap()
    }

    /// Time in which the schedule comes.
    pub(super) async fn pass(&mut self, seconds: i64) {
        for _ in 0..seconds / EVERY {
            self.run.clock.advance(EVERY);
            self.refresh().await;
        }
    }

    /// A caller asks for a tenant's token; gives the status.
    pub(super) async fn vend(&mut self, tenant: &str) -> u16 {
        let resource = "scope=https://manage.office.com/.default&client_id=any";
        let form = format!("grant_type=client_credentials&{resource}");
        let mut event = gateway_event::post(&format!("/{tenant}/oauth2/v2.0/token"), &form);
        let bearer = format!("Bearer {}", self.run.broker.ready.caller_token);
        event["headers"]["authorization"] = json!(bearer);
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        let status = self.vending.handle(request).await.status().as_u16();
        self.collect("VendingLogGroup");
        status
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

/// The functions as their `main` builds them.
struct Functions {
    refresher: Refresher,
    vending: Vending,
    consent: ConsentFunction,
    neighbour: Neighbour,
}

impl Functions {
    async fn build(directory: &Path, clock: &Arc<MovedClock>, written: &Written) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(Measuring(clock.clone()));
        let neighbour = Neighbour::of(directory, Arc::clone(&clock)).await;
        let lookup = |name: &str| neighbour.setting(name);
        let watched = |function: &'static str| -> (Platform, Duration) {
            let log = written.clone();
            let lines = MetricLines::new(NAMESPACE.to_owned(), function, Arc::clone(&clock), {
                move || log.clone()
            });
            let meter: Arc<dyn Meter> = Arc::new(lines);
            let platform = neighbour.platform.clone().metered(Some(meter));
            (platform, SystemClock.since_start())
        };
        let roots = TrustRoots::default();
        let (platform, began) = watched("refresher");
        let settings = RefresherSettings::read(&lookup).unwrap();
        let refresher = Refresher::build(settings, &platform, roots.clone());
        let refresher = refresher.await.unwrap();
        platform.ready(began);
        let (platform, began) = watched("vending");
        let settings = VendingSettings::read(&lookup).unwrap();
        let vending = Vending::build(settings, &platform, roots.clone(), Ahead::Secrets);
        let vending = vending.await.unwrap();
        platform.ready(began);
        let (platform, began) = watched("consent");
        let settings = ConsentFunctionSettings::read(&lookup).unwrap();
        let consent = ConsentFunction::build(settings, &platform, roots);
        let consent = consent.await.unwrap();
        platform.ready(began);
        Self {
            refresher,
            vending,
            consent,
            neighbour,
        }
    }
}
