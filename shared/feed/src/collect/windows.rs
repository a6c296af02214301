//! The windows of a type: listed, stored, marked.

use auth::Timestamp;

use super::left::Left;
use super::listing::Listed;
use super::session::Session;
use super::stop::Stop;
use super::storing::Stored;
use super::{Halt, Report};
use crate::content::Content;
use crate::ledger::{BatchState, TypeFeed};
use crate::pass::Pass;
use crate::ports::Failure;
use crate::progress::{Progress, horizon};
use crate::refusal::Refusal;
use crate::window::Window;

impl Session<'_> {
    /// Lists a window of a turn, stores what it names, and marks how far that came. What a content
    /// was refused with by itself.
    pub(super) async fn window(
        &mut self,
        one: &mut TypeFeed,
        window: Window,
        report: &mut Report,
    ) -> Result<Option<Failure>, Stop> {
        let (window, at, left) = self.stored(one, window, report).await?;
        self.mark(one, (window, at), &left, report).await?;
        left.in_time()?;
        Ok(left.failure)
    }

    /// Lists a window and stores what it names: what was listed, the answer's time, and what is
    /// left of it.
    pub(super) async fn stored(
        &mut self,
        one: &mut TypeFeed,
        window: Window,
        report: &mut Report,
    ) -> Result<(Window, Timestamp, Left), Stop> {
        self.about = Some(one.content_type);
        let (window, contents, at) = self.listed(one, window).await?;
        report.windows += 1;
        report.named += contents.len() as u64;
        let mut left = Left::default();
        let contents = self.own(one.content_type, window, contents, &mut left);
        self.contents(one, (window, at), contents, &mut left, report)
            .await?;
        Ok((window, at, left))
    }

    /// What a window holds; of one that holds too much, its newest part: the rest stays
    /// unlisted.
    async fn listed(
        &mut self,
        one: &TypeFeed,
        window: Window,
    ) -> Result<(Window, Vec<Content>, Timestamp), Stop> {
        let mut window = window;
        loop {
            match self.list(one.content_type, window).await? {
                Listed::Whole { contents, at } => return Ok((window, contents, at)),
                Listed::TooMuch if window.seconds() == 1 => {
                    return Err(Stop::refused(Refusal::Unavailable));
                }
                Listed::TooMuch => {
                    let seconds = i64::try_from(window.seconds() / 4).unwrap_or(1);
                    window = window.newest(seconds);
                }
            }
        }
    }

    /// The window is done, but for what is left and for what workers do.
    async fn mark(
        &mut self,
        one: &mut TypeFeed,
        (window, at): (Window, Timestamp),
        left: &Left,
        report: &mut Report,
    ) -> Result<(), Stop> {
        let out = self.out(one.content_type);
        let Some(mut progress) = self.marked(one, (window, at), left) else {
            return Ok(());
        };
        let expired = progress.expire(at, &out);
        // Before the progress says so: a run that dies here leaves it to the next.
        for window in expired.all.windows() {
            for hour in self.expire(one, *window, at, report).await? {
                progress.reopen(hour, at);
            }
        }
        one.progress = Some(progress);
        one.totals.expired_seconds += expired.lost.seconds();
        one.totals.unrepeated_seconds += expired.unrepeated_seconds;
        report.expired_seconds += expired.lost.seconds();
        Ok(())
    }

    /// How far the listings come with this one.
    pub(super) fn marked(
        &self,
        one: &mut TypeFeed,
        (window, at): (Window, Timestamp),
        left: &Left,
    ) -> Option<Progress> {
        let mut progress = one.progress.clone()?;
        let mut unfinished = left.hours.clone();
        let out = self.out(one.content_type).within(window);
        let still_out = out.windows().iter();
        still_out.for_each(|window| unfinished.insert(*window));
        progress.listed(window, at, &unfinished);
        one.listed_at = one.listed_at.max(Some(window.end()));
        Some(progress)
    }

    /// Batches that were listed and expired before they were stored: their contents are lost.
    /// The hours of those that are not over.
    async fn expire(
        &mut self,
        one: &mut TypeFeed,
        expired: Window,
        at: Timestamp,
        report: &mut Report,
    ) -> Result<Vec<Window>, Stop> {
        let ledger = &self.collector.ledger;
        let rows = ledger
            .batches(self.turn.tenant, one.content_type, expired)
            .await?;
        let mut open = Vec::new();
        for row in self.own_rows(one.content_type, rows) {
            if row.state != BatchState::Listed {
                continue;
            }
            if row.hour.end() <= horizon(at) {
                self.claims().await?;
                self.lose(one, row, report).await?;
            } else {
                open.push(row.hour);
            }
        }
        Ok(open)
    }

    /// Stores what a listing named.
    async fn contents(
        &mut self,
        one: &mut TypeFeed,
        (window, at): (Window, Timestamp),
        contents: Vec<Content>,
        left: &mut Left,
        report: &mut Report,
    ) -> Result<(), Stop> {
        // Nothing is read where nothing was listed: an open batch of the window would be named.
        if contents.is_empty() && !may_be_open(one, window, at) {
            return Ok(());
        }
        let mut work = self.work(one, (window, at), contents, left, report).await?;
        // Its contents were fetched once in half of the time.
        let mut measured = None;
        while let Some((row, batch)) = work.pop() {
            if left.is_enough() || left.is_late {
                left.hours.insert(batch.hour);
                continue;
            }
            let until = if measured.as_ref() == Some(&row.name) {
                self.turn.deadline
            } else {
                self.half_time()
            };
            let stored = match self.store((&row, &batch), (at, until)).await {
                Err(Stop::Halt(Halt::Deadline)) => {
                    left.is_late = true;
                    left.hours.insert(batch.hour);
                    continue;
                }
                stored => stored?,
            };
            match stored {
                Stored::Late(keys) => {
                    let parts = self.cut(one, (row, batch), &keys, report).await?;
                    measured = parts.last().map(|(row, _)| row.name.clone());
                    work.extend(parts);
                }
                Stored::Whole(stored) => {
                    left.went_well();
                    self.finish(one, row, *stored, report).await?;
                }
                Stored::Lost(keys) => {
                    let rest = self.part_with(one, (row, batch), &keys, report).await?;
                    work.extend(rest);
                }
                Stored::Failed(key, failure) => {
                    left.hours.insert(batch.hour);
                    left.failed(failure)?;
                    work.extend(self.set_apart(one, (row, batch), key, report).await?);
                }
            }
        }
        Ok(())
    }
}

/// Whether an earlier run may have left a batch whose contents are not named any more: one in a
/// gap, or one that is about to expire.
fn may_be_open(one: &TypeFeed, window: Window, at: Timestamp) -> bool {
    let gaps = one
        .progress
        .as_ref()
        .map(|progress| &progress.unlisted(Pass::First).gaps);
    let is_in_gap = gaps.is_some_and(|gaps| !gaps.within(window).is_empty());
    is_in_gap || Window::hour_of(horizon(at)).end() > window.start()
}
