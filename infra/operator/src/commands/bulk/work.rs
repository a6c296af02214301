//! The tenants are worked on several at a time, until all are done, the work stops because every
//! further one would fail in the same way, or a person interrupts it: what is under way then
//! comes to its end.

use std::cell::RefCell;

use auth::Cause;
use auth::breaker::Breaker;
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
    Done {
        rows,
        damaged,
        stopped: work.stopped.take(),
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
            Ok(Some(tenant)) => self.verb.one(tenant).await,
            Ok(None) => End::Refused(Refusal::unknown()),
            Err(error) => End::Refused(Refusal::of_the_table(&error.to_string())),
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

    fn count(&self, cause: &Cause) {
        if let Some(times) = count_failure(&self.breaker, cause) {
            let failures = Stopped::Failures(times, cause.clone());
            self.stopped.borrow_mut().get_or_insert(failures);
        }
    }
}
