//! The use case of the refresher: renew what is due, within the time that is left.
//!
//! It looks at the slots whose turn came since the runs before it, and at what waits for no
//! turn, so that an empty run costs the same for ten tenants and for a hundred thousand. How
//! far the runs have come with a shard stands in the shard's lease: what a run leaves, whether
//! it ended early or died, the next one takes. Two runs at the same time share the shards
//! between them: each shard that has something to look at is taken by a lease, which a run
//! that died holds until its deadline.

mod judging;
mod parts;
mod place;
mod report;
mod run;
mod shard;
mod tally;

use run::Run;

use crate::timestamp::Timestamp;

pub use parts::Refresh;
pub use report::{EndedEarly, RefreshReport};

impl Refresh {
    /// Renews what is due, and begins nothing that could not end before `deadline`.
    pub async fn run(&self, deadline: Timestamp) -> RefreshReport {
        let run = Run::new(self, deadline);
        if let Err(error) = run.shards().await {
            run.table_failed(&error);
        }
        run.judge_suspects().await;
        run.give_back().await;
        let report = run.report();
        report.log();
        report
    }
}
