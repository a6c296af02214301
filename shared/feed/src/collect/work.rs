//! What a listing comes to: batches that an earlier run listed, and new ones.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use auth::Timestamp;
use auth::digest::sha256;
use auth::ports::StoreError;

use super::Report;
use super::left::{Left, done};
use super::session::Session;
use super::stop::Stop;
use crate::batch::{Batch, BatchName, batches};
use crate::content::{Content, ContentKey};
use crate::ledger::{BatchRow, BatchState, TypeFeed};
use crate::object_key::Format;
use crate::progress::horizon;
use crate::window::Window;

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Stop::Halt(error.into())
    }
}

/// A batch with its row.
pub(super) type Work = (BatchRow, Batch);

/// All that the listing named, by its key.
pub(super) type Named = BTreeMap<ContentKey, Content>;

/// A new batch, as it is listed.
pub(super) fn row_of(
    batch: &Batch,
    (tenant, one): (auth::TenantId, &TypeFeed),
    format: Format,
) -> BatchRow {
    BatchRow {
        tenant,
        content_type: one.content_type,
        hour: batch.hour,
        name: batch.name(),
        contents: batch.contents.iter().map(|content| content.key).collect(),
        format,
        state: BatchState::Listed,
    }
}

/// The hours of a window and of what was listed in it, which should be the same.
pub(super) fn hours_around(window: Window, contents: &[Content]) -> Window {
    let last = Timestamp::from_unix(window.end().unix() - 1);
    let own = Window::hour_of(window.start()).around(Window::hour_of(last));
    let listed = contents
        .iter()
        .map(|content| Window::hour_of(content.created));
    listed.fold(own, Window::around)
}

/// A batch in two: the contents that `first` wants, and the others; without an empty part.
pub(super) fn split(row: &BatchRow, batch: &Batch, first: impl Fn(&Content) -> bool) -> Vec<Work> {
    let contents = batch.contents.iter().cloned();
    let (first, second): (Vec<_>, Vec<_>) = contents.partition(first);
    let parts = [first, second].into_iter().filter(|part| !part.is_empty());
    parts
        .map(|contents| {
            let hour = batch.hour;
            let batch = Batch { hour, contents };
            (
                part(row, batch.contents.iter().map(|content| content.key)),
                batch,
            )
        })
        .collect()
}

/// The row of a part of a batch.
pub(super) fn part(row: &BatchRow, keys: impl Iterator<Item = ContentKey>) -> BatchRow {
    let contents: Vec<_> = keys.collect();
    BatchRow {
        name: BatchName::of(row.hour.start(), &contents),
        contents,
        ..row.clone()
    }
}

/// Another number below `length` from turn to turn, whatever lies between the turns.
pub(super) fn turned(at: Timestamp, length: usize) -> usize {
    let digest = sha256(&at.unix().to_be_bytes());
    let number = digest.iter().take(4).fold(0, |number: usize, byte| {
        number.wrapping_mul(256).wrapping_add(usize::from(*byte))
    });
    number.checked_rem(length).unwrap_or(0)
}

impl Session<'_> {
    /// The batches to be stored, the next one last: those that an earlier run listed, as they
    /// are, and new ones, whose rows are written.
    pub(super) async fn work(
        &mut self,
        one: &mut TypeFeed,
        (window, at): (Window, Timestamp),
        contents: Vec<Content>,
        left: &mut Left,
        report: &mut Report,
    ) -> Result<Vec<Work>, Stop> {
        let tenant = self.turn.tenant;
        let within = hours_around(window, &contents);
        let mut rows = self.rows(one, within).await?;
        if is_any(&rows, &contents) && self.claims().await? {
            rows = self.rows(one, within).await?;
        }
        let known = known(&rows);
        let named: Named = contents
            .iter()
            .map(|content| (content.key, content.clone()))
            .collect();
        let (mut work, mut single) = (Vec::new(), Vec::new());
        for batch in batches(contents, &known) {
            let row = row_of(&batch, (tenant, one), self.collector.format);
            done(self.collector.ledger.put_batch(&row).await?)?;
            one.totals.listed += row.contents.len() as u64;
            work.push((row, batch));
        }
        for row in rows {
            if row.state == BatchState::Listed {
                let found = self.open(one, row, (window, at), &named, left, report);
                match found.await? {
                    Some(open) if open.0.contents.len() == 1 => single.push(open),
                    open => work.extend(open),
                }
            }
        }
        // The smaller last, and so first: it was cut to fit.
        work.sort_by_key(|(row, _)| (row.hour, Reverse(row.contents.len())));
        // What failed is alone in its batch: it comes after the others, and another one first
        // in each turn, so that those that fail for ever hold up nothing that is well.
        if !single.is_empty() {
            let first = turned(at, single.len());
            single.rotate_left(first);
        }
        single.append(&mut work);
        Ok(single)
    }

    async fn rows(&self, one: &TypeFeed, within: Window) -> Result<Vec<BatchRow>, Stop> {
        let (tenant, ledger) = (self.turn.tenant, &self.collector.ledger);
        let rows = ledger.batches(tenant, one.content_type, within).await?;
        Ok(self.own_rows(one.content_type, rows))
    }

    /// What the listing names of a batch that an earlier run listed. What it does not name stays
    /// listed, and its hour a gap: another listing may name it, until it expires.
    async fn open(
        &mut self,
        one: &mut TypeFeed,
        row: BatchRow,
        listing: (Window, Timestamp),
        named: &Named,
        left: &mut Left,
        report: &mut Report,
    ) -> Result<Option<Work>, Stop> {
        let hour = row.hour;
        let keys = row.contents.iter();
        let contents: Vec<_> = keys.filter_map(|key| named.get(key).cloned()).collect();
        if contents.len() == row.contents.len() {
            return Ok(Some((row, Batch { hour, contents })));
        }
        if let Some(stored) = self.stored_before(&row).await? {
            self.finish(one, row, stored, report).await?;
            return Ok(None);
        }
        let (rest, gone) = apart(&row, named);
        if !contents.is_empty() {
            let parts = [rest.clone(), gone.clone()];
            done(self.collector.ledger.split_batch(&row, &parts).await?)?;
        }
        if names_all(hour, listing) {
            self.lose(one, gone, report).await?;
        } else {
            left.hours.insert(hour);
        }
        Ok((!contents.is_empty()).then_some((rest, Batch { hour, contents })))
    }
}

fn known(rows: &[BatchRow]) -> BTreeSet<ContentKey> {
    rows.iter().flat_map(|row| row.contents.clone()).collect()
}

/// Whether a batch is to be made or finished.
fn is_any(rows: &[BatchRow], contents: &[Content]) -> bool {
    let known = known(rows);
    let is_open = rows.iter().any(|row| row.state == BatchState::Listed);
    is_open || contents.iter().any(|content| !known.contains(&content.key))
}

/// The rows of what is named of a batch, and of what is not.
fn apart(row: &BatchRow, named: &Named) -> (BatchRow, BatchRow) {
    let is_named = |key: &ContentKey| named.contains_key(key);
    let (rest, gone): (Vec<_>, Vec<_>) = row.contents.iter().copied().partition(is_named);
    (part(row, rest.into_iter()), part(row, gone.into_iter()))
}

/// Whether the hour has begun to expire, and the listing has all of it that can be listed: what
/// it does not name has expired.
fn names_all(hour: Window, (window, at): (Window, Timestamp)) -> bool {
    let oldest = horizon(at);
    // The reach has room for clocks that differ by so much.
    let start = hour
        .start()
        .max(oldest + std::time::Duration::from_secs(300));
    hour.start() < oldest && window.start() <= start && hour.end() <= window.end()
}
