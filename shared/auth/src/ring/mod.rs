//! The rotation of a ring, the sealing one or the webhook's: add a key, wait until every function
//! has read the ring again, promote the key; much later, retire the old one.
//!
//! What is under way stands in the secret itself, so that a rotation that was interrupted
//! goes on where it stood, by whoever runs it next. Each step reads the ring anew: a secret
//! has no conditional write, so that the time between reading and writing is kept short,
//! and no step loses a key that has sealed something.

mod book;
mod live;

use std::sync::Arc;
use std::time::Duration;

use crate::ports::{
    Clock, DeployedSecret, Pause, Random, SecretError, SecretSink, SecretSource, Write,
};
use crate::text::shown;
use crate::timestamp::Timestamp;

pub use book::{KeyFacts, KeyRole, RingBook};
pub use live::{LateRing, LiveRing, LiveRingParts, RING_MAX_AGE, RING_READ_WITHIN};

/// No app-only token lives longer (Microsoft identity platform, configurable token
/// lifetimes: a day at most).
pub const TOKEN_LIFE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// No subscription has an AuthID of an older key for longer: the collector looks at each twice a
/// day, in a turn of its own pace, and starts it again with one of the primary key. Half a day, an
/// hour or more of a slow pace, and a second look where the first start failed.
pub const AUTH_ID_LIFE_MAX: Duration = Duration::from_secs(24 * 60 * 60);
/// The clock is looked at so often while somebody waits: a machine may sleep meanwhile.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// Rotates one ring.
pub struct Rotation {
    /// Reads the secret.
    pub source: Arc<dyn SecretSource>,
    /// Writes it.
    pub sink: Arc<dyn SecretSink>,
    /// Which ring it is.
    pub secret: DeployedSecret,
    /// The secret's name.
    pub name: String,
    /// Within this time every function that runs has read a ring that was written.
    pub read_within: Duration,
    /// By which a key is old enough to be promoted or retired.
    pub clock: Arc<dyn Clock>,
    /// Makes the new key.
    pub random: Arc<dyn Random>,
}

/// Where a rotation stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    /// There was no ring; now there is one of one key, which seals at once.
    First {
        /// The key.
        id: String,
    },
    /// A key was added, now or by an earlier run.
    Pending {
        /// The key.
        id: String,
        /// From then on it can be promoted.
        promote_at: Timestamp,
        /// It was there already.
        resumed: bool,
    },
}

/// Why a step was not done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RotationError {
    /// The secret could not be read or written. A write that failed may have been done all
    /// the same: the next run sees.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Functions may run that have not read the new key.
    #[error("key {id} cannot be promoted before {promote_at}")]
    TooEarly {
        /// The pending key.
        id: String,
        /// When it can.
        promote_at: Timestamp,
    },
    /// The key is not pending any more: somebody else promoted or retired it.
    #[error("key {0} is not the pending one any more: somebody else works on this ring")]
    Overtaken(String),
    /// No such key.
    #[error("the ring has no key {0}")]
    NoSuchKey(String),
    /// It makes what is new.
    #[error("key {0} is the primary one")]
    IsPrimary(String),
    /// A token that it sealed may still live; a subscription may still have its AuthID.
    #[error("what key {id} made may be in use until {until}")]
    StillNeeded {
        /// The key.
        id: String,
        /// From then on it can be retired.
        until: Timestamp,
    },
    /// Nobody wrote down when another key became the primary one.
    #[error("it is not known when key {0} was used last")]
    UnknownAge(String),
}

impl Rotation {
    /// The ring as it stands.
    pub async fn look(&self) -> Result<RingBook, RotationError> {
        let text = self.source.read(&self.name).await;
        let book = text.and_then(|text| {
            RingBook::from_json(&text).map_err(|error| SecretError::unusable(&self.name, error))
        });
        Ok(book.map_err(|error| error.of(self.secret))?)
    }

    /// Adds a key, unless one is pending. Where there is no ring yet, makes the first.
    pub async fn begin(&self) -> Result<Begun, RotationError> {
        let now = self.clock.now();
        let mut book = match self.look().await {
            Err(RotationError::Secret(error)) if error.is_without_value() => {
                match self.make_first(now).await? {
                    Some(id) => return Ok(Begun::First { id }),
                    // Somebody else just did.
                    None => self.look().await?,
                }
            }
            book => book?,
        };
        if let Some((id, added_at)) = book.pending() {
            return Ok(self.pending(id, added_at, true));
        }
        let id = book.add(self.random.as_ref(), now);
        self.write(&book).await?;
        Ok(self.pending(&id, now, false))
    }

    /// Makes a ring of one key; its id. `None`: there is a ring by now.
    async fn make_first(&self, now: Timestamp) -> Result<Option<String>, RotationError> {
        let first = RingBook::first(self.random.as_ref(), now);
        let written = self.sink.write_first(&self.name, &first.to_json()).await;
        let written = written.map_err(|error| error.of(self.secret))?;
        Ok(match written {
            Write::Done => Some(first.primary().to_owned()),
            Write::Stale => None,
        })
    }

    fn pending(&self, id: &str, added_at: Timestamp, resumed: bool) -> Begun {
        Begun::Pending {
            id: id.to_owned(),
            promote_at: added_at + self.read_within,
            resumed,
        }
    }

    /// Waits until `at`, by the clock.
    pub async fn wait(&self, at: Timestamp, pause: &dyn Pause) {
        loop {
            let left = Duration::from_secs(self.clock.now().seconds_until(at));
            if left.is_zero() {
                return;
            }
            pause.pause(left.min(LOOK_EVERY)).await;
        }
    }

    /// Makes the pending key `id` the primary one.
    pub async fn promote(&self, id: &str) -> Result<RingBook, RotationError> {
        let mut book = self.look().await?;
        let now = self.clock.now();
        let added_at = match book.pending() {
            Some((pending, added_at)) if pending == id => added_at,
            _ => return Err(RotationError::Overtaken(id.to_owned())),
        };
        let promote_at = added_at + self.read_within;
        if now < promote_at {
            let id = id.to_owned();
            return Err(RotationError::TooEarly { id, promote_at });
        }
        book.promote(id, now);
        self.write(&book).await?;
        Ok(book)
    }

    /// Takes a key out of the ring that sealed nothing which may still live.
    pub async fn retire(&self, id: &str) -> Result<RingBook, RotationError> {
        let mut book = self.look().await?;
        self.check_retirable(&book, id)?;
        book.retire(id);
        self.write(&book).await?;
        Ok(book)
    }

    /// Whether [`retire`](Self::retire) would take `id` out of `book`.
    pub fn check_retirable(&self, book: &RingBook, id: &str) -> Result<(), RotationError> {
        let key = book.keys().find(|key| key.id == id);
        let role = key
            .ok_or_else(|| RotationError::NoSuchKey(shown(id).to_string()))?
            .role;
        match (role, book.primary_since()) {
            (KeyRole::Primary, _) => Err(RotationError::IsPrimary(id.to_owned())),
            (KeyRole::Pending, _) => Ok(()),
            (KeyRole::Older, None) => Err(RotationError::UnknownAge(id.to_owned())),
            (KeyRole::Older, Some(since)) => {
                // A function that has not read the ring again still uses the old key.
                let until = since + self.read_within + self.used_for();
                match self.clock.now() < until {
                    true => Err(RotationError::StillNeeded {
                        id: id.to_owned(),
                        until,
                    }),
                    false => Ok(()),
                }
            }
        }
    }

    /// For how long what an older key made may be in use.
    fn used_for(&self) -> Duration {
        match self.secret {
            DeployedSecret::WebhookKeys => AUTH_ID_LIFE_MAX,
            // Each event is signed with every key: what an older one signed is read within minutes.
            DeployedSecret::EventKeys => Duration::ZERO,
            DeployedSecret::SealingRing
            | DeployedSecret::Certificate
            | DeployedSecret::ConsentKeys => TOKEN_LIFE_MAX,
        }
    }

    async fn write(&self, book: &RingBook) -> Result<(), RotationError> {
        let written = self.sink.write(&self.name, &book.to_json()).await;
        Ok(written.map_err(|error| error.of(self.secret))?)
    }
}
