//! A collector in this process beside a run: with a clock of its own, and with a service in front
//! of the run's object store that a test breaks and mends.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use auth::ports::Clock;
use auth::secret::SecretString;
use aws::Endpoint;
use collector::Collector;
use feed::run::RunReport;
use serde_json::Value;
use tests::MovedRun;
use tests::aws_service::AwsService;
use tests::neighbour::Neighbour;

/// What Lambda leaves it, less what it keeps back.
const RUN: Duration = Duration::from_secs(237);

/// The collector, and its bucket.
pub(crate) struct Beside {
    collector: Collector,
    /// In front of the run's.
    pub(crate) bucket: AwsService,
}

impl Beside {
    /// Of the run in this directory.
    pub(crate) async fn of(run: &MovedRun, data_dir: &Path, clock: Arc<dyn Clock>) -> Self {
        // It passes on what it does not break, whatever is behind it.
        let bucket = AwsService::table(&run.machine.ready.objects_url).await;
        let mut neighbour = Neighbour::of(data_dir, clock).await;
        let (id, secret) = key(data_dir);
        let own = aws::connect(&Endpoint::Local(bucket.url.clone())).await;
        neighbour.platform.own = Some(own.signing_as(&id, &secret));
        Self {
            collector: neighbour.built().await,
            bucket,
        }
    }

    pub(crate) async fn collect(&self) -> RunReport {
        self.collector.fleet.run(RUN).await
    }
}

/// The collector's access key: its id and its secret.
pub(crate) fn key(data_dir: &Path) -> (String, SecretString) {
    let key = std::fs::read(data_dir.join("collector-key.json")).unwrap();
    let key: Value = serde_json::from_slice(&key).unwrap();
    let text = |name: &str| key[name].as_str().unwrap().to_owned();
    let secret = SecretString::from(text("secret_access_key"));
    (text("access_key_id"), secret)
}
