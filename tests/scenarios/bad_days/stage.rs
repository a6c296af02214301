//! What the days are played on: a fleet that is started again every day, and beside it a
//! refresher whose table can throttle, and the observer's function.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use auth::Timestamp;
use auth::refresh::RefreshReport;
use lambda::function::AnswersEvents as _;
use lambda_runtime::{Context, LambdaEvent};
use refresher::Refresher;
use serde_json::json;
use tests::aws_service::AwsService;
use tests::ideal::PERIOD;
use tests::moved_fleet::{MovedFleet, Terms};
use tests::neighbour::{Neighbour, table_of};
use vending::Vending;

use super::plan::PLAN;

/// What Lambda leaves a run (template.yaml).
const TIME: Duration = Duration::from_secs(240);

/// A run under way.
pub struct Stage {
    data_dir: PathBuf,
    /// The fleet.
    pub fleet: MovedFleet,
    /// The observer's function.
    pub vending: Arc<Vending>,
    /// The table of the refresher.
    pub table: AwsService,
    refresher: Refresher,
    /// App-only requests at the processes of the authority that have ended.
    asked_before: u64,
}

impl Stage {
    /// Starts in an empty directory; events go to this URL.
    pub async fn open(data_dir: &Path, receiver: &str) -> Self {
        let receiver = receiver.to_owned();
        let terms = Terms {
            pause: Arc::new(aws::SystemPause),
            tenants: PLAN.tenants,
            period: PERIOD,
            environment: Arc::new(move |name| {
                (name == "EVENT_WEBHOOK_URL").then(|| receiver.clone())
            }),
        };
        Self::on(
            data_dir.to_owned(),
            MovedFleet::open(data_dir, terms).await,
            0,
        )
        .await
    }

    async fn on(data_dir: PathBuf, fleet: MovedFleet, asked_before: u64) -> Self {
        let table = AwsService::table(&table_of(&data_dir)).await;
        let clock = fleet.run.clock.clone();
        let behind = Neighbour::at_table(&table.url, &data_dir, clock).await;
        Self {
            vending: Arc::new(fleet.neighbour.vending().await),
            refresher: behind.refresher().await,
            data_dir,
            fleet,
            table,
            asked_before,
        }
    }

    /// The process ends cleanly, and another one goes on.
    pub async fn restart(self) -> Self {
        let asked = self.requests().await;
        Self::on(self.data_dir, self.fleet.restart().await, asked).await
    }

    /// By the clock of the run.
    pub fn now(&self) -> Timestamp {
        self.fleet.now()
    }

    /// One run, in which no time passes.
    pub async fn refresh(&self) -> RefreshReport {
        let mut context = Context::default();
        let deadline = (self.now() + TIME).unix();
        context.deadline = u64::try_from(deadline).unwrap() * 1_000;
        self.refresher
            .run(&LambdaEvent::new(json!({}), context))
            .await
    }

    /// Takes every shard, as a run that is killed before it gives them back.
    pub async fn take_every_shard(&self) {
        let refresh = &self.refresher.refresh;
        let (now, until) = (self.now(), self.now() + TIME);
        for shard in 0..refresh.tokens.shards() {
            let name = format!("refresh#{shard}");
            let taken = refresh.leases.take(&name, now, until).await.unwrap();
            drop(taken.expect("nobody else has it"));
        }
    }

    /// App-only requests at the authority since the beginning.
    pub async fn requests(&self) -> u64 {
        self.asked_before + self.fleet.run.app_only_requests().await
    }
}
