//! A run with its consent and its vending, which ask a function that dies.

use std::sync::Arc;

use auth::TenantId;
use auth::on_demand::OnDemandPorts;
use auth::ports::Clock as _;
use auth::tenant::Tenant;
use aws::SystemClock;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::doomed::Death;
use tests::front;
use tests::gate::{Moment, Stop};
use tests::killing::{Killed, Killing};
use tests::lines::Lines;
use tests::neighbour::Neighbour;
use tests::{Browser, MovedRun};

pub(super) const READS: &[&str] = &["GetItem"];
pub(super) const WRITES: &[&str] = &["UpdateItem", "PutItem", "TransactWriteItems"];

pub(super) const fn at(
    operations: &'static [&'static str],
    item: &'static str,
    moment: Moment,
) -> Death {
    Death::AtTable(Stop {
        operations,
        item,
        moment,
    })
}

pub(super) const fn at_secrets(moment: Moment) -> Death {
    Death::AtSecrets(Stop {
        operations: &["GetSecretValue"],
        item: "",
        moment,
    })
}

pub(super) struct Stage {
    pub(super) run: MovedRun,
    pub(super) killing: Arc<Killing>,
    pub(super) neighbour: Neighbour,
    /// Of this process; those of a killed one are its own.
    pub(super) lines: Lines,
    /// Where its consent is.
    port: u16,
    _directory: TempDir,
}

impl Stage {
    /// What is killed lives by the system's clock, and so does the run.
    pub(super) async fn with(tenants: usize) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (path, now) = (directory.path(), SystemClock.now().unix());
        let lines = Lines::listen("info");
        let mut run = MovedRun::start_at(path, tenants, now, |_| None).await;
        let mut neighbour = Neighbour::of(path, run.clock.clone()).await;
        let killing = Arc::new(Killing::new(
            env!("CARGO_BIN_EXE_refresher_program"),
            path.to_owned(),
            tests::Broker::of(&run.broker.ready),
            neighbour.platform.on_demand.clone(),
        ));
        neighbour.platform.on_demand = OnDemandPorts::one(Arc::clone(&killing) as _);
        let consent = Arc::new(neighbour.built().await);
        let port = front::serve(consent, Arc::new(neighbour.vending().await)).await;
        run.broker.ready.vending_url = format!("http://localhost:{port}");
        Self {
            run,
            killing,
            neighbour,
            lines,
            port,
            _directory: directory,
        }
    }

    /// Which meets this stage's consent.
    pub(super) fn browser(&self) -> Browser {
        let front: url::Url = self.run.broker.ready.consent_url.parse().unwrap();
        Browser::detoured(front.port().unwrap(), self.port)
    }

    pub(super) fn admin(&self, index: usize) -> &str {
        &self.run.broker.ready.simulated_tenants[index].admin
    }

    /// A link for this account.
    pub(super) async fn invite(&self, customer: &str) -> String {
        let invited = json!({"customer": customer});
        self.run.broker.invite(invited).await
    }

    /// The tenant as the table has it.
    pub(super) async fn tenant(&self, index: usize) -> Option<Tenant> {
        let id: TenantId = self.run.tenant(index).parse().unwrap();
        let tenants = &self.neighbour.platform.store.tenants;
        tenants.find(id).await.unwrap()
    }

    /// The lines of the killed process, and of this one since then.
    pub(super) fn lines_with(&self, killed: &Killed) -> Vec<Value> {
        let mut lines = killed.lines.clone();
        lines.extend(self.lines.take());
        lines
    }
}

/// Those of this event.
pub(super) fn of_event<'a>(lines: &'a [Value], event: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}

/// A signature is in the log before its request is on its way.
pub(super) fn check_signatures(step: &str, killed: &Killed) {
    let is_signature = |line: &&Value| line["event"] == "assertion_signed";
    let signed = killed.lines.iter().filter(is_signature).count();
    assert_eq!(signed as u64, killed.asked, "{step}: {:?}", killed.lines);
}
