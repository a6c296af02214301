//! A run whose consent and vending ask a Lambda that fails.

use std::sync::Arc;
use std::time::Duration;

use aws::Endpoint;
use lambda::function::{Ahead, Function};
use refresher::RefresherOnDemand;
use serde_json::Value;
use tempfile::TempDir;
use tests::aws_service::AwsService;
use tests::clock::START;
use tests::lines::Lines;
use tests::neighbour::{Neighbour, by_aliases};
use tests::{Browser, Flow, MovedRun, front, lambda_api};
use tokio::time::Instant;
use wiring::Basis;
use wiring::settings::FunctionSettings;

use super::table::{Answer, Row};
use super::trouble::Trouble;

/// What Lambda leaves the function that signs for a request (template.yaml).
const TIME: Duration = Duration::from_secs(20);
/// What Lambda leaves consent and vending (template.yaml); the gateway waits for 30.
const LIMIT: Duration = Duration::from_secs(25);

pub(super) struct Stage {
    pub(super) run: MovedRun,
    pub(super) lambda: AwsService,
    pub(super) neighbour: Neighbour,
    pub(super) lines: Lines,
    pub(super) directory: TempDir,
    port: u16,
}

impl Stage {
    pub(super) async fn start(flow: Flow) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let lines = Lines::listen("info");
        let of_flow = move |name: &str| of_flow(flow, name);
        let run = MovedRun::start_at(directory.path(), 3, START, of_flow).await;
        let clock = run.clock.clone();
        let mut neighbour = Neighbour::of(directory.path(), clock.clone()).await;
        let signs: Arc<RefresherOnDemand> = built(&neighbour, flow).await;
        let lambda = AwsService::lambda(lambda_api::serve(signs, TIME, clock).await).await;
        let connection = aws::connect(&Endpoint::Local(lambda.url.clone())).await;
        neighbour.platform.on_demand = by_aliases(&connection);
        let consent = built(&neighbour, flow).await;
        let port = front::serve(consent, Arc::new(neighbour.vending().await)).await;
        Self {
            run,
            lambda,
            neighbour,
            lines,
            directory,
            port,
        }
    }

    /// Which meets this stage's consent.
    pub(super) fn browser(&self) -> Browser {
        let front: url::Url = self.run.broker.ready.consent_url.parse().unwrap();
        Browser::detoured(front.port().unwrap(), self.port)
    }

    pub(super) fn admin(&self) -> &str {
        &self.run.broker.ready.simulated_tenants[0].admin
    }

    /// What `asked` answers while the time of the runtime stands, and after how long.
    #[expect(
        clippy::disallowed_methods,
        reason = "the runtime's time stands: what is read is what was waited for"
    )]
    pub(super) async fn timed<T>(&self, asked: impl Future<Output = T>) -> (T, Duration) {
        self.lines.take();
        tokio::time::pause();
        let began = Instant::now();
        let answer = asked.await;
        let took = began.elapsed();
        tokio::time::resume();
        assert!(took < LIMIT, "later than a caller waits: {took:?}");
        (answer, took)
    }

    /// The row of a route and a trouble, with what the log says since the request came.
    pub(super) fn row(&self, route: &str, trouble: Trouble, answer: Answer) -> Row {
        let lines = self.lines.take();
        let of_event = |event: &str| lines.iter().find(|line| line["event"] == event);
        let unanswered =
            of_event("on_demand_unanswered").map(|line| Unanswered::of(line, &self.lambda));
        Row {
            route: route.to_owned(),
            trouble: trouble.name(),
            answer,
            log: lines.iter().find_map(of_request),
            unanswered,
        }
    }
}

/// The run's settings of its functions do not say the flow.
fn of_flow(flow: Flow, name: &str) -> Option<String> {
    (name == "CONSENT_FLOW").then(|| flow.as_str().to_owned())
}

async fn built<F>(neighbour: &Neighbour, flow: Flow) -> Arc<F>
where
    F: Function<Settings: FunctionSettings>,
{
    let setting = |name: &str| of_flow(flow, name).or_else(|| neighbour.setting(name));
    let basis = Basis::on(&neighbour.platform, &setting).unwrap();
    Arc::new(F::build(basis, Ahead::Secrets).await.unwrap())
}

/// What the adapter says of an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unanswered {
    pub(super) kind: String,
    pub(super) why: String,
}

impl Unanswered {
    /// Where Lambda is differs from run to run.
    fn of(line: &Value, lambda: &AwsService) -> Self {
        let place = lambda.url.trim_start_matches("http://");
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        Self {
            kind: text("kind"),
            why: text("why").replace(place, "HOST"),
        }
    }
}

/// The line of the request itself: vending's in the audit log, or consent's of a refusal.
fn of_request(line: &Value) -> Option<String> {
    let event = line["event"].as_str()?;
    match event {
        "consent_refused" => Some(format!("`{event}`, cause `{}`", line["cause"].as_str()?)),
        _ if line["target"] == "audit" && line["decision"].is_string() => {
            let mut said = format!("`{event}`, {}", line["decision"].as_str()?);
            for name in ["source", "cause"] {
                if let Some(text) = line[name].as_str() {
                    said = format!("{said}, {name} `{text}`");
                }
            }
            Some(said)
        }
        _ => None,
    }
}
