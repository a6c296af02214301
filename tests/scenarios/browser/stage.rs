//! A machine with real browsers before it.

use auth::ports::Clock as _;
use serde_json::Value;
use tempfile::TempDir;
use tests::chromium::{Axe, Chromedriver, Profile};
use tests::clock::START;
use tests::process::{Person, Start};
use tests::stand_in::RealRun;
use tests::{Broker, MovedRun, Process};

use super::visitor::Visitor;

const MACHINE: &str = env!("CARGO_BIN_EXE_machine");

/// A run (`Process`, or `MovedRun` where time is moved) and what looks at it.
pub(super) struct Stage<R> {
    pub(super) broker: Broker,
    pub(super) axe: Axe,
    /// Ends its browsers before the run ends.
    chromedriver: Chromedriver,
    pub(super) run: R,
    _directory: TempDir,
}

impl Stage<Process> {
    /// The machine as `cargo run` starts it.
    pub(super) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let run = Start::new(MACHINE, directory.path())
            .options(&["--refresh-every", "3600"])
            .run()
            .await;
        let broker = Broker::of(&run.ready);
        Self::of(broker, run, directory).await
    }
}

impl Stage<Process> {
    /// A machine that takes `authority` for the real one. Its people sign in at `home`.
    pub(super) async fn federated(authority: &str, home: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let created = microsoft::certificate::create("browser", 30, aws::SystemClock.now());
        let real = RealRun {
            machine: MACHINE,
            directory: directory.path(),
            certificate: &created.unwrap(),
            client_id: "a6099727-6b7b-482c-b509-1df309acc563",
            authority: Some(authority),
        };
        let start = real.start().variable("CONSENT_MODE", "open");
        let run = start.run().await;
        let mut ready = run.ready.clone();
        ready.entra_url = home.to_owned();
        Self::of(Broker::of(&ready), run, directory).await
    }
}

impl Stage<MovedRun> {
    /// A run whose clock and refresher the test moves.
    pub(super) async fn moved() -> Self {
        Self::moved_with(|_| None).await
    }

    /// The same where nobody gets in without an invite.
    pub(super) async fn invited() -> Self {
        Self::moved_with(|name| match name {
            "CONSENT_MODE" => Some("invite".to_owned()),
            "CONSENT_RETURN_URLS" => Some("https://portal.example".to_owned()),
            _ => None,
        })
        .await
    }

    async fn moved_with(
        environment: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let run = MovedRun::start_at(directory.path(), 3, START, environment).await;
        let broker = Broker::of(&run.broker.ready);
        Self::of(broker, run, directory).await
    }
}

impl<R> Stage<R> {
    async fn of(broker: Broker, run: R, directory: TempDir) -> Self {
        Self {
            broker,
            axe: Axe::installed(),
            chromedriver: Chromedriver::start().await,
            run,
            _directory: directory,
        }
    }

    /// Somebody at a new browser; `scenario` names the pictures.
    pub(super) async fn visitor(&self, scenario: &'static str) -> Visitor<'_> {
        self.visitor_with(scenario, Profile::default()).await
    }

    /// The same with another screen or without scripts.
    pub(super) async fn visitor_with(
        &self,
        scenario: &'static str,
        profile: Profile,
    ) -> Visitor<'_> {
        let session = self.chromedriver.open(&profile).await;
        Visitor::new(scenario, session, &self.broker.ready, &self.axe)
    }

    pub(super) fn person(&self, index: usize) -> &Person {
        &self.broker.ready.simulated_tenants[index]
    }

    /// An address of the consent pages.
    pub(super) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.broker.ready.consent_url)
    }

    /// What `GET /tenants` says: the tenants that are known, each with its status.
    pub(super) async fn tenants(&self) -> Vec<(String, String)> {
        let listed = self.broker.get("/tenants").await;
        assert_eq!(listed.status, 200, "{}", listed.body);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let tenants = listed.body["tenants"].as_array().unwrap().iter();
        tenants
            .map(|tenant| (text(&tenant["tenant_id"]), text(&tenant["status"])))
            .collect()
    }

    /// These tenants, and no other, are known and have this status.
    pub(super) async fn has(&self, status: &str, indices: &[usize]) {
        let mut known = self.tenants().await;
        let tenant = |index: &usize| (self.person(*index).tenant_id.clone(), status.to_owned());
        let mut expected: Vec<_> = indices.iter().map(tenant).collect();
        known.sort();
        expected.sort();
        assert_eq!(known, expected);
    }

    /// No tenant is known.
    pub(super) async fn has_nobody(&self) {
        self.has("active", &[]).await;
    }
}
