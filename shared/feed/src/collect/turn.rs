//! The steps of a turn.

use std::pin::pin;

use auth::Timestamp;
use auth::ports::Write;
use futures::future::{Either, select};

use super::fence::{Fence, may_begin};
use super::quota::Quota;
use super::session::Session;
use super::{Collector, Halt, Report, Turn};
use crate::handed::WindowRow;
use crate::ledger::{TenantFeed, Totals, TypeFeed};
use crate::marks::Mark;
use crate::open;
use crate::pass::Pass;
use crate::ports::NoToken;
use crate::refusal::Refusal;
use crate::rhythm::Rhythm;
use crate::watched::{self, Watched};

impl Collector {
    /// One tenant's turn. `mark`: what the shard's lease has of [`Report::listed_until`].
    pub async fn turn(&self, turn: &Turn, mark: Option<Mark>) -> Report {
        let mut report = Report::default();
        if let Err(halt) = self.try_turn(turn, mark, &mut report).await {
            report.halt = Some(halt);
        }
        report
    }

    async fn try_turn(
        &self,
        turn: &Turn,
        mark: Option<Mark>,
        report: &mut Report,
    ) -> Result<(), Halt> {
        let read = self.ledger.feed(turn.tenant).await?;
        let now = self.clock.now();
        let mut feed = read.unwrap_or_else(|| TenantFeed::beginning(turn.tenant, now));
        may_begin(&feed, now)?;
        feed.busy_until = None;
        let row = feed.clone();
        let before = &row.types;
        self.add_types(&mut feed);
        feed.settles(self.settle);
        feed.listed_until(mark);
        let period = feed.due.period(self.pacing.interval);
        let calm = watched::calm(&feed.types, now, period);
        let taken = self.take_over(&mut feed, now).await?;
        let turn = &Turn {
            leaves: turn.leaves || feed.leaves.is_some(),
            ..turn.clone()
        };
        let fence = self.fence(&feed, &row);
        let mut worked = if feed.is_paused && !turn.leaves {
            refuse_all(&mut feed, Refusal::Paused);
            Ok(())
        } else {
            self.work_in_time((turn, &fence), &mut feed, report).await
        };
        feed.version = fence.claimed().or(feed.version);
        let handed = match worked {
            Err(Halt::Deadline) if self.queue.is_some() && !turn.leaves && !taken.has_lapsed => {
                self.hand_out(&mut feed, self.clock.now())
            }
            _ => Vec::new(),
        };
        if worked.is_ok() {
            worked = self.put_right(&mut feed).await;
        }
        if worked.is_err() {
            put_back(&mut feed, before);
        }
        let refusals = feed.types.iter();
        report.refusals = refusals
            .filter_map(|one| Some((one.content_type, one.known.refusal?)))
            .collect();
        watched::learn(&calm, before, &mut feed.types);
        self.watch(before, &mut feed, report);
        self.moves(turn, &mut feed, worked.is_ok(), report);
        // What was done is written, also where the turn ended early.
        self.save((&feed, &taken.done), &row, report).await?;
        self.send(&feed, &handed).await;
        report.handed = u32::try_from(handed.len()).unwrap_or(u32::MAX);
        report.due = Some(feed.due);
        report.oldest = oldest(&feed).min();
        worked?;
        report.listed_until = marks(&feed).min();
        Ok(())
    }

    /// Said before the row is written, and once more where that fails: never less than once. The
    /// events go with the row.
    fn watch(&self, before: &[TypeFeed], feed: &mut TenantFeed, report: &mut Report) {
        let (tenant, now) = (feed.tenant, self.clock.now());
        report.watched = Watched::of(before, &feed.types, now, tenant);
        report.watched.log(tenant, now);
        feed.events = report.watched.events(tenant, now);
    }

    /// The work, as far as it comes before the run ends. One request can take longer than the
    /// run has left: it is dropped, so that what the turn has done is written all the same.
    async fn work_in_time(
        &self,
        at: (&Turn, &Fence),
        feed: &mut TenantFeed,
        report: &mut Report,
    ) -> Result<(), Halt> {
        let mut begun = None;
        let work = self.work(at, &mut begun, feed, report);
        let worked = self.in_time(at.0, work).await;
        // Work that was dropped has asked, too.
        if let Some(session) = begun {
            report.requests = session.requests;
            report.not_before = report.not_before.max(session.not_before);
        }
        worked.unwrap_or(Err(Halt::Deadline))
    }

    /// What comes of it, if it does before the run ends.
    pub(super) async fn in_time<T>(&self, turn: &Turn, work: impl Future<Output = T>) -> Option<T> {
        let left = turn.dropped_at.saturating_sub(self.clock.since_start());
        match select(pin!(work), self.pause.pause(left)).await {
            Either::Left((worked, _)) => Some(worked),
            Either::Right(_) => None,
        }
    }

    /// Where there is a queue, sessions meet. `row`: as it was read.
    fn fence(&self, feed: &TenantFeed, row: &TenantFeed) -> Fence {
        let fence = match &self.queue {
            Some(_) => Fence::of(feed),
            None => Fence::none(feed.handed.clone()),
        };
        fence.beside(&row.handed)
    }

    async fn work<'a>(
        &'a self,
        at: (&'a Turn, &'a Fence),
        begun: &mut Option<Session<'a>>,
        feed: &mut TenantFeed,
        report: &mut Report,
    ) -> Result<(), Halt> {
        let clock = &*self.clock;
        let quota = match &self.queue {
            None => Quota::alone(clock),
            Some(_) if at.1.is_shared => Quota::shared(clock),
            Some(_) => Quota::alone_until(at.0.deadline, clock),
        };
        match Session::begin(self, at, quota).await {
            Ok(session) => begun.insert(session).types(feed, report).await,
            Err(NoToken::Held(_)) => {
                refuse_all(feed, Refusal::NoToken);
                Ok(())
            }
            Err(NoToken::Later) => Err(Halt::NoToken),
        }
    }

    /// Totals that a run which died left untrue. The turn has listed what that run had listed, so
    /// that only a gap, or what lies beyond the mark, can still be open.
    async fn put_right(&self, feed: &mut TenantFeed) -> Result<(), Halt> {
        let (tenant, now) = (feed.tenant, self.clock.now());
        for one in &mut feed.types {
            let done = one.totals.stored + one.totals.lost;
            let is_listed = one.known.refusal.is_none() && !open::has_gaps(one);
            if done > one.totals.listed {
                one.totals.put_right(0);
            } else if done < one.totals.listed && is_listed {
                let open = open::contents(&*self.ledger, tenant, one, now).await?;
                one.totals.put_right(open);
            }
        }
        Ok(())
    }

    /// A type that is no longer wanted stays.
    fn add_types(&self, feed: &mut TenantFeed) {
        for wanted in &self.types {
            if !feed.types.iter().any(|one| one.content_type == *wanted) {
                feed.types.push(TypeFeed {
                    content_type: *wanted,
                    known: Default::default(),
                    progress: None,
                    totals: Totals::default(),
                    stored_at: None,
                    rhythm: Rhythm::default(),
                    listed_at: None,
                });
            }
        }
    }

    async fn save(
        &self,
        (feed, done): (&TenantFeed, &[WindowRow]),
        row: &TenantFeed,
        report: &mut Report,
    ) -> Result<(), Halt> {
        let pairs = feed.types.iter().zip(&row.types);
        let is_new = feed.types.len() > row.types.len() || feed.due != row.due;
        let is_claimed = feed.version != row.version || feed.handed != row.handed;
        if !is_new
            && !is_claimed
            && done.is_empty()
            && !pairs
                .into_iter()
                .any(|(after, before)| is_worth_a_write(after, before, report.named > 0))
        {
            return Ok(());
        }
        let write = match &self.queue {
            Some(queue) if !done.is_empty() => queue.shared.take_over(feed, done).await,
            _ => self.ledger.put_feed(feed).await,
        };
        match write? {
            Write::Done => report.wrote = true,
            Write::Stale => return Err(Halt::Raced),
        }
        Ok(())
    }
}

/// How far each type that runs is listed.
fn marks(feed: &TenantFeed) -> impl Iterator<Item = Timestamp> {
    let running = feed.types.iter().filter(|one| one.known.refusal.is_none());
    let progress = running.filter_map(|one| one.progress.as_ref());
    progress.map(|progress| progress.unlisted(Pass::First).mark)
}

/// From when on each type that runs has something to list.
fn oldest(feed: &TenantFeed) -> impl Iterator<Item = Timestamp> {
    let running = feed.types.iter().filter(|one| one.known.refusal.is_none());
    let progress = running.filter_map(|one| one.progress.as_ref());
    progress.map(|progress| {
        let first = progress.unlisted(Pass::First);
        let gap = first.gaps.windows().first();
        gap.map_or(first.mark, |gap| gap.start())
    })
}

/// A type that was refused, and that a turn which ended early has not listed since, is still what
/// it was: the shard's lease knows nothing of it.
fn put_back(feed: &mut TenantFeed, before: &[TypeFeed]) {
    let mark = |one: &TypeFeed| Some(one.progress.as_ref()?.unlisted(Pass::First).mark);
    for (after, before) in feed.types.iter_mut().zip(before) {
        if after.known.refusal.is_none() && mark(after) == mark(before) {
            after.known.refusal = before.known.refusal;
        }
    }
}

pub(crate) fn refuse_all(feed: &mut TenantFeed, refusal: Refusal) {
    for one in &mut feed.types {
        one.known.refusal = Some(refusal);
    }
}

fn is_worth_a_write(after: &TypeFeed, before: &TypeFeed, named: bool) -> bool {
    let moved = match (&after.progress, &before.progress) {
        (Some(after), Some(before)) => after.is_worth_a_write(before, named),
        (after, before) => after.is_some() != before.is_some(),
    };
    moved || after.known != before.known || after.totals != before.totals
}
