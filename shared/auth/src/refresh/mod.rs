//! The use case of the refresher: renew what is due, within the time that is left.
//!
//! It reads only what is due, so that an empty run costs the same for ten tenants
//! and for a hundred thousand. What remains is taken by the next run. Two runs at the
//! same time share the shards between them: each shard that has something due is
//! taken by a lease, and a run that died holds its shards until its deadline.

mod parts;
mod report;
mod run;
mod tally;

use run::Run;

use crate::timestamp::Timestamp;

pub use parts::Refresh;
pub use report::{EndedEarly, FailedBy, RefreshReport};

impl Refresh {
    /// Renews what is due, and begins nothing that could not end before `deadline`.
    pub async fn run(&self, deadline: Timestamp) -> RefreshReport {
        let run = Run::new(self, deadline);
        for shard in 0..self.tokens.shards() {
            if let Err(error) = run.shard(shard).await {
                run.table_failed(&error);
            }
            if run.is_over() {
                break;
            }
        }
        run.judge_suspects().await;
        let report = run.report();
        report.log();
        report
    }
}
