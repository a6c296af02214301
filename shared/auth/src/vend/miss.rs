//! A miss: neither memory nor the table holds a token that lives long enough.
//!
//! Of all processes that miss together one asks the function that signs, the others look at
//! the table until that has written (a lease of the tenant and resource). Nobody asks who would be
//! refused again: a failure is remembered in the record. A token that still lives is
//! served whenever nothing better comes. A record of a tenant that is not vended any more
//! is given back as it is: the policy sees it before the caller hears of it.

use std::time::Duration;

use futures::future::{Either, select};

use super::vended::{Source, VendRefusal};
use super::vending::Vend;
use super::wanted::Wanted;
use crate::cause::{Cause, CauseCode};
use crate::ports::{Lease, NotRenewed, OutOfReach, StoreError, random_bytes};
use crate::timestamp::Timestamp;
use crate::token::{BETWEEN_RENEWALS, TokenRecord};

/// Longer than the function that signs is waited for (22 s): while the holder lives, no
/// other process asks.
const LEASE: Duration = Duration::from_secs(30);
/// Between two looks at the table, at first; half as long again each time, up to
/// [`LOOK_MAX`], and up to half of it more by chance.
const FIRST_LOOK: Duration = Duration::from_millis(40);
const LOOK_MAX: Duration = Duration::from_millis(500);
/// With the growing pauses about five seconds: SDKs block for as long as that, and a
/// caller who is told to come back costs less than one who waits.
const LOOKS: u32 = 14;
/// At the first looks a caller may be the one who asks: within about a second. Later it only
/// looks, because asking takes up to 22 s and the function that serves the caller has 25.
const ASKS: u32 = 6;
/// When a caller that waited in vain should come back.
const COME_BACK: Duration = Duration::from_secs(2);

/// Where a miss stands after one look.
enum Step {
    /// This is the record to serve.
    Serve(TokenRecord, Source),
    /// Another process has it renewed: look again.
    Wait(TokenRecord),
}

impl Vend {
    /// The record with the best token that can be had now.
    pub(super) async fn fetch(
        &self,
        record: TokenRecord,
        wanted: Wanted,
    ) -> Result<(TokenRecord, Source), VendRefusal> {
        let mut record = record;
        let mut pause = FIRST_LOOK;
        for look in 0..LOOKS {
            let may_ask = look < ASKS && !self.is_late(wanted);
            match self.step(record, wanted, may_ask).await? {
                Step::Serve(record, source) => return Ok((record, source)),
                Step::Wait(seen) => record = seen,
            }
            if self.is_late(wanted) {
                break;
            }
            self.parts.pause.pause(self.jittered(pause)).await;
            pause = (pause * 3 / 2).min(LOOK_MAX);
            record = self.latest(record).await?;
        }
        let retry_at = self.parts.clock.now() + COME_BACK;
        let cause = if self.is_late(wanted) {
            OutOfReach::Late.cause()
        } else {
            CauseCode::Unavailable.into()
        };
        self.settled(&record, wanted)
            .unwrap_or_else(|| self.usable_or(record, wanted, cause, retry_at))
    }

    /// Whether the caller has no time left to wait for a new token.
    fn is_late(&self, wanted: Wanted) -> bool {
        let now = self.parts.clock.since_start();
        wanted.until.is_some_and(|until| until <= now)
    }

    /// One look at what the table says, and the attempt to be the one who asks, where it may be.
    async fn step(
        &self,
        record: TokenRecord,
        wanted: Wanted,
        may_ask: bool,
    ) -> Result<Step, VendRefusal> {
        if let Some(settled) = self.settled(&record, wanted) {
            let (record, source) = settled?;
            return Ok(Step::Serve(record, source));
        }
        if !may_ask {
            return Ok(Step::Wait(record));
        }
        let now = self.parts.clock.now();
        let name = format!("vend#{}#{}", record.tenant, record.resource);
        let Some(lease) = self.parts.leases.take(&name, now, now + LEASE).await? else {
            return Ok(Step::Wait(record));
        };
        let outcome = self.ask(record, wanted).await;
        self.give_back(lease).await;
        outcome.map(|(record, source)| Step::Serve(record, source))
    }

    /// What needs no request: a tenant that is not vended, a token that is good enough or
    /// brand new, or a failure that is not over.
    fn settled(
        &self,
        record: &TokenRecord,
        wanted: Wanted,
    ) -> Option<Result<(TokenRecord, Source), VendRefusal>> {
        if !record.status.is_vended() {
            return Some(Ok((record.clone(), Source::Table)));
        }
        let now = self.parts.clock.now();
        let brand_new = record.is_brand_new(now);
        if wanted.good(record, now).is_some() || (brand_new && wanted.usable(record, now).is_some())
        {
            return Some(Ok((record.clone(), Source::Table)));
        }
        // The API refused a token that is brand new: another one would fare no better, and
        // a caller that insists must not make us ask at every vend.
        if let Some(token) = &record.token
            && brand_new
        {
            let retry_at = token.issued_at + BETWEEN_RENEWALS;
            let cause = CauseCode::TokenRejected.into();
            return Some(Err(VendRefusal::NoToken {
                cause,
                retry_at,
                is_suspicion: false,
            }));
        }
        let retry_at = record.next_attempt_at.filter(|at| *at > now)?;
        let cause = record.last_failure.clone();
        let cause = cause.unwrap_or_else(|| CauseCode::Unavailable.into());
        Some(self.usable_or(record.clone(), wanted, cause, retry_at))
    }

    /// Has the token renewed, as the holder of the lease; unless the holder before has done so
    /// between our look and our taking it.
    async fn ask(
        &self,
        record: TokenRecord,
        wanted: Wanted,
    ) -> Result<(TokenRecord, Source), VendRefusal> {
        let record = self.latest(record).await?;
        if let Some(settled) = self.settled(&record, wanted) {
            return settled;
        }
        let renewed = self.renewed(&record, wanted).await;
        let asked_at = self.parts.clock.now();
        // Whatever the answer was, or none: what counts is what was written.
        let record = self.latest(record).await?;
        let Err(not_renewed) = renewed else {
            return Ok((record, Source::Entra));
        };
        if !record.status.is_vended() || wanted.good(&record, asked_at).is_some() {
            return Ok((record, Source::Entra));
        }
        let (cause, retry_at) = self.why(not_renewed);
        self.usable_or(record, wanted, cause, retry_at)
    }

    /// Has it renewed. What a caller cannot wait for is done all the same, and found in the table
    /// later.
    async fn renewed(&self, record: &TokenRecord, wanted: Wanted) -> Result<(), NotRenewed> {
        let renewal = self.parts.renewer.renew(record.tenant, &record.resource);
        let Some(until) = wanted.until else {
            return renewal.await;
        };
        let left = until.saturating_sub(self.parts.clock.since_start());
        match select(renewal, self.parts.pause.pause(left)).await {
            Either::Left((renewed, _)) => renewed,
            Either::Right(_) => Err(OutOfReach::Late.into()),
        }
    }

    /// Why there is no new token, and when asking again can help.
    fn why(&self, not_renewed: NotRenewed) -> (Cause, Timestamp) {
        let soon = self.parts.clock.now() + COME_BACK;
        match not_renewed {
            NotRenewed::Refused {
                cause,
                next_attempt_at,
            } => (cause, next_attempt_at),
            NotRenewed::Unable(cause) => (cause, soon),
            NotRenewed::OutOfReach(why) => (why.cause(), soon),
        }
    }

    /// The record as it stands now, strongly consistent.
    async fn latest(&self, record: TokenRecord) -> Result<TokenRecord, VendRefusal> {
        let latest = self
            .parts
            .tokens
            .read_latest(record.tenant, &record.resource)
            .await?;
        latest.ok_or(VendRefusal::NotFound)
    }

    /// The token of `record` while the caller can use it, else the reason why there is none.
    fn usable_or(
        &self,
        record: TokenRecord,
        wanted: Wanted,
        cause: Cause,
        retry_at: Timestamp,
    ) -> Result<(TokenRecord, Source), VendRefusal> {
        let now = self.parts.clock.now();
        match wanted.usable(&record, now) {
            Some(_) => Ok((record, Source::Table)),
            None => Err(VendRefusal::NoToken {
                is_suspicion: self.is_suspicion(&record, &cause, now),
                cause,
                retry_at,
            }),
        }
    }

    /// The first refusal has left its mark in the record a moment ago, or none where it was not
    /// written.
    fn is_suspicion(&self, record: &TokenRecord, cause: &Cause, now: Timestamp) -> bool {
        let confirm_after = self.parts.confirm_after.as_secs();
        let is_recent = |at: Timestamp| at.seconds_until(now) < confirm_after;
        cause.code.is_revocation() && record.suspected_at.is_none_or(is_recent)
    }

    /// Others then need not wait for its end. Losing this costs them that wait only.
    async fn give_back(&self, lease: Lease) {
        let released: Result<(), StoreError> = self.parts.leases.release(lease).await;
        if let Err(error) = released {
            tracing::warn!(event = "lease_kept", %error, "a lease was not given back: it ends by itself");
        }
    }

    fn jittered(&self, pause: Duration) -> Duration {
        let [byte] = random_bytes(self.parts.random.as_ref());
        pause + pause * u32::from(byte) / 512
    }
}
