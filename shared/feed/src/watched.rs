//! What there is to see of a tenant after its turn: how far it is behind, what it lost, which
//! of its types have stopped to talk. And the lines that say so: `feed_loss`, `feed_silent`.
//!
//! The events `FeedLoss` and `FeedSilent` say the same, at least once each, with one `id` for one
//! loss or silence (`infra/decisions/0063` and `0069`).

use std::collections::BTreeSet;
use std::time::Duration;

use auth::digest::sha256;
use auth::encoding::hex;
use auth::event::{Event, EventCause, EventKind, FeedFacts};
use auth::{Fault, TenantId, Timestamp};

use crate::content_type::ContentType;
use crate::ledger::TypeFeed;
use crate::pass::Pass;
use crate::refusal::Refusal;

/// The version of the events' fields.
const VERSION: u8 = 1;

/// Contents after which a type counts as one that talks.
const TALKS: u64 = 20;

/// A type that is further behind is judged by that, and not as silent. Seconds. Of a tenant that is
/// looked at more seldom, two of its turns.
const BEHIND: u64 = 3_600;

/// What a turn showed of its tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// Seconds of the log that have settled and are not stored, of the type that has most.
    /// Without types that wait for their customer, or are paused.
    pub behind: u64,
    /// Types that talk, the silent ones among them.
    pub talking: u32,
    /// What was lost in this turn.
    pub losses: Vec<Loss>,
    /// Which types are silent.
    pub silent: Vec<Silence>,
}

/// What a turn lost of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The type.
    pub content_type: ContentType,
    /// Contents that were listed and can no longer be fetched.
    pub contents: u64,
    /// Seconds that expired before they were listed or stored.
    pub expired_seconds: u64,
    /// What the type was refused with when the turn began: what held it up.
    pub cause: Option<Refusal>,
    /// Of the event.
    pub id: String,
}

/// A type that used to talk and has stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Silence {
    /// The type.
    pub content_type: ContentType,
    /// When content was last stored.
    pub since: Timestamp,
    /// Twice a day: an event says so.
    pub is_said: bool,
}

impl Loss {
    /// Who has to act, or had to.
    pub fn fault(&self) -> Fault {
        // Without a cause Microsoft had dropped what it listed, or we came too late: ours to
        // look at.
        self.cause.map_or(Fault::Ours, Refusal::fault)
    }
}

impl Loss {
    fn facts(&self) -> FeedFacts {
        FeedFacts {
            content_type: self.content_type.to_string(),
            contents: Some(self.contents),
            expired_seconds: Some(self.expired_seconds),
            since: None,
        }
    }
}

impl Silence {
    /// Of the event: the same as long as it lasts.
    fn id(&self, tenant: TenantId) -> String {
        id(tenant, self.content_type, &self.since.to_string())
    }

    fn facts(&self) -> FeedFacts {
        FeedFacts {
            content_type: self.content_type.to_string(),
            contents: None,
            expired_seconds: None,
            since: Some(self.since.to_string()),
        }
    }
}

fn cause_of(refusal: Refusal) -> EventCause {
    EventCause {
        code: refusal.as_str(),
        error_codes: Vec::new(),
        fault: refusal.fault(),
        next_step: refusal.next_step(),
    }
}

impl Watched {
    /// Of the types as they were, and as they are after the turn.
    pub(crate) fn of(
        before: &[TypeFeed],
        after: &[TypeFeed],
        now: Timestamp,
        tenant: TenantId,
    ) -> Self {
        let was = |one: &TypeFeed| {
            before
                .iter()
                .find(|was| was.content_type == one.content_type)
        };
        let losses = after.iter().filter_map(|one| lost(was(one), one, tenant));
        let silent = after.iter().filter_map(|one| {
            Some(Silence {
                content_type: one.content_type,
                // It was listed just now: nothing but what holds it up is behind.
                since: silent_since(one, now, Duration::ZERO)?,
                is_said: was(one).is_some_and(|was| is_half_a_day(was, one)),
            })
        });
        let talks = |one: &&TypeFeed| one.totals.stored >= TALKS;
        Self {
            behind: after.iter().map(|one| behind(one, now)).max().unwrap_or(0),
            talking: u32::try_from(after.iter().filter(talks).count()).unwrap_or(u32::MAX),
            losses: losses.collect(),
            silent: silent.collect(),
        }
    }

    /// The events. Without the account, which a turn does not know.
    pub(crate) fn events(&self, tenant: TenantId, now: Timestamp) -> Vec<Event> {
        let event = |kind, id: String, cause, feed| Event {
            id,
            kind,
            time: now,
            tenant: Some(tenant),
            customer: None,
            cause,
            feed: Some(feed),
        };
        let losses = self.losses.iter().map(|loss| {
            let cause = loss.cause.map(cause_of);
            event(EventKind::FeedLoss, loss.id.clone(), cause, loss.facts())
        });
        let said = self.silent.iter().filter(|silence| silence.is_said);
        let silences = said.map(|silence| {
            let id = silence.id(tenant);
            event(EventKind::FeedSilent, id, None, silence.facts())
        });
        losses.chain(silences).collect()
    }

    /// Writes the lines.
    pub(crate) fn log(&self, tenant: TenantId, now: Timestamp) {
        for loss in &self.losses {
            tracing::warn!(
                event = "feed_loss",
                id = loss.id,
                version = VERSION,
                time = %now,
                %tenant,
                content_type = %loss.content_type,
                cause = loss.cause.map(Refusal::as_str),
                fault = loss.fault().as_str(),
                contents = loss.contents,
                expired_seconds = loss.expired_seconds,
                "a part of a tenant's audit log is lost"
            );
        }
        for silence in self.silent.iter().filter(|silence| silence.is_said) {
            tracing::warn!(
                event = "feed_silent",
                id = silence.id(tenant),
                version = VERSION,
                time = %now,
                %tenant,
                content_type = %silence.content_type,
                since = %silence.since,
                "a tenant's audit log used to talk, and has stopped"
            );
        }
    }
}

/// Since when a type that used to talk has not; `None` where it talks, or never did, or where
/// something else is known to hold it up. `period`: from one turn of its tenant to the next.
pub fn silent_since(one: &TypeFeed, now: Timestamp, period: Duration) -> Option<Timestamp> {
    let heard = one.stored_at?;
    let is_held = one.known.refusal.is_some() || is_late(one, now, period);
    let is_long = heard.seconds_until(now) > one.rhythm.silent_after().as_secs();
    (one.totals.stored >= TALKS && !is_held && is_long).then_some(heard)
}

/// Whether it is further behind than its tenant's turns make it.
fn is_late(one: &TypeFeed, now: Timestamp, period: Duration) -> bool {
    behind(one, now) > BEHIND.max(period.as_secs().saturating_mul(2))
}

/// The types that nothing holds up: their pauses are their own. `period`: from one turn of the
/// tenant to the next.
pub(crate) fn calm(types: &[TypeFeed], now: Timestamp, period: Duration) -> BTreeSet<ContentType> {
    let calm = types
        .iter()
        .filter(|one| one.known.refusal.is_none() && !is_late(one, now, period));
    calm.map(|one| one.content_type).collect()
}

/// The rhythm of what was stored in this turn. `calm`: when it began.
pub(crate) fn learn(calm: &BTreeSet<ContentType>, before: &[TypeFeed], after: &mut [TypeFeed]) {
    for (one, was) in after.iter_mut().zip(before) {
        let heard = was.stored_at.zip(one.stored_at);
        if let Some((last, now)) = heard.filter(|(last, now)| last != now)
            && calm.contains(&one.content_type)
        {
            one.rhythm.heard_after(last.seconds_until(now));
        }
    }
}

/// Seconds of the log that wait for their first listing, or for something of it to be stored.
fn behind(one: &TypeFeed, now: Timestamp) -> u64 {
    let waits_for_somebody =
        |refusal: Refusal| refusal == Refusal::Paused || refusal.fault() == Fault::Customer;
    if one.known.refusal.is_some_and(waits_for_somebody) {
        return 0;
    }
    one.progress
        .as_ref()
        .map_or(0, |progress| progress.behind(now))
}

fn lost(before: Option<&TypeFeed>, after: &TypeFeed, tenant: TenantId) -> Option<Loss> {
    let was = before.map(|before| before.totals).unwrap_or_default();
    let now = after.totals;
    let contents = now.lost.saturating_sub(was.lost);
    let expired_seconds = now.expired_seconds.saturating_sub(was.expired_seconds);
    let mark = format!("{} {}", now.lost, now.expired_seconds);
    (contents > 0 || expired_seconds > 0).then(|| Loss {
        content_type: after.content_type,
        contents,
        expired_seconds,
        cause: before.and_then(|before| before.known.refusal),
        id: id(tenant, after.content_type, &mark),
    })
}

/// Whether the passes that go by twelve hours moved: then the row is written anyhow.
fn is_half_a_day(before: &TypeFeed, after: &TypeFeed) -> bool {
    let mark = |one: &TypeFeed| {
        let progress = one.progress.as_ref();
        progress.map(|progress| progress.unlisted(Pass::AfterADay).mark)
    };
    mark(before) != mark(after)
}

/// The same for a run that did not get to write the row and one that did.
fn id(tenant: TenantId, content_type: ContentType, mark: &str) -> String {
    let text = format!("{tenant} {content_type} {mark}");
    hex(&sha256(text.as_bytes())[..16])
}

#[cfg(test)]
#[path = "watched_tests.rs"]
mod tests;
