//! When blobs come and what they are called: the generator's first half.
//!
//! Time is cut into slots; the blobs of a slot follow from the scenario, the tenant, the
//! type and the slot's number. A content id leads back to its slot, so nothing is kept.

use uuid::Uuid;

use super::chance::Chance;
use super::content_type::ContentType;
use super::scenario::Scenario;
use super::window::OLDEST;
use crate::moment;

/// Life of content, in seconds: seven days.
pub(crate) const LIFE: u64 = 7 * 86_400;
/// Repeats come up to that many seconds after the first time (five days were seen).
const REPEATED_AFTER: u64 = 5 * 86_400;
/// An eighth of the slots is empty: that many in a row are not.
const SEARCHED: u64 = 50;
/// Blobs that are a little late are no later than that, in seconds.
const LITTLE_LATE: u64 = 240;

/// One tenant's log of one type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Log {
    pub(crate) scenario: Scenario,
    pub(crate) tenant: Uuid,
    pub(crate) content_type: ContentType,
}

/// One blob, without its bytes.
#[derive(Debug, Clone)]
pub(crate) struct Blob {
    pub(crate) content_id: String,
    pub(crate) content_type: ContentType,
    /// contentCreated, in Unix milliseconds.
    pub(crate) created_ms: u64,
    /// From this second on it is listed, in Unix seconds.
    pub(crate) available_at: u64,
    /// contentExpiration, in Unix milliseconds.
    pub(crate) expires_ms: u64,
    /// A listing names it twice.
    pub(crate) named_twice: bool,
    slot: u64,
    ordinal: u64,
}

/// What the bytes of a blob follow from: its own, or those of the blob that it repeats.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) chance: Chance,
    /// contentCreated of the blob that has them first, in Unix milliseconds.
    pub(crate) created_ms: u64,
    /// What the Id of the first record follows from.
    pub(crate) first_id: Chance,
    /// The same of an earlier blob, whose Id a record here has as well, with other bytes.
    pub(crate) echo: Option<Chance>,
}

impl Log {
    /// Blobs whose contentCreated lies between these, in Unix milliseconds, end-exclusive.
    pub(crate) fn created_between(self, from: u64, to: u64) -> impl Iterator<Item = Blob> {
        let is_silent = self.scenario.blob_every_seconds == 0;
        let slots = self.slot(from)..=self.slot(to);
        let slots = slots.take_while(move |_| !is_silent);
        slots
            .flat_map(move |slot| self.of_slot(slot))
            .filter(move |blob| (from..to).contains(&blob.created_ms))
    }

    /// The blob with this id, whether it is available yet or not.
    pub(crate) fn find(self, content_id: &str) -> Option<Blob> {
        let created_ms = created_of(content_id)?;
        let mut near = self.created_between(created_ms, created_ms.saturating_add(1));
        near.find(|blob| blob.content_id == content_id)
    }

    /// How long after its contentCreated a blob can come at the latest, in seconds.
    pub(crate) fn latest(self) -> u64 {
        self.scenario
            .latest_seconds
            .max(LITTLE_LATE)
            .saturating_add(2)
    }

    fn slot(self, unix_milliseconds: u64) -> u64 {
        unix_milliseconds / self.slot_ms()
    }

    fn slot_ms(self) -> u64 {
        self.scenario.blob_every_seconds.max(1).saturating_mul(1000)
    }

    /// The bytes of a blob: a twenty-fifth of the blobs repeats an earlier one, byte for byte.
    pub(crate) fn source(self, blob: &Blob) -> Source {
        self.source_of(blob.slot, blob.ordinal)
    }

    fn of_slot(self, slot: u64) -> impl Iterator<Item = Blob> {
        (1..=self.count(slot)).map(move |ordinal| self.blob(slot, ordinal))
    }

    fn count(self, slot: u64) -> u64 {
        self.chance(slot, 0, 0).pick(&[0, 1, 1, 1, 1, 1, 2, 2])
    }

    fn blob(self, slot: u64, ordinal: u64) -> Blob {
        let mut chance = self.chance(slot, ordinal, 1);
        let created_ms = self.created_ms(slot, &mut chance);
        let delay = match chance.below(20) {
            0 => 1 + chance.below(self.scenario.latest_seconds),
            1..=3 => 1 + chance.below(LITTLE_LATE),
            _ => 0,
        };
        let available_at = created_ms.div_ceil(1000) + delay;
        // Assumption `content-expiry`.
        let available_ms = if delay == 0 {
            created_ms
        } else {
            available_at * 1000
        };
        Blob {
            content_id: self.content_id(created_ms, ordinal, chance.below(10_000)),
            content_type: self.content_type,
            created_ms,
            available_at,
            expires_ms: available_ms + LIFE * 1000,
            named_twice: chance.one_in(20),
            slot,
            ordinal,
        }
    }

    fn source_of(self, slot: u64, ordinal: u64) -> Source {
        let mut chance = self.chance(slot, ordinal, 3);
        if chance.one_in(25)
            && let Some(earlier) = self.earlier(slot, &mut chance)
        {
            return self.source_of(earlier, 1);
        }
        let echoes = chance.one_in(10);
        let echoed = echoes.then(|| self.earlier(slot, &mut chance)).flatten();
        Source {
            chance: self.chance(slot, ordinal, 2),
            created_ms: self.created_ms(slot, &mut self.chance(slot, ordinal, 1)),
            first_id: self.chance(slot, ordinal, 4),
            echo: echoed.map(|earlier| self.source_of(earlier, 1).first_id),
        }
    }

    /// A slot that has a blob, at most five days ago or a little more.
    fn earlier(self, slot: u64, chance: &mut Chance) -> Option<u64> {
        let slots = (REPEATED_AFTER * 1000 / self.slot_ms()).max(1);
        let latest = slot.checked_sub(1 + chance.below(slots))?;
        let mut near = (latest.saturating_sub(SEARCHED)..=latest).rev();
        near.find(|slot| self.count(*slot) > 0)
    }

    fn created_ms(self, slot: u64, chance: &mut Chance) -> u64 {
        slot * self.slot_ms() + chance.below(self.slot_ms())
    }

    fn content_id(self, created_ms: u64, ordinal: u64, mark: u64) -> String {
        let number = format!("{}{ordinal:02}{mark:04}", moment::digits(created_ms));
        format!(
            "{number}${number}${}$na0001",
            self.content_type.facts().stream
        )
    }

    fn chance(self, slot: u64, ordinal: u64, purpose: u64) -> Chance {
        let (high, low) = self.tenant.as_u64_pair();
        let kind = self.content_type.number();
        Chance::of(&[self.scenario.seed, high, low, kind, slot, ordinal, purpose])
    }
}

impl Blob {
    /// From this second on no window reaches it, in Unix seconds.
    pub(crate) fn listable_until(&self) -> u64 {
        self.created_ms / 1000 + OLDEST + 1
    }

    pub(crate) fn is_expired(&self, now: u64) -> bool {
        now.saturating_mul(1000) >= self.expires_ms
    }
}

/// The type that a well-formed content id names.
pub(crate) fn type_of(content_id: &str) -> Option<ContentType> {
    created_of(content_id)?;
    let (_, rest) = content_id.split_once('$')?;
    let (_, rest) = rest.split_once('$')?;
    ContentType::ALL
        .into_iter()
        .find(|known| rest.starts_with(known.facts().stream))
}

/// contentCreated in Unix milliseconds, out of the 17 digits that an id begins with.
fn created_of(content_id: &str) -> Option<u64> {
    let (number, _) = content_id.split_once('$')?;
    let part = |from: usize, to: usize| number.get(from..to)?.parse::<u16>().ok();
    if number.len() != 23 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let small = |from, to| part(from, to).and_then(|value| u8::try_from(value).ok());
    let month = time::Month::try_from(small(4, 6)?).ok()?;
    let date = time::Date::from_calendar_date(i32::from(part(0, 4)?), month, small(6, 8)?).ok()?;
    let clock =
        time::Time::from_hms_milli(small(8, 10)?, small(10, 12)?, small(12, 14)?, part(14, 17)?);
    let nanoseconds = date
        .with_time(clock.ok()?)
        .assume_utc()
        .unix_timestamp_nanos();
    u64::try_from(nanoseconds / 1_000_000).ok()
}

#[cfg(test)]
#[path = "blob_tests.rs"]
mod tests;
