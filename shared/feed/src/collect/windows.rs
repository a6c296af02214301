//! The windows of a type in a turn: listed, stored, marked.

use std::collections::BTreeSet;

use auth::Timestamp;

use super::Report;
use super::left::{Left, done};
use super::listing::Listed;
use super::session::{Session, Stop};
use super::storing::Stored;
use super::work::{Work, split};
use crate::batch::Batch;
use crate::content::{Content, ContentKey};
use crate::ledger::{BatchRow, BatchState, StoredBatch, TypeFeed};
use crate::pass::Pass;
use crate::ports::Failure;
use crate::progress::horizon;
use crate::refusal::Refusal;
use crate::spans::Spans;
use crate::window::Window;

impl Session<'_> {
    /// Lists a window and stores what it names. What a content was refused with by itself.
    pub(super) async fn window(
        &mut self,
        one: &mut TypeFeed,
        window: Window,
        report: &mut Report,
    ) -> Result<Option<Failure>, Stop> {
        self.about = Some(one.content_type);
        let (window, contents, at) = self.listed(one, window).await?;
        report.windows += 1;
        report.named += contents.len() as u64;
        let mut left = Left::default();
        self.contents(one, (window, at), contents, &mut left, report)
            .await?;
        self.mark(one, window, at, &left.hours, report).await?;
        Ok(left.failure)
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

    /// The window is done, but for what is left.
    async fn mark(
        &mut self,
        one: &mut TypeFeed,
        window: Window,
        at: Timestamp,
        left: &Spans,
        report: &mut Report,
    ) -> Result<(), Stop> {
        let Some(mut progress) = one.progress.clone() else {
            return Ok(());
        };
        progress.listed(window, at, left);
        let expired = progress.expire(at);
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
        for row in rows {
            if row.state != BatchState::Listed {
                continue;
            }
            if row.hour.end() <= horizon(at) {
                self.lose(one, row, report).await?;
            } else {
                open.push(row.hour);
            }
        }
        Ok(open)
    }

    /// Counts a batch as lost, if no run has stored it.
    pub(super) async fn lose(
        &mut self,
        one: &mut TypeFeed,
        row: BatchRow,
        report: &mut Report,
    ) -> Result<(), Stop> {
        let stored = self.stored_before(&row).await?.unwrap_or(StoredBatch {
            at: self.now(),
            lost: row.contents.len() as u64,
            ..StoredBatch::default()
        });
        self.finish(one, row, stored, report).await
    }

    /// Counts these contents of a batch as lost; what is left of it.
    async fn part_with(
        &mut self,
        one: &mut TypeFeed,
        (row, batch): Work,
        lost: &BTreeSet<ContentKey>,
        report: &mut Report,
    ) -> Result<Option<Work>, Stop> {
        let mut parts = split(&row, &batch, |content| !lost.contains(&content.key));
        if parts.len() == 1 {
            self.lose(one, row, report).await?;
            return Ok(None);
        }
        if let Some(stored) = self.stored_before(&row).await? {
            self.finish(one, row, stored, report).await?;
            return Ok(None);
        }
        self.split(&row, &parts).await?;
        if let Some((gone, _)) = parts.pop() {
            self.lose(one, gone, report).await?;
        }
        Ok(parts.pop())
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
            if left.is_enough() {
                left.hours.insert(batch.hour);
                continue;
            }
            let until = if measured.as_ref() == Some(&row.name) {
                self.turn.deadline
            } else {
                self.half_time()
            };
            match self.store((&row, &batch), (at, until)).await? {
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

    /// A batch that does not fit into the turn, in two; the part that does is the last.
    async fn cut(
        &mut self,
        one: &mut TypeFeed,
        (row, batch): Work,
        fitting: &BTreeSet<ContentKey>,
        report: &mut Report,
    ) -> Result<Vec<Work>, Stop> {
        let parts = split(&row, &batch, |content| !fitting.contains(&content.key));
        if let Some(stored) = self.stored_before(&row).await? {
            self.finish(one, row, stored, report).await?;
            return Ok(Vec::new());
        }
        self.split(&row, &parts).await?;
        Ok(parts)
    }

    /// A content that failed: alone it holds up nothing but itself. What is left of its batch.
    async fn set_apart(
        &mut self,
        one: &mut TypeFeed,
        (row, batch): Work,
        failed: ContentKey,
        report: &mut Report,
    ) -> Result<Option<Work>, Stop> {
        let mut parts = split(&row, &batch, |content| content.key != failed);
        if let Some(stored) = self.stored_before(&row).await? {
            self.finish(one, row, stored, report).await?;
            return Ok(None);
        }
        if parts.len() == 1 {
            return Ok(None);
        }
        self.split(&row, &parts).await?;
        parts.truncate(1);
        Ok(parts.pop())
    }

    pub(super) async fn split(
        &self,
        row: &BatchRow,
        parts: &[(BatchRow, Batch)],
    ) -> Result<(), Stop> {
        let rows: Vec<_> = parts.iter().map(|(row, _)| row.clone()).collect();
        done(self.collector.ledger.split_batch(row, &rows).await?)
    }

    pub(super) async fn finish(
        &self,
        one: &mut TypeFeed,
        row: BatchRow,
        stored: StoredBatch,
        report: &mut Report,
    ) -> Result<(), Stop> {
        let state = BatchState::Stored(stored.clone());
        let finished = BatchRow { state, ..row };
        done(self.collector.ledger.finish_batch(&finished).await?)?;
        count(one, finished.contents.len() as u64, &stored, report);
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

fn count(one: &mut TypeFeed, contents: u64, stored: &StoredBatch, report: &mut Report) {
    let durable = contents - stored.lost.min(contents);
    let totals = &mut one.totals;
    totals.stored += durable;
    totals.lost += stored.lost;
    totals.records += stored.record_count;
    totals.repeated += stored.repeated;
    totals.without_id += stored.without_id;
    totals.dead += stored.dead_count;
    totals.bytes += stored.bytes;
    if durable > 0 {
        one.stored_at = Some(stored.at);
        report.batches += 1;
    }
    report.stored += durable;
    report.lost += stored.lost;
    report.records += stored.record_count;
    report.bytes += stored.bytes;
    report.dead += stored.dead_count;
}
