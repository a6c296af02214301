//! How far a backfill is: looked at every few seconds, until it is done, until it waits for
//! somebody, or until the person has seen enough. The collector does the work; what is shown here
//! changes nothing.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::future::Future;
use std::io::Write;
use std::pin::pin;
use std::time::Duration;

use auth::TenantId;
use auth::ports::Pause;
use feed::operate::Feeds;
use feed::refusal::{Refusal, Step};
use feed::{ContentType, Window};
use futures::future::{Either, select};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::console::Console;
use crate::time_span::spelled;

/// Between two looks: two reads of the table.
const EVERY: Duration = Duration::from_secs(5);

const TEMPLATE: &str = "{bar:30} {percent}%, {msg}, {eta} left";

/// A backfill under way.
pub(super) struct Following<'f> {
    pub(super) feeds: &'f Feeds,
    pub(super) pause: &'f dyn Pause,
    pub(super) tenant: TenantId,
    pub(super) window: Window,
}

/// How the following ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// All of it is listed, and stored or lost.
    Done,
    /// The person has seen enough.
    Interrupted,
}

impl Following<'_> {
    /// Looks until it ends. `shown`: on standard error, as a bar where a person looks at it, else
    /// as a line for each change.
    pub(super) async fn run(
        &self,
        console: &mut Console<'_>,
        shown: bool,
        interrupted: impl Future<Output = ()>,
    ) -> anyhow::Result<End> {
        let mut interrupted = pin!(interrupted);
        let mut bar = Shown::new(shown, console.progress);
        loop {
            let open = self.feeds.unlisted(self.tenant, self.window).await?;
            let left: u64 = open.iter().map(|(_, spans)| spans.seconds()).sum();
            bar.left(left, console.err)?;
            if left == 0 {
                bar.end();
                return Ok(End::Done);
            }
            let types = open.iter().map(|(one, _)| *one).collect();
            if let Some(refusal) = self.waits_for(&types).await? {
                bar.end();
                anyhow::bail!(
                    "the backfill waits: {} {} {} It goes on by itself after that",
                    refusal.what_happened(),
                    refusal.fault().whose_turn(),
                    refusal.next_step()
                );
            }
            let pause = pin!(self.pause.pause(EVERY));
            if let Either::Left(_) = select(&mut interrupted, pause).await {
                bar.end();
                return Ok(End::Interrupted);
            }
        }
    }

    /// Why nothing of it can go on, where every type that has something left waits for somebody.
    async fn waits_for(&self, types: &BTreeSet<ContentType>) -> anyhow::Result<Option<Refusal>> {
        let Some(status) = self.feeds.status(self.tenant).await? else {
            return Ok(None);
        };
        let of = status.types.iter();
        let causes = of
            .filter(|one| types.contains(&one.content_type))
            .map(|one| one.cause.filter(|cause| is_held(*cause)));
        let causes: Option<Vec<Refusal>> = causes.collect();
        let paused = status.is_paused.then_some(Refusal::Paused);
        Ok(paused.or_else(|| causes?.into_iter().next()))
    }
}

fn is_held(refusal: Refusal) -> bool {
    matches!(refusal.step(), Step::HoldType | Step::HoldTenant)
}

/// What is shown of it.
struct Shown {
    bar: ProgressBar,
    lines: bool,
    most: u64,
    last: Cell<Option<u64>>,
}

impl Shown {
    fn new(shown: bool, terminal: bool) -> Self {
        let target = if shown && terminal {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(0), target);
        // No steady tick: its thread would wait for standard error, which main has locked.
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self {
            bar,
            lines: shown && !terminal,
            most: 0,
            last: Cell::new(None),
        }
    }

    /// So many seconds are left.
    fn left(&mut self, left: u64, err: &mut dyn Write) -> anyhow::Result<()> {
        self.most = self.most.max(left);
        let done = self.most - left;
        self.bar.set_length(self.most);
        self.bar.set_position(done);
        self.bar
            .set_message(format!("{} of log to list", spelled(left)));
        if self.lines && self.last.replace(Some(left)) != Some(left) {
            let of = spelled(self.most);
            writeln!(err, "{} of {of} of log are listed", spelled(done))?;
            err.flush()?;
        }
        Ok(())
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
#[path = "following_tests.rs"]
mod tests;
