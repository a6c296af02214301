//! Requests for one tenant: its token, its pace, its deadline.

use std::time::Duration;

use auth::{AccessToken, Timestamp};

use super::{Collector, Halt, Turn};
use crate::ports::{Failure, NoToken, Request};
use crate::refusal::{Refusal, Step};

/// Below the 2,000 a minute of a publisher and tenant (protocol notes §6).
const A_MINUTE: u32 = 1_800;

const MINUTE: Duration = Duration::from_secs(60);

/// No header stops a tenant for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(60 * 60);

/// Why something was not done.
#[derive(Debug)]
pub(super) enum Stop {
    /// The turn is over.
    Halt(Halt),
    /// The API refuses.
    Refused(Failure),
}

impl Stop {
    /// A refusal of our own making.
    pub(super) fn refused(refusal: Refusal) -> Self {
        Stop::Refused(Failure::of(refusal))
    }
}

/// A tenant's requests in one turn.
pub(super) struct Session<'a> {
    pub(super) collector: &'a Collector,
    pub(super) turn: &'a Turn,
    pub(super) requests: u32,
    /// As `Retry-After` said.
    pub(super) not_before: Option<Timestamp>,
    token: AccessToken,
    /// Another token was asked for already.
    renewed: bool,
    minute_began: Duration,
    in_minute: u32,
}

impl<'a> Session<'a> {
    pub(super) async fn begin(collector: &'a Collector, turn: &'a Turn) -> Result<Self, NoToken> {
        let token = collector.tokens.token(turn.tenant, None).await?;
        Ok(Self {
            collector,
            turn,
            requests: 0,
            not_before: None,
            token,
            renewed: false,
            minute_began: collector.clock.since_start(),
            in_minute: 0,
        })
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
        let clock = &self.collector.clock;
        let passed = clock.since_start().saturating_sub(self.minute_began);
        if passed >= MINUTE {
            self.minute_began = clock.since_start();
            self.in_minute = 0;
        } else if self.in_minute >= A_MINUTE {
            if clock.since_start() + (MINUTE - passed) >= self.turn.deadline {
                return Err(Stop::Halt(Halt::Deadline));
            }
            self.collector.pause.pause(MINUTE - passed).await;
            self.minute_began = clock.since_start();
            self.in_minute = 0;
        }
        self.in_minute += 1;
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
    /// now. Once a turn: a permission that is missing stays missing.
    pub(super) async fn has_another_token(&mut self, failure: &Failure) -> bool {
        self.waits_after(failure);
        let is_of_token =
            failure.refusal.step() == Step::AnotherToken || failure.refusal == Refusal::RoleMissing;
        if !is_of_token || self.renewed {
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
