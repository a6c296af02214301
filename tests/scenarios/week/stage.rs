//! What the week plays on: a fleet that is started again every day, and beside it the observer's
//! function and the tokens of the table.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use auth::Timestamp;
use auth::ports::{Tenants, TokenStore};
use auth::turns::Turns;
use tests::due_pages::{all_at_turns, all_due};
use tests::ideal::{CYCLE, PERIOD};
use tests::moved_fleet::{MovedFleet, Terms};
use vending::Vending;

use super::plan::TENANTS;

/// Rows of one query.
const PAGE: u32 = 100;

/// A run under way.
pub struct Stage {
    /// The fleet.
    pub fleet: MovedFleet,
    /// The observer's function.
    pub vending: Arc<Vending>,
    /// The tenants of the table.
    pub table: Arc<dyn Tenants>,
    tokens: Arc<dyn TokenStore>,
    /// App-only requests at the processes of the authority that have ended.
    asked_before: u64,
}

impl Stage {
    /// Starts in an empty directory.
    pub async fn open(data_dir: &Path) -> Self {
        let terms = Terms {
            pause: Arc::new(aws::SystemPause),
            tenants: TENANTS,
            period: PERIOD,
            environment: Arc::new(|_| None),
        };
        Self::on(MovedFleet::open(data_dir, terms).await, 0).await
    }

    async fn on(fleet: MovedFleet, asked_before: u64) -> Self {
        let neighbour = &fleet.neighbour;
        Self {
            vending: Arc::new(neighbour.vending().await),
            table: fleet.table(),
            tokens: neighbour.refresher().await.refresh.tokens,
            fleet,
            asked_before,
        }
    }

    /// The process ends cleanly, and another one goes on.
    pub async fn restart(self) -> Self {
        let asked = self.requests().await;
        Self::on(self.fleet.restart().await, asked).await
    }

    /// By the clock of the run.
    pub fn now(&self) -> Timestamp {
        self.fleet.now()
    }

    /// How many tokens wait for their slot's turn which comes in the `seconds` up to `now`.
    pub async fn turns_since(&self, now: Timestamp, seconds: i64) -> usize {
        let turns = Turns::every(Duration::from_secs(CYCLE as u64));
        let since = now - Duration::from_secs(seconds as u64);
        let mut found = 0;
        for slots in turns.between(Some(since), now) {
            for shard in 0..self.tokens.shards() {
                let rows = all_at_turns(self.tokens.as_ref(), shard, &slots, PAGE).await;
                found += rows.unwrap().len();
            }
        }
        found
    }

    /// How many tokens wait for no turn and are due at `now`.
    pub async fn due(&self, now: Timestamp) -> usize {
        let mut due = 0;
        for shard in 0..self.tokens.shards() {
            let rows = all_due(self.tokens.as_ref(), shard, now, PAGE).await;
            due += rows.unwrap().len();
        }
        due
    }

    /// App-only requests at the authority since the week began.
    pub async fn requests(&self) -> u64 {
        self.asked_before + self.fleet.run.app_only_requests().await
    }
}
