//! The real functions, each behind the gate of its own role, from the first consent to a token:
//! nothing that they need is denied.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use auth::ports::Clock as _;
use consent::ConsentFunction;
use lambda::function::{AnswersEvents as _, Function};
use lambda_runtime::{Context, LambdaEvent};
use refresher::{Refresher, RefresherOnDemand};
use serde_json::{Value, json};
use tests::aws_service::AwsService;
use tests::front;
use tests::iam::{Asked, Behind, Gate, Names, Template};
use tests::lambda_api;
use tests::neighbour::Neighbour;
use tests::{Browser, Flow, MovedRun, connect};
use vending::Vending;
use wiring::settings::FunctionSettings;

use super::account::address;

/// Its secrets' names on one machine, and in the template.
const SECRETS: [(&str, &str); 3] = [
    ("certificate", "CertificateSecret"),
    ("consent-keys", "ConsentKeysSecret"),
    ("sealing-keys", "SealingKeysSecret"),
];
const MANAGEMENT: &str = "https://manage.office.com";
/// More than the period after which a token of an hour is due.
const DUE: i64 = 3_000;
/// Seconds that Lambda leaves a run.
const RUN: i64 = 60;

/// What Lambda leaves the function that signs for a request.
const ON_DEMAND_TIME: Duration = Duration::from_secs(20);

struct Stage {
    run: MovedRun,
    directory: tempfile::TempDir,
    names: Names,
    behind: Behind,
    gates: Vec<Gate>,
    _secrets: AwsService,
}

impl Stage {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let run = MovedRun::start(directory.path(), 2).await;
        let secrets = AwsService::secrets(
            SECRETS
                .iter()
                .map(|(name, _)| ((*name).to_owned(), secret(directory.path(), name)))
                .collect(),
        );
        let secrets = secrets.await;
        let table = run.broker.ready.table_name.clone();
        let control = format!("{table}-control");
        let tables = [
            (table.as_str(), "Table"),
            (control.as_str(), "ControlTable"),
        ];
        Self {
            names: Names::of(
                SECRETS
                    .into_iter()
                    .chain(tables)
                    .chain([("on-demand", "RefresherOnDemandFunction")]),
            ),
            behind: Behind {
                table: address(&run.broker.ready.table_endpoint),
                secrets: address(&secrets.url),
                lambda: None,
            },
            gates: Vec::new(),
            run,
            directory,
            _secrets: secrets,
        }
    }

    /// A function that reaches AWS through the gate of the role that the template gives it.
    async fn built<F: Function<Settings: FunctionSettings>>(&mut self, function: &str) -> Arc<F> {
        let template = Template::of_repository();
        let role = template.role_of(function).unwrap().to_owned();
        let role = template.roles().remove(&role);
        let gate = Gate::before(role, &self.names, self.behind).await;
        let clock = self.run.clock.clone();
        let neighbour = Neighbour::behind(&gate.url, self.directory.path(), clock).await;
        self.gates.push(gate);
        Arc::new(neighbour.built().await)
    }

    /// The function that signs, for those that are built after it.
    async fn put_on_demand(&mut self) {
        let function: Arc<RefresherOnDemand> = self.built("RefresherOnDemandFunction").await;
        let clock = self.run.clock.clone();
        self.behind.lambda = Some(lambda_api::serve(function, ON_DEMAND_TIME, clock).await);
    }

    async fn refresh(&self, refresher: &Refresher) -> Value {
        let mut context = Context::default();
        context.deadline = u64::try_from((self.run.clock.now().unix() + RUN) * 1_000).unwrap();
        let report = refresher
            .answer(&LambdaEvent::new(json!({}), context))
            .await;
        serde_json::to_value(report).unwrap()
    }

    /// Two consents: by an invite of a service, and without one.
    async fn connect_both(&self, port: u16) {
        let broker = &self.run.broker;
        let front: url::Url = broker.ready.consent_url.parse().unwrap();
        let mut browser = Browser::detoured(front.port().unwrap(), port);
        let invited = json!({"customer": "Contoso", "tenant_id": self.run.tenant(0)});
        let link = broker.invite(invited).await;
        for (index, link) in [(0, &link), (1, &broker.ready.consent_url)] {
            let admin = &broker.ready.simulated_tenants[index].admin;
            let page = connect(&mut browser, link, admin, Flow::V2).await;
            assert_eq!(
                page.heading(),
                "Connected",
                "{}: {:?}",
                page.body,
                self.denied()
            );
        }
    }

    async fn vend_both(&self) {
        for index in [0, 1] {
            let vended = self.run.broker.vend(&self.run.tenant(index)).await;
            assert_eq!(vended.status, 200, "{}: {:?}", vended.body, self.denied());
        }
    }

    /// Both at once.
    async fn vend_batch(&self) {
        let of = |index| json!({"tenant_id": self.run.tenant(index), "resource": MANAGEMENT});
        let body = json!({"tokens": [of(0), of(1)]});
        let vended = self.run.broker.vend_batch(&body).await;
        for token in vended.body["tokens"].as_array().unwrap() {
            assert_eq!(token["status"], 200, "{token}: {:?}", self.denied());
        }
    }

    /// With a caller key, whose use is noted.
    async fn vend_by_key(&self) {
        let key = tests::caller_key(self.directory.path(), "collector").await;
        let vended = self.run.broker.vend_by_key(&self.run.tenant(0), &key).await;
        assert_eq!(vended.status, 200, "{}: {:?}", vended.body, self.denied());
    }

    fn denied(&self) -> Vec<Asked> {
        self.gates.iter().flat_map(Gate::denied).collect()
    }
}

fn secret(directory: &Path, name: &str) -> String {
    std::fs::read_to_string(directory.join("secrets").join(name)).unwrap()
}

#[tokio::test]
async fn nothing_that_the_functions_need_is_denied() {
    let mut stage = Stage::start().await;
    stage.put_on_demand().await;
    let consent: Arc<ConsentFunction> = stage.built("ConsentFunction").await;
    let vending: Arc<Vending> = stage.built("VendingFunction").await;
    let refresher: Arc<Refresher> = stage.built("RefresherFunction").await;
    let port = front::serve(consent, vending).await;
    stage.run.broker.ready.vending_url = format!("http://localhost:{port}");

    stage.connect_both(port).await;
    stage.vend_both().await;
    stage.run.clock.advance(DUE);
    let report = stage.refresh(&refresher).await;
    let counted = (&report["refreshed"], &report["failed"]);
    assert_eq!(
        counted,
        (&json!(2), &json!(0)),
        "{report} {:?}",
        stage.denied()
    );
    stage.vend_batch().await;
    stage.vend_by_key().await;
    for path in [
        "/tenants",
        &format!("/tenants/{}", stage.run.tenant(0)),
        "/health",
    ] {
        let listed = stage.run.broker.get(path).await;
        assert_eq!(
            listed.status,
            200,
            "{path} {}: {:?}",
            listed.body,
            stage.denied()
        );
    }
    assert_eq!(stage.denied(), []);
    // Each of them has been seen at its gate.
    assert!(stage.gates.iter().all(|gate| gate.passed().len() > 3));
}
