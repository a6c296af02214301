//! A batch is fetched, content by content, and becomes one object of records and one of what is
//! dead, where there is any.

use std::collections::BTreeSet;
use std::time::Duration;

use auth::Timestamp;

use super::Halt;
use super::session::{Session, Stop};
use super::writing::{Finished, Found, Writing};
use crate::batch::Batch;
use crate::content::{Content, ContentKey};
use crate::ledger::{BatchRow, StoredBatch, StoredObject};
use crate::object_key::Place;
use crate::ports::{Body, Failure, ObjectError};
use crate::records::{RecordId, Scanner};
use crate::refusal::{Refusal, Step};
use crate::window::DAY;

/// Ids that are remembered to count repeats by, some 16 MB; of more, repeats are not counted.
const MOST_IDS: usize = 500_000;

/// An answer that is none (no array, an array that is cut off, a 404 without an AF number) may be
/// a gateway's, and is asked for again until the content is so many seconds old. Then it counts.
const DOUBTED: i64 = 6 * DAY;

/// What became of a batch.
pub(super) enum Stored {
    /// It is durable.
    Whole(Box<StoredBatch>),
    /// These contents cannot be had any more; nothing was stored. An object under a batch's name
    /// holds every content of it, so that these become a batch of their own first.
    Lost(BTreeSet<ContentKey>),
    /// These were fetched when its time was over, and nothing was stored: a batch of these fits
    /// into the rest of the turn.
    Late(BTreeSet<ContentKey>),
    /// This content was not to be had; nothing was stored.
    Failed(ContentKey, Failure),
}

/// What is being made of a batch.
struct Making {
    records: Writing,
    dead: Writing,
    batch: StoredBatch,
    ids: BTreeSet<RecordId>,
    /// The listing's `Date`.
    listed_at: Timestamp,
}

/// Digits that set the objects of a batch apart from what is under their keys already.
#[derive(Default)]
struct Apart {
    records: Option<String>,
    dead: Option<String>,
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

    async fn content(
        &mut self,
        content: &Content,
        is_dead: bool,
        making: &mut Making,
    ) -> Result<Fetched, Stop> {
        let mut body = match self.body(content).await {
            Ok(body) => body,
            Err(Stop::Refused(failure)) if is_lost(content, &failure, making.listed_at) => {
                return Ok(Fetched::Lost);
            }
            Err(Stop::Refused(failure)) if failure.refusal.step() == Step::CountAsLost => {
                return Err(Stop::Refused(Failure {
                    refusal: Refusal::Unavailable,
                    ..failure
                }));
            }
            Err(stop) => return Err(stop),
        };
        let is_young = !is_old(content, making.listed_at);
        let mut found = Found::default();
        let mut scanner = Scanner::default();
        while let Some(piece) = body.next().await.map_err(Stop::Refused)? {
            self.has_time()?;
            if is_dead {
                found.dead.extend_from_slice(&piece);
            } else if scanner.push(&piece, &mut found).is_err() {
                return Ok(Fetched::Torn);
            }
            self.write(&mut found, making).await?;
        }
        if is_dead {
            making.batch.dead_count += 1;
            found.dead.push(b'\n');
        } else {
            let ended = scanner.end(&mut found);
            if is_young && (found.is_unfit || ended.is_err()) {
                return Err(Stop::refused(Refusal::Unavailable));
            }
            let Ok(counts) = ended else {
                return Ok(Fetched::Torn);
            };
            making.batch.record_count += counts.records;
            making.batch.without_id += counts.without_id;
            making.batch.dead_count += counts.dead;
        }
        self.write(&mut found, making).await?;
        Ok(Fetched::Whole)
    }

    async fn body(&mut self, content: &Content) -> Result<Box<dyn Body>, Stop> {
        let address = self.checked(&content.unverified_uri)?;
        loop {
            self.may_ask().await?;
            match self.collector.api.content(self.who(), &address).await {
                Ok(body) => return Ok(body),
                Err(failure) if self.has_another_token(&failure).await => {}
                Err(failure) => return Err(Stop::Refused(failure)),
            }
        }
    }

    async fn write(&self, found: &mut Found, making: &mut Making) -> Result<(), ObjectError> {
        let (objects, encoding) = (&*self.collector.objects, &*self.collector.encoding);
        making.batch.bytes += found.records.len() as u64;
        for id in found.ids.drain(..) {
            let is_new = making.ids.len() >= MOST_IDS || making.ids.insert(id);
            making.batch.repeated += u64::from(!is_new);
        }
        making
            .records
            .take(&mut found.records, objects, encoding)
            .await?;
        making.dead.take(&mut found.dead, objects, encoding).await
    }
}

fn making(row: &BatchRow, apart: &Apart, listed_at: Timestamp) -> Making {
    let place = Place {
        apart: apart.records.as_deref(),
        ..place(row)
    };
    let beside = Place {
        apart: apart.dead.as_deref(),
        ..place
    };
    Making {
        records: Writing::to(place.records(row.format), row.format),
        dead: Writing::to(beside.dead(row.format), row.format),
        batch: StoredBatch::default(),
        ids: BTreeSet::new(),
        listed_at,
    }
}

fn place(row: &BatchRow) -> Place<'_> {
    Place {
        tenant: row.tenant,
        content_type: row.content_type,
        hour: row.hour.start(),
        name: &row.name,
        apart: None,
    }
}

/// Whether an answer that is none counts.
fn is_old(content: &Content, listed_at: Timestamp) -> bool {
    content.created.unix().saturating_add(DOUBTED) <= listed_at.unix()
}

/// Whether a content is gone for good: an AF number says so, or it was the answer for days.
fn is_lost(content: &Content, failure: &Failure, listed_at: Timestamp) -> bool {
    let is_sure = failure.code.is_some() || is_old(content, listed_at);
    failure.refusal.step() == Step::CountAsLost && is_sure
}

impl Making {
    async fn abort(self) {
        self.records.abort().await;
        self.dead.abort().await;
    }
}

/// What became of a content.
enum Fetched {
    Whole,
    /// It is gone or has expired.
    Lost,
    /// Pieces of a record that is none were written: all of it has to be thrown away.
    Torn,
}
