//! A receiver in another process, and a run whose events go to it. Both live by one clock.

use std::path::{Path, PathBuf};

use auth::ports::Clock as _;
use serde_json::{Value, json};
use tests::judge::{Judge, installed};
use tests::{MovedRun, connect_tenant};

/// The receiver, and the run.
pub(super) struct Stage {
    receiver: Judge,
    pub(super) run: MovedRun,
    pub(super) directory: tempfile::TempDir,
}

/// The secrets that a receiver needs for the ring of this text.
pub(super) fn secrets(ring: &str) -> Vec<String> {
    let ring: Value = serde_json::from_str(ring).unwrap();
    let keys = ring["keys"].as_object().unwrap().values();
    keys.map(|key| format!("whsec_{}", key.as_str().unwrap()))
        .collect()
}

impl Stage {
    /// With this many simulated tenants, none of them connected.
    pub(super) async fn set(tenants: usize) -> Self {
        Self::set_ago(tenants, 0).await
    }

    /// The same so many seconds ago.
    pub(super) async fn set_ago(tenants: usize, ago: i64) -> Self {
        let modules = installed("JUDGES_NODE_MODULES");
        let variables = [("NODE_MODULES", modules.as_str())];
        let node = installed("JUDGES_NODE");
        let mut receiver = Judge::start(&node, "event_receiver.mjs", &variables).await;
        receiver.tell(&json!({"listen": {"secrets": []}})).await;
        let port = receiver.hear().await["port"].as_u64().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let url = format!("http://127.0.0.1:{port}/hook");
        let now = aws::SystemClock.now().unix() - ago;
        let run = MovedRun::start_at(directory.path(), tenants, now, move |name| {
            (name == "EVENT_WEBHOOK_URL").then(|| url.clone())
        })
        .await;
        let mut stage = Self {
            receiver,
            run,
            directory,
        };
        let ring = std::fs::read_to_string(stage.ring()).unwrap();
        stage.knows(&secrets(&ring)).await;
        stage.agree().await;
        stage
    }

    /// The file of the ring that events are signed with.
    pub(super) fn ring(&self) -> PathBuf {
        self.directory.path().join("secrets").join("event-keys")
    }

    pub(super) async fn knows(&mut self, secrets: &[String]) {
        self.ask(&json!({"listen": {"secrets": secrets}})).await;
    }

    pub(super) async fn is(&mut self, mode: &str) {
        self.ask(&json!({"mode": mode})).await;
    }

    /// The receiver's clock and the run's go on; a run of the refresher follows.
    pub(super) async fn pass(&mut self, seconds: i64) {
        self.moves_on(seconds).await;
        self.run.machine.refresh().await;
    }

    /// Time passes.
    pub(super) async fn moves_on(&mut self, seconds: i64) {
        self.run.clock.advance(seconds);
        self.agree().await;
    }

    /// The receiver's clock says what the run's does.
    async fn agree(&mut self) {
        let now = self.run.clock.now().unix();
        self.ask(&json!({"now": now})).await;
    }

    /// What the receiver has seen so far.
    pub(super) async fn seen(&mut self) -> Value {
        self.ask(&json!({"seen": true})).await
    }

    pub(super) async fn connect(&self, index: usize) {
        connect_tenant(&self.run.broker.ready, index).await;
    }

    pub(super) fn data_dir(&self) -> &Path {
        self.directory.path()
    }

    async fn ask(&mut self, command: &Value) -> Value {
        self.receiver.tell(command).await;
        self.receiver.hear().await
    }
}

/// The names of what was received.
pub(super) fn kinds(seen: &Value) -> Vec<&str> {
    let events = seen["events"].as_array().unwrap().iter();
    events
        .map(|event| event["type"].as_str().unwrap())
        .collect()
}
