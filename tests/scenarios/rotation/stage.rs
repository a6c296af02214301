//! A run with connected tenants, its rotation, and callers that vend all the while.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use auth::ports::{Clock as _, HeldClock, Pause};
use microsoft_sim::{Registration, Simulator};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::Browser;
use tests::clock::MovedRun;
use tests::secret_rotation::SecretRotation;

pub(super) const DAY: i64 = 86_400;
const TENANTS: usize = 3;
const CALLERS: usize = 50;
/// Between two looks of the schedule.
const PERIOD: i64 = 300;

/// Waiting moves the clock.
struct Moves(Arc<HeldClock>);

#[async_trait]
impl Pause for Moves {
    async fn pause(&self, duration: Duration) {
        self.0.pass(duration);
        // Callers have their turn.
        tokio::task::yield_now().await;
    }
}

pub(super) struct Stage {
    pub(super) run: MovedRun,
    pub(super) rotation: SecretRotation,
    pub(super) tenants: Vec<String>,
    /// Vends so far, of all callers.
    vends: AtomicUsize,
    _directory: TempDir,
}

impl Stage {
    pub(super) async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let run = MovedRun::start(directory.path(), TENANTS).await;
        let by = (
            run.clock.clone() as _,
            Arc::new(Moves(run.clock.clone())) as _,
        );
        let rotation = SecretRotation::of(&run.machine, directory.path(), by).await;
        let mut tenants = Vec::new();
        for index in 0..TENANTS {
            run.connect(&mut Browser::default(), index).await;
            tenants.push(run.tenant(index));
        }
        Self {
            run,
            rotation,
            tenants,
            vends: AtomicUsize::new(0),
            _directory: directory,
        }
    }

    pub(super) fn simulator(&self) -> &Simulator {
        self.run.machine.simulator().unwrap()
    }

    pub(super) fn registration(&self) -> Registration {
        let client_id = self.run.machine.ready.client_id.parse().unwrap();
        self.simulator().registration(client_id).unwrap()
    }

    /// How many key credentials the application has.
    pub(super) fn registered(&self) -> usize {
        self.registration().key_credentials.len()
    }

    pub(super) async fn fault(&self, kind: &str, value: Value) -> String {
        self.run.broker.fault(kind, None, value).await
    }

    pub(super) async fn graph_fault(&self, kind: &str, value: Value) -> String {
        let broker = &self.run.broker;
        let fault = json!({"kind": kind, "endpoint": "graph", "value": value});
        broker.start_fault(fault).await
    }

    /// Time passes, and the schedule renews what is due; every tenant is renewed.
    pub(super) async fn pass(&self, seconds: i64) {
        for _ in 0..seconds / PERIOD {
            self.run.clock.advance(PERIOD);
            let report = self.run.machine.refresh().await;
            let report = serde_json::to_value(&report).unwrap();
            assert_eq!(failed(&report), 0, "{report}");
        }
    }

    /// Does `work` while callers vend without a pause.
    pub(super) async fn while_vending(&self, work: impl Future<Output = ()>) {
        let ended = AtomicBool::new(false);
        let callers = (0..CALLERS).map(|caller| {
            let tenant = &self.tenants[caller % TENANTS];
            self.vend_until(&ended, tenant)
        });
        let callers = futures::future::join_all(callers);
        let work = async {
            work.await;
            ended.store(true, Ordering::SeqCst);
        };
        tokio::join!(work, callers);
    }

    async fn vend_until(&self, ended: &AtomicBool, tenant: &str) {
        while !ended.load(Ordering::SeqCst) {
            let vended = self.run.broker.vend(tenant).await;
            assert_eq!(vended.status, 200, "{}", vended.body);
            self.vends.fetch_add(1, Ordering::SeqCst);
        }
    }

    /// Until there were several vends more for each caller.
    pub(super) async fn vended_for_a_while(&self) {
        let enough = self.vends.load(Ordering::SeqCst) + 3 * CALLERS;
        while self.vends.load(Ordering::SeqCst) < enough {
            tokio::task::yield_now().await;
        }
    }

    pub(super) fn now(&self) -> auth::Timestamp {
        self.run.clock.now()
    }
}

/// Everything of a run's report whose name says that something failed.
fn failed(report: &Value) -> u64 {
    let fields = report.as_object().unwrap();
    let failing = fields.iter().filter(|(name, _)| name.contains("failed"));
    failing.filter_map(|(_, count)| count.as_u64()).sum()
}
