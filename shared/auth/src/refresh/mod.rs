//! The use case of the refresher: renew what is due, within the time that is left.
//!
//! It looks at the slots whose turn came since the runs before it, and at what waits for no
//! turn, so that an empty run costs the same for ten tenants and for a hundred thousand. How
//! far the runs have come with a shard is in the shard's lease: what a run leaves, whether
//! it ended early or died, the next one takes. Several runs at the same time share the shards
//! between them: each shard that has something to look at is taken by a lease, which a run
//! that died holds until its deadline.
//!
//! | what | where |
//! |---|---|
//! | what is looked at, page by page over the shards | `pages.rs` |
//! | a shard's lease, and how far a run comes with it | `shard.rs` |
//! | one record | `run.rs`; where it goes: `place.rs` |
//! | whether a cloud is down or we are at fault | `judge.rs`, `gate.rs`; of those that look revoked: `judging.rs` |
//! | a table that is throttled | `patience.rs` |
//! | what is counted and written of a run | `tally.rs`, `lives.rs`, `recording.rs`, `report.rs` |

mod gate;
mod judge;
mod judging;
mod lives;
mod pages;
mod parts;
mod patience;
mod place;
mod recording;
mod report;
mod run;
mod shard;
mod tally;

use run::Run;

use crate::last_run::LastRun;
use crate::timestamp::Timestamp;

pub use crate::last_run::EndedEarly;
pub use parts::Refresh;
pub use report::RefreshReport;

impl Refresh {
    /// Renews what is due, and begins nothing that could not end before `deadline`.
    pub async fn run(&self, deadline: Timestamp) -> RefreshReport {
        let run = Run::after(self.last_run().await, self, deadline);
        if let Err(error) = run.shards().await {
            run.table_failed(&error);
        }
        run.judge_suspects().await;
        run.give_back().await;
        let report = run.end_of_run().await;
        report.log();
        report
    }

    /// What the run before this one left. Without it a run goes on as the first one does; that it
    /// could not be read shows when this run cannot write its own.
    async fn last_run(&self) -> Option<LastRun> {
        self.runs.last_run().await.ok().flatten()
    }
}
