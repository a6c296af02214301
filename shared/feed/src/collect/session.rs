//! Requests for one tenant: its token, its pace, its deadline.

use std::collections::BTreeMap;
use std::time::Duration;

use auth::{AccessToken, Timestamp};

use super::fence::Fence;
use super::quota::Quota;
use super::stop::Stop;
use super::{Collector, Halt, Turn};
use crate::content_type::ContentType;
use crate::ledger::TenantFeed;
use crate::ports::{Failure, NoToken, Request};
use crate::refusal::{Refusal, Step};

/// No header stops a tenant for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// Clocks that are kept differ by less. An answer's `Date` that is farther ahead is not believed.
const CLOCKS_DIFFER: Duration = Duration::from_secs(5 * 60);

/// A tenant's requests in one turn.
pub(super) struct Session<'a> {
    pub(super) collector: &'a Collector,
    pub(super) turn: &'a Turn,
    pub(super) fence: &'a Fence,
    pub(super) requests: u32,
    /// As `Retry-After` said.
    pub(super) not_before: Option<Timestamp>,
    token: AccessToken,
    /// Another token was asked for already.
    renewed: bool,
    quota: Quota,
    /// What the row said of each type when the turn began.
    before: BTreeMap<ContentType, Refusal>,
    /// The type that requests are about; `None` where they are about the tenant.
    pub(super) about: Option<ContentType>,
    /// A `Date` that is too far ahead is reported once.
    is_clock_reported: bool,
    /// So is an address that no token is sent to.
    pub(super) is_address_reported: bool,
}

impl<'a> Session<'a> {
    pub(super) async fn begin(
        collector: &'a Collector,
        (turn, fence): (&'a Turn, &'a Fence),
        quota: Quota,
    ) -> Result<Self, NoToken> {
        let token = collector.tokens.token(turn.tenant, None).await?;
        Ok(Self {
            collector,
            turn,
            fence,
            requests: 0,
            not_before: None,
            token,
            renewed: false,
            quota,
            before: BTreeMap::new(),
            about: None,
            is_clock_reported: false,
            is_address_reported: false,
        })
    }

    /// What each type was refused with before this turn.
    pub(super) fn remember(&mut self, feed: &TenantFeed) {
        let refused = feed.types.iter();
        let refused = refused.filter_map(|one| Some((one.content_type, one.known.refusal?)));
        self.before = refused.collect();
    }

    pub(super) fn who(&self) -> Request<'_> {
        Request {
            tenant: self.turn.tenant,
            host: &self.turn.host,
            token: &self.token,
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.collector.clock.now()
    }

    /// Microsoft's clock, as an answer's `Date` says it, but not far ahead of ours: what begins or
    /// is counted there would wait for a time that may never come.
    pub(super) fn believed(&mut self, date: Timestamp) -> Timestamp {
        let latest = self.now() + CLOCKS_DIFFER;
        if date > latest && !std::mem::replace(&mut self.is_clock_reported, true) {
            tracing::warn!(
                event = "feed_clocks_differ",
                tenant = %self.turn.tenant,
                seconds = self.now().seconds_until(date),
                "the Activity API's clock is {} s ahead of ours, and is not believed: check the \
                 clock of this machine",
                self.now().seconds_until(date)
            );
        }
        date.min(latest)
    }

    pub(super) fn has_time(&self) -> Result<(), Stop> {
        if self.collector.clock.since_start() >= self.turn.deadline {
            return Err(Stop::Halt(Halt::Deadline));
        }
        Ok(())
    }

    /// Half of the time that is left.
    pub(super) fn half_time(&self) -> Duration {
        let now = self.collector.clock.since_start();
        now + self.turn.deadline.saturating_sub(now) / 2
    }

    /// Before each request: the deadline, and the pace.
    pub(super) async fn may_ask(&mut self) -> Result<(), Stop> {
        self.has_time()?;
        let ports = (&*self.collector.clock, &*self.collector.pause);
        self.quota.one_more(ports, self.turn.deadline).await?;
        self.requests += 1;
        Ok(())
    }

    fn waits_after(&mut self, failure: &Failure) {
        let later = failure
            .retry_after
            .map(|after| self.now() + after.min(LONGEST_WAIT));
        self.not_before = self.not_before.max(later);
    }

    /// After a refusal: whether the request is worth another try with the token that there is
    /// now. Once a turn, and not for what the row says of the type already: a permission that is
    /// missing stays missing, and the turns to come have other tokens anyway.
    pub(super) async fn has_another_token(&mut self, failure: &Failure) -> bool {
        self.waits_after(failure);
        let is_of_token =
            failure.refusal.step() == Step::AnotherToken || failure.refusal == Refusal::RoleMissing;
        let before = self.about.and_then(|about| self.before.get(&about));
        if !is_of_token || self.renewed || before == Some(&failure.refusal) {
            return false;
        }
        self.renewed = true;
        let tokens = &self.collector.tokens;
        let other = tokens.token(self.turn.tenant, Some(&self.token)).await;
        if let Ok(other) = other {
            self.token = other;
            return true;
        }
        false
    }
}
