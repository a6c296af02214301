//! What becomes of a batch: it is done and counted, or cut, or split from what is lost or has
//! failed.

use std::collections::BTreeSet;

use super::Report;
use super::left::done;
use super::session::Session;
use super::stop::Stop;
use super::work::{Work, split};
use crate::batch::Batch;
use crate::content::ContentKey;
use crate::ledger::{BatchRow, BatchState, StoredBatch, TypeFeed};

impl Session<'_> {
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
    pub(super) async fn part_with(
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

    /// A batch that does not fit into the turn, in two; the part that does is the last.
    pub(super) async fn cut(
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
    pub(super) async fn set_apart(
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

fn count(one: &mut TypeFeed, contents: u64, stored: &StoredBatch, report: &mut Report) {
    let totals = stored.totals(contents);
    one.totals += totals;
    if totals.stored > 0 {
        one.stored_at = Some(stored.at);
        report.batches += 1;
    }
    report.stored += totals.stored;
    report.lost += totals.lost;
    report.records += totals.records;
    report.bytes += totals.bytes;
    report.dead += totals.dead;
}
