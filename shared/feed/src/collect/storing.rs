//! A batch is fetched, content by content, and becomes one object of records and one of what is
//! dead, where there is any.

use std::collections::BTreeSet;
use std::time::Duration;

use auth::Timestamp;

use super::Halt;
use super::fetching::{Fetched, is_lost};
use super::making::{Apart, Making, making, place};
use super::session::Session;
use super::stop::Stop;
use super::writing::Finished;
use crate::batch::Batch;
use crate::content::{Content, ContentKey};
use crate::ledger::{BatchRow, StoredBatch, StoredObject};
use crate::ports::{Failure, ObjectError};

/// What became of a batch.
pub(super) enum Stored {
    /// It is durable.
    Whole(Box<StoredBatch>),
    /// These contents can no longer be fetched; nothing was stored. An object under a batch's name
    /// holds every content of it, so that these become a batch of their own first.
    Lost(BTreeSet<ContentKey>),
    /// These were fetched when its time was over, and nothing was stored: a batch of these fits
    /// into the rest of the turn.
    Late(BTreeSet<ContentKey>),
    /// This content could not be fetched; nothing was stored.
    Failed(ContentKey, Failure),
}

impl From<ObjectError> for Stop {
    fn from(error: ObjectError) -> Self {
        Stop::Halt(Halt::Store(error.to_string()))
    }
}

impl Session<'_> {
    /// Stores a batch. `until`: when it is cut, if something of it was fetched by then.
    pub(super) async fn store(
        &mut self,
        (row, batch): (&BatchRow, &Batch),
        (listed_at, until): (Timestamp, Duration),
    ) -> Result<Stored, Stop> {
        // Contents of which a long record turned out to be none: kept whole as dead.
        let mut torn = BTreeSet::new();
        let mut apart = Apart::default();
        'again: loop {
            let began = self.collector.clock.since_start();
            let mut making = making(row, &apart, listed_at);
            for (at, content) in batch.contents.iter().enumerate() {
                if self.is_over(began, at, until) {
                    making.abort().await;
                    let fetched = batch.contents.iter().take(at);
                    return Ok(Stored::Late(fetched.map(|content| content.key).collect()));
                }
                let is_dead = torn.contains(&content.key);
                match self.content(content, is_dead, &mut making).await {
                    Ok(Fetched::Whole) => {}
                    Ok(Fetched::Lost) => {
                        making.abort().await;
                        return Ok(self.lost(&batch.contents[at..], listed_at).await);
                    }
                    Ok(Fetched::Torn) => {
                        making.abort().await;
                        torn.insert(content.key);
                        continue 'again;
                    }
                    Err(stop) => {
                        making.abort().await;
                        return match stop {
                            Stop::Refused(failure) => Ok(Stored::Failed(content.key, failure)),
                            halt => Err(halt),
                        };
                    }
                }
            }
            if let Some(batch) = self.made(making, &mut apart).await? {
                return Ok(Stored::Whole(Box::new(batch)));
            }
        }
    }

    /// Whether one more content, like the first ones, goes beyond `until`.
    fn is_over(&self, began: Duration, fetched: usize, until: Duration) -> bool {
        let now = self.collector.clock.since_start();
        let fetched = u32::try_from(fetched).unwrap_or(u32::MAX);
        let each = now.saturating_sub(began).checked_div(fetched);
        each.is_some_and(|each| now + each >= until)
    }

    /// The first of these is lost: which of the others are, so that they are split off at once.
    async fn lost(&mut self, contents: &[Content], listed_at: Timestamp) -> Stored {
        let mut lost: BTreeSet<_> = contents.iter().take(1).map(|first| first.key).collect();
        for content in contents.iter().skip(1) {
            match self.body(content).await {
                Err(Stop::Refused(failure)) if is_lost(content, &failure, listed_at) => {
                    lost.insert(content.key);
                }
                Err(Stop::Halt(_)) => break,
                // What it is shows when the batch is fetched without those that are lost.
                _ => {}
            }
        }
        Stored::Lost(lost)
    }

    /// What is dead first: where the object of the records is, the batch is durable. `None` where
    /// another object has a key, so that it has to be made again beside it.
    async fn made(&self, making: Making, apart: &mut Apart) -> Result<Option<StoredBatch>, Stop> {
        let objects = &*self.collector.objects;
        let mut batch = making.batch;
        match making.dead.finish(objects).await? {
            Finished::Nothing => {}
            Finished::Object(object) => batch.dead = Some(object),
            Finished::Taken(digits) => {
                apart.dead = Some(digits);
                making.records.abort().await;
                return Ok(None);
            }
        }
        match making.records.finish(objects).await? {
            Finished::Nothing => {}
            Finished::Object(object) => batch.records = Some(object),
            Finished::Taken(digits) => {
                apart.records = Some(digits);
                return Ok(None);
            }
        }
        batch.at = self.now();
        Ok(Some(batch))
    }

    /// What a run that died has stored of a batch: its object holds every content of it, and
    /// nothing may be counted as lost or be split off. What is in it is not counted again.
    pub(super) async fn stored_before(&self, row: &BatchRow) -> Result<Option<StoredBatch>, Stop> {
        let (place, format) = (place(row), row.format);
        let Some(records) = self.object(place.records(format)).await? else {
            return Ok(None);
        };
        Ok(Some(StoredBatch {
            at: self.now(),
            records: Some(records),
            dead: self.object(place.dead(format)).await?,
            ..StoredBatch::default()
        }))
    }

    async fn object(&self, key: String) -> Result<Option<StoredObject>, Stop> {
        let facts = self.collector.objects.facts(&key).await?;
        Ok(facts.map(|(size, sha256)| StoredObject { key, size, sha256 }))
    }
}
