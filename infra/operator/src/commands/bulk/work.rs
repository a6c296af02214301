//! The tenants are worked on several at a time, until all are done, the work stops because every
//! further one would fail in the same way, or a person interrupts it: what is under way then
//! comes to its end.

use std::cell::RefCell;

use auth::breaker::Breaker;
use auth::{Cause, Tenant};
use futures::StreamExt as _;

use super::targets::{Found, Row};
use super::verbs::{End, Refusal, Verb};
use crate::commands::progress::Progress;
use crate::commands::stopping::count_failure;

/// What became of all of them.
pub(super) struct Done {
    pub(super) rows: Vec<(Row, End)>,
    /// Rows of the table that cannot be read: whether they are meant is not known.
    pub(super) damaged: usize,
    pub(super) stopped: Option<Stopped>,
}

/// Why it stopped before its end.
#[derive(Debug, Clone)]
pub(super) enum Stopped {
    /// So often in a row.
    Failures(u32, Cause),
    /// By Ctrl-C.
    Interrupted,
}

/// The work under way.
struct Work<'v> {
    verb: &'v Verb,
    breaker: Breaker,
    stopped: RefCell<Option<Stopped>>,
}

pub(super) async fn run(
    verb: &Verb,
    found: Found,
    concurrency: usize,
    progress: &Progress,
) -> Done {
    let work = Work {
        verb,
        breaker: Breaker::default(),
        stopped: RefCell::default(),
    };
    let damaged = found.damaged.len();
    let all = work.all(found.rows, concurrency, progress);
    tokio::pin!(all);
    let rows = tokio::select! {
        rows = &mut all => rows,
        Ok(()) = tokio::signal::ctrl_c() => {
            work.stopped.borrow_mut().get_or_insert(Stopped::Interrupted);
            all.await
        }
    };
    let is_cut = rows.iter().any(|(_, end)| matches!(end, End::NotTried));
    Done {
        rows,
        damaged,
        // The last one's end is no reason to have stopped.
        stopped: work.stopped.take().filter(|_| is_cut),
    }
}

impl Work<'_> {
    async fn all(
        &self,
        rows: Vec<Row>,
        concurrency: usize,
        progress: &Progress,
    ) -> Vec<(Row, End)> {
        let ended = futures::stream::iter(rows)
            .map(|row| async move {
                let end = self.one(&row).await;
                progress.row_done(matches!(end, End::Refused(_)));
                (row, end)
            })
            .buffered(concurrency);
        ended.collect().await
    }

    async fn one(&self, row: &Row) -> End {
        if self.stopped.borrow().is_some() {
            return End::NotTried;
        }
        let end = match &row.found {
            Ok(Some(tenant)) => self.as_it_was(tenant).await,
            Ok(None) => End::Refused(Refusal::unknown()),
            Err(error) => End::Refused(error.into()),
        };
        match &end {
            End::Done(_) => self.breaker.succeeded(),
            End::Refused(Refusal {
                cause: Some(cause), ..
            }) => self.count(cause),
            _ => {}
        }
        end
    }

    /// Does it to a tenant that still is what was found and agreed to: a person may think for hours,
    /// and an admin may consent meanwhile.
    async fn as_it_was(&self, seen: &Tenant) -> End {
        let tenants = &self.verb.platform().store.tenants;
        match tenants.find(seen.id).await {
            Ok(Some(now)) if (now.status, &now.customer) == (seen.status, &seen.customer) => {
                self.verb.one(&now).await
            }
            Ok(_) => End::Refused(Refusal::changed()),
            Err(error) => End::Refused((&error).into()),
        }
    }

    fn count(&self, cause: &Cause) {
        if let Some(times) = count_failure(&self.breaker, cause) {
            let failures = Stopped::Failures(times, cause.clone());
            self.stopped.borrow_mut().get_or_insert(failures);
        }
    }
}
