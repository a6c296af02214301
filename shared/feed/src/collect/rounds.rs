//! The types of a tenant in a turn: the newest window of each before the backlog of any.

use std::collections::VecDeque;

use auth::Timestamp;

use super::session::Session;
use super::stop::Stop;
use super::subscribing::is_in_doubt;
use super::turn::refuse_all;
use super::work::turned;
use super::{Halt, Report};
use crate::ledger::{TenantFeed, TypeFeed};
use crate::planner;
use crate::ports::{Failure, Subscriptions};
use crate::refusal::{Refusal, Step};
use crate::window::Window;

/// What the API lists of the tenant's subscriptions, once it was asked.
type Listed = Option<Subscriptions>;

/// What a type has to list in this turn.
#[derive(Default)]
struct Plan {
    windows: VecDeque<Window>,
    /// What a content was refused with by itself.
    failed: Option<Failure>,
    is_replanned: bool,
    /// A window was cut, and nothing was listed since.
    is_cut: bool,
    /// Nothing before this.
    waits: Option<Timestamp>,
    /// A late pass is due: twice a day.
    is_late: bool,
}

impl Session<'_> {
    /// Every type; one that is refused holds up no other. The backlogs take turns by the
    /// window, and another type is the first in each turn: none starves another.
    pub(super) async fn types(
        &mut self,
        feed: &mut TenantFeed,
        report: &mut Report,
    ) -> Result<(), Halt> {
        self.remember(feed);
        let mut listed = None;
        let mut plans = VecDeque::new();
        let mut is_refused = false;
        for index in self.order(feed) {
            let Some(one) = feed.types.get_mut(index) else {
                continue;
            };
            let begun = self.begin_type(one, &mut listed, report).await;
            match begun {
                Ok(plan) => plans.push_back((index, plan)),
                Err(stop) if holds_all(feed, index, &stop)? => return Ok(()),
                Err(_) => is_refused = true,
            }
        }
        report.is_stopped = self.turn.leaves && !is_refused;
        if !is_refused {
            report.not_before = self.all_wait(feed, &plans);
        }
        let late: Vec<_> = plans
            .iter()
            .filter(|(_, plan)| plan.is_late)
            .map(|(index, _)| *index)
            .collect();
        self.webhooks(feed, &late, listed).await?;
        while let Some((index, mut plan)) = plans.pop_front() {
            let Some(one) = feed.types.get_mut(index) else {
                continue;
            };
            match self.next_window(one, &mut plan, report).await {
                Ok(()) if plan.windows.is_empty() => {}
                Ok(()) => plans.push_back((index, plan)),
                Err(stop) if holds_all(feed, index, &stop)? => return Ok(()),
                Err(_) => {}
            }
        }
        Ok(())
    }

    /// Until when every type waits that is wanted.
    fn all_wait(&self, feed: &TenantFeed, plans: &VecDeque<(usize, Plan)>) -> Option<Timestamp> {
        let is_wanted = |index: usize| {
            let one = feed.types.get(index);
            one.is_some_and(|one| self.collector.types.contains(&one.content_type))
        };
        let wanted = plans.iter().filter(|(index, _)| is_wanted(*index));
        let waits: Option<Vec<_>> = wanted.map(|(_, plan)| plan.waits).collect();
        waits?.into_iter().min()
    }

    /// What is due of a type, without what workers do, and whether one of the late passes is.
    fn due(&self, one: &TypeFeed, now: Timestamp) -> (VecDeque<Window>, bool) {
        let Some(progress) = &one.progress else {
            return Default::default();
        };
        let rest = progress.but_for(&self.out(one.content_type));
        let grid = planner::grid_of(self.turn.tenant);
        let is_late = planner::is_late_due(now, &rest, grid);
        (planner::due(now, &rest, grid).into(), is_late)
    }

    fn order(&self, feed: &TenantFeed) -> Vec<usize> {
        let mut order: Vec<_> = (0..feed.types.len()).collect();
        let first = turned(self.now(), order.len());
        order.rotate_left(first);
        order
    }

    /// Its subscription, where that is in doubt, and its newest window.
    async fn begin_type(
        &mut self,
        one: &mut TypeFeed,
        listed: &mut Listed,
        report: &mut Report,
    ) -> Result<Plan, Stop> {
        let mut plan = Plan::default();
        if !self.turn.leaves && !self.collector.types.contains(&one.content_type) {
            one.known.refusal = Some(Refusal::Paused);
            return Ok(plan);
        }
        if self.turn.leaves || is_in_doubt(one) {
            let known = match listed.take() {
                Some(known) => known,
                None => self.subscriptions().await?,
            };
            plan.waits = self.subscribe(one, listed.insert(known)).await?;
            if self.turn.leaves || is_in_doubt(one) {
                return Ok(plan);
            }
        }
        (plan.windows, plan.is_late) = self.due(one, self.now());
        self.next_window(one, &mut plan, report).await?;
        Ok(plan)
    }

    async fn next_window(
        &mut self,
        one: &mut TypeFeed,
        plan: &mut Plan,
        report: &mut Report,
    ) -> Result<(), Stop> {
        while let Some(window) = plan.windows.pop_front() {
            match self.window(one, window, report).await {
                Ok(failed) => {
                    plan.is_cut = false;
                    plan.failed = failed.or(plan.failed);
                    one.known.refusal = plan.failed.map(|failed| failed.refusal);
                    break;
                }
                Err(Stop::Refused(failure)) if plan.cuts(window, failure, self.now()) => {}
                Err(Stop::Refused(failure)) => self.plan_again(one, plan, failure)?,
                halt => halt.map(|_| ())?,
            }
        }
        Ok(())
    }

    /// By Microsoft's clock, once, where it refused a window.
    fn plan_again(&self, one: &TypeFeed, plan: &mut Plan, failure: Failure) -> Result<(), Stop> {
        let at = failure
            .at
            .filter(|_| failure.refusal == Refusal::WindowRefused && !plan.is_replanned);
        let Some(at) = at.filter(|_| one.progress.is_some()) else {
            return Err(Stop::Refused(failure));
        };
        plan.is_replanned = true;
        plan.windows = self.due(one, at).0;
        Ok(())
    }
}

impl Plan {
    /// A listing without a whole answer may be of too much at once: one of a busy tenant's day can
    /// take longer than we wait (protocol notes §8), again in each turn, until it expires. It is
    /// listed by the hour instead, the newest first. Not twice without an answer in between: where
    /// the API does not answer at all, the first hour shows it.
    fn cuts(&mut self, window: Window, failure: Failure, now: Timestamp) -> bool {
        let is_unread = failure.refusal == Refusal::Unavailable && failure.code.is_none();
        let mut hours: Vec<_> = window.hours().collect();
        if self.is_cut || !is_unread || hours.len() < 2 {
            return false;
        }
        self.is_cut = true;
        let newest = hours.pop();
        // Another one first in each turn: one that fails for ever holds up no other.
        let first = turned(now, hours.len());
        hours.rotate_left(first);
        let rest = std::mem::take(&mut self.windows);
        self.windows = newest.into_iter().chain(hours).chain(rest).collect();
        true
    }
}

/// What a type was refused with; whether it holds up the others, too.
fn holds_all(feed: &mut TenantFeed, index: usize, stop: &Stop) -> Result<bool, Halt> {
    let failure = match stop {
        Stop::Refused(failure) => failure,
        Stop::Halt(halt) => return Err(halt.clone()),
    };
    if failure.refusal.step() == Step::HoldTenant {
        refuse_all(feed, failure.refusal);
        return Ok(true);
    }
    if let Some(one) = feed.types.get_mut(index) {
        one.known.refusal = Some(failure.refusal);
    }
    if failure.refusal == Refusal::Throttled {
        // The quota is the tenant's, not the type's.
        return Err(Halt::Throttled);
    }
    Ok(false)
}
