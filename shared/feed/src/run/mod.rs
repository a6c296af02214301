//! One scheduled run of the collector: the tenants whose turn came, within the time that is left.
//!
//! A run lists the tenants, and asks the due index for their rows: one query for each shard, which
//! also says who has none yet (decision 0061). It takes the lease of each shard that has
//! something to do; where it gives the lease back, it leaves up to which turn it has looked and
//! how far that was listed. Every tenant gets a like part of the time, and the backlogs what is
//! left after all of them. A run that ends early leaves the rest to the next; one that dies
//! leaves everything, and holds its leases until its deadline.

mod backlog;
mod fleet;
mod job;
mod judging;
mod known;
mod moving;
mod one;
mod report;
mod shard;
mod state;
mod tally;
mod woken;
mod worked;

use std::time::Duration;

use state::Run;

pub use fleet::Fleet;
pub use report::{EndedEarly, RunReport};
pub use woken::Message;
pub use worked::Worked;

impl Fleet {
    /// Looks at every tenant whose turn came. Begins nothing that could not end within `time`, and
    /// so nothing at all with less than 25 seconds.
    pub async fn run(&self, time: Duration) -> RunReport {
        let run = Run::new(self, time);
        if let Err(error) = run.shards().await {
            run.table_failed(&error);
        }
        run.backlogs().await;
        run.give_back().await;
        let report = run.report();
        report.log();
        run.record(&report);
        report
    }
}
