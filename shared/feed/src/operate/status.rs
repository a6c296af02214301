//! How the audit log of a tenant stands: what was listed, stored and lost, what is missing, why,
//! and what to do.

use std::time::Duration;

use auth::ports::StoreError;
use auth::{Fault, TenantId, Timestamp};

use super::Feeds;
use crate::content_type::ContentType;
use crate::due::{Due, Hold};
use crate::ledger::{TenantFeed, Totals, TypeFeed};
use crate::open;
use crate::pass::Pass;
use crate::progress::horizon;
use crate::refusal::Refusal;
use crate::watched::silent_since;
use crate::webhook::WebhookState;
use crate::window::Window;

/// How a tenant stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The tenant.
    pub tenant: TenantId,
    /// When a run looks at it.
    pub due: Due,
    /// By the operator's word.
    pub is_paused: bool,
    /// Since when it leaves, by the operator's word.
    pub leaves: Option<Timestamp>,
    /// From one of its turns to the next: longer for one that is quiet.
    pub period: Duration,
    /// What is ready for less than so many seconds waits for nothing but its turn, and the one run
    /// that may be late.
    pub usual: u64,
    /// Its types.
    pub types: Vec<TypeStatus>,
}

/// How one type of a tenant stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeStatus {
    /// The type.
    pub content_type: ContentType,
    /// Content is wanted from here on; `None` until its subscription runs.
    pub since: Option<Timestamp>,
    /// Seconds for which the oldest second that waits has been ripe.
    pub lag: u64,
    /// How many seconds wait.
    pub behind: u64,
    /// What happened since the beginning.
    pub totals: Totals,
    /// Contents that are listed and neither stored nor lost.
    pub open: u64,
    /// When content was last stored.
    pub stored_at: Option<Timestamp>,
    /// It used to talk and has not since then.
    pub silent_since: Option<Timestamp>,
    /// What it was last refused with, where it was: it knows what happened and what to do.
    pub cause: Option<Refusal>,
    /// How its webhook was found, or left, the last time.
    pub webhook: WebhookState,
}

/// Something that is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Of this type.
    pub content_type: ContentType,
    /// When, and why.
    pub missing: Missing,
    /// What its type was last refused with.
    pub cause: Option<Refusal>,
}

/// What is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Waits for its listing, or for something in it to be stored.
    Open(Window),
    /// Expired before it was stored, at some time: so many seconds.
    Expired(u64),
    /// Listed, and can no longer be fetched: so many contents.
    Lost(u64),
}

impl Status {
    /// It left, and its subscriptions are stopped.
    pub fn is_stopped(&self) -> bool {
        let is_left = |one: &TypeStatus| one.cause == Some(Refusal::NoToken);
        self.due == Due::Held(Hold::Left) && !self.types.iter().any(is_left)
    }

    /// Whether listed = stored + lost, nothing is lost and nothing is late by more than so many
    /// seconds.
    pub fn is_whole(&self, most: u64) -> bool {
        let lost = |one: &TypeStatus| one.totals.lost + one.totals.expired_seconds;
        let mut types = self.types.iter();
        types.all(|one| one.lag <= most && one.open == 0 && lost(one) == 0)
    }
}

impl TypeStatus {
    /// Who has to act; `None` where no one has to.
    pub fn fault(&self) -> Option<Fault> {
        self.cause.map(Refusal::fault)
    }

    /// What to do next.
    pub fn next_step(&self) -> Option<&'static str> {
        self.cause.map(Refusal::next_step)
    }

    /// `open`: contents that are neither stored nor lost, by the rows of their batches.
    fn of(one: &TypeFeed, open: u64, (now, period): (Timestamp, Duration)) -> Self {
        let (progress, mut totals) = (one.progress.as_ref(), one.totals);
        totals.put_right(open);
        Self {
            content_type: one.content_type,
            since: progress.map(|progress| progress.since()),
            lag: progress.map_or(0, |progress| progress.lag(now)),
            behind: progress.map_or(0, |progress| progress.behind(now)),
            totals,
            open,
            stored_at: one.stored_at,
            silent_since: silent_since(one, now, period),
            cause: one.known.refusal,
            webhook: one.known.webhook.state,
        }
    }
}

impl Feeds {
    /// How a tenant stands; `None` where it has no row yet. Of an idle one its row says less than
    /// the lease of its shard, which is read along; and where something may be open, the rows of
    /// the batches.
    pub async fn status(&self, tenant: TenantId) -> Result<Option<Status>, StoreError> {
        let now = self.clock.now();
        let Some(feed) = self.read(tenant).await? else {
            return Ok(None);
        };
        let mut types = Vec::new();
        for one in &feed.types {
            let open = if open::is_in_question(one) {
                open::contents(&*self.ledger, tenant, one, now).await?
            } else {
                0
            };
            types.push(TypeStatus::of(one, open, (now, self.period(&feed))));
        }
        Ok(Some(Status {
            tenant,
            due: feed.due,
            is_paused: feed.is_paused,
            leaves: feed.leaves,
            period: self.period(&feed),
            usual: self.usual(&feed),
            types,
        }))
    }

    fn period(&self, feed: &TenantFeed) -> Duration {
        feed.due.period(self.interval)
    }

    fn usual(&self, feed: &TenantFeed) -> u64 {
        (self.period(feed) + self.interval).as_secs()
    }

    /// What is missing of a tenant, each type's oldest first. An open window of less than
    /// `least` seconds which is the newest is only what the next turn lists; without it, by how
    /// often the tenant is looked at.
    pub async fn gaps(&self, tenant: TenantId, least: Option<u64>) -> Result<Vec<Gap>, StoreError> {
        let now = self.clock.now();
        let Some(feed) = self.read(tenant).await? else {
            return Ok(Vec::new());
        };
        let least = least.unwrap_or_else(|| self.usual(&feed));
        Ok(gaps_of(&feed, least, now))
    }
}

fn gaps_of(feed: &TenantFeed, least: u64, now: Timestamp) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for one in &feed.types {
        let totals = one.totals;
        let gone = [
            (totals.expired_seconds > 0).then_some(Missing::Expired(totals.expired_seconds)),
            (totals.lost > 0).then_some(Missing::Lost(totals.lost)),
        ];
        let open = open(one, least, now).into_iter().map(Missing::Open);
        gaps.extend(gone.into_iter().flatten().chain(open).map(|missing| Gap {
            content_type: one.content_type,
            missing,
            cause: one.known.refusal,
        }));
    }
    gaps
}

fn open(one: &TypeFeed, least: u64, now: Timestamp) -> Vec<Window> {
    let Some(progress) = &one.progress else {
        return Vec::new();
    };
    let unlisted = progress.unlisted(Pass::First);
    let reach = Window::new(horizon(now), progress.ripe(Pass::First, now));
    let open = reach
        .map(|reach| unlisted.within(reach))
        .unwrap_or_default();
    let is_late = |window: &Window| window.start() < unlisted.mark || window.seconds() >= least;
    open.windows().iter().copied().filter(is_late).collect()
}
