//! Renewing one token: ask Entra ID, check what came, write it down, move the tenant
//! where its life says. The refresher and a vend that misses share this, so that a
//! token is judged in one place.
//!
//! No lease is taken: the write is fenced by the version that was read. Who loses the
//! race reads what the winner wrote.
//!
//! One answer is not the truth about a tenant: a refusal that reads as a revocation is
//! noted, and only a second one some minutes later is believed (`refused.rs`). Only
//! the refresher takes a working tenant's consent for revoked, because only it sees
//! whether the whole fleet looks that way, which is a fault of ours ([`Judgement`]).

mod attempt;
mod refused;
mod report;

use std::sync::Arc;

use crate::ports::{
    AuthorityError, Clock, IssuedToken, Random, Settlement, StoreError, Tenants, TokenIssuer,
    TokenStore, Write,
};
use crate::requirements::Requirements;
use crate::schedule::{RefreshSchedule, next_attempt_at};
use crate::tenant::{Failure, Tenant, TenantStatus};
use crate::timestamp::Timestamp;
use crate::token::{AppOnlyToken, TokenRecord};
use crate::turns::Slot;

pub use attempt::{Attempt, Judgement, RenewalError, Settled};
use refused::Refused;
pub use report::report_change;
use report::report_failure;

/// What renewing needs.
pub struct Renewal {
    /// Read and changed where a token or a failure moves a tenant.
    pub tenants: Arc<dyn Tenants>,
    /// Where what came of an attempt is written.
    pub tokens: Arc<dyn TokenStore>,
    /// Gives the tokens.
    pub issuer: Arc<dyn TokenIssuer>,
    /// What a token must hold.
    pub requirements: Requirements,
    /// When it is renewed.
    pub schedule: RefreshSchedule,
    /// By which a token's life and the next attempt are counted.
    pub clock: Arc<dyn Clock>,
    /// Spreads attempts over time.
    pub random: Arc<dyn Random>,
}

impl Renewal {
    /// Renews the token of `record` for a caller who waits. The record that comes back
    /// is ours with its new token, or what somebody else wrote meanwhile.
    pub async fn renew(&self, record: &TokenRecord) -> Result<TokenRecord, RenewalError> {
        let attempt = self.attempt(record).await;
        let settled = self
            .settle(record, &attempt, Judgement::LeftToTheRefresher)
            .await?;
        Ok(settled.into_record())
    }

    /// Asks Entra ID and checks what came; writes nothing.
    pub async fn attempt(&self, record: &TokenRecord) -> Attempt {
        let asked_at = self.clock.now();
        let answer = self
            .issuer
            .app_only_token(record.tenant, record.cloud, &record.resource)
            .await;
        Attempt {
            asked_at,
            outcome: answer.and_then(|issued| self.checked(record, issued)),
        }
    }

    /// Writes down what an attempt brought. Where the table did not answer, it may be written down
    /// again.
    pub async fn settle(
        &self,
        record: &TokenRecord,
        attempt: &Attempt,
        judgement: Judgement,
    ) -> Result<Settled, RenewalError> {
        match &attempt.outcome {
            Ok((issued, roles)) => self.keep(record, attempt.asked_at, issued, roles).await,
            Err(error) => {
                let attempt = (attempt.asked_at, error);
                self.remember_failure(record, attempt, judgement).await
            }
        }
    }

    /// The token, if it is this tenant's, for this resource, with the roles we need.
    fn checked(
        &self,
        record: &TokenRecord,
        issued: IssuedToken,
    ) -> Result<(IssuedToken, Vec<String>), AuthorityError> {
        let claims = issued.access_token.unverified_claims();
        self.requirements.check(
            claims.as_ref(),
            record.tenant,
            record.cloud,
            &record.resource,
        )?;
        Ok((
            issued,
            claims.map(|claims| claims.roles).unwrap_or_default(),
        ))
    }

    async fn keep(
        &self,
        record: &TokenRecord,
        asked_at: Timestamp,
        issued: &IssuedToken,
        roles: &[String],
    ) -> Result<Settled, RenewalError> {
        let token = AppOnlyToken {
            expires_at: asked_at + issued.expires_in,
            issued_at: asked_at,
            access_token: issued.access_token.clone(),
        };
        let (schedule, expires_at) = (&self.schedule, token.expires_at);
        let refresh_at = schedule.refresh_at(asked_at, expires_at, issued.refresh_in);
        let slot = Slot::of(record.tenant);
        let settlement = Settlement::Token {
            token: &token,
            refresh_at,
            look: schedule.look(slot, refresh_at, expires_at, self.clock.now()),
        };
        let after = |tenant: &Tenant| tenant.after_token(&record.resource, roles, self.clock.now());
        let heals = record.status != TenantStatus::Active && self.is_first(record);
        match self.write(record, settlement, heals, after).await? {
            (Write::Done, status) => Ok(Settled::Kept(TokenRecord {
                token: Some(token),
                refresh_at,
                failures: 0,
                next_attempt_at: None,
                last_failure: None,
                suspected_at: None,
                status,
                cause: record
                    .cause
                    .clone()
                    .filter(|_| status != TenantStatus::Active),
                ..record.clone()
            })),
            (Write::Stale, _) => self.what_the_winner_wrote(record).await,
        }
    }

    async fn remember_failure(
        &self,
        record: &TokenRecord,
        attempt: (Timestamp, &AuthorityError),
        judgement: Judgement,
    ) -> Result<Settled, RenewalError> {
        let refused = Refused::judged(record, attempt, self.schedule.confirm_after);
        let now = self.clock.now();
        let failures = record.failures.saturating_add(1);
        let cap = refused.longest_wait(record, now);
        let next_attempt_at = next_attempt_at(
            now,
            failures,
            cap,
            refused.retry_after,
            self.random.as_ref(),
        );
        let deferred = judgement != Judgement::Final && refused.reads_as_revocation();
        let refresh_at = match judgement {
            Judgement::LeftToTheRefresher if refused.confirmed => now,
            _ => next_attempt_at,
        };
        let settlement = Settlement::Failure {
            next_attempt_at,
            refresh_at,
            failures,
            cause: &refused.cause,
            suspected_at: refused.suspected_at,
            drop_token: refused.confirmed && !deferred,
        };
        let failure = Failure {
            resource: &record.resource,
            cause: &refused.cause,
            holds_living_token: record.token_living_for(0, now).is_some(),
            confirmed: refused.confirmed,
        };
        let after = |tenant: &Tenant| tenant.after_failure(&failure, now);
        let is_the_tenants = !refused.cause.code.is_fleet_wide() && self.is_first(record);
        match self
            .write(record, settlement, is_the_tenants && !deferred, after)
            .await?
        {
            (Write::Done, status) => {
                report_failure(record, &refused, next_attempt_at);
                Err(RenewalError::Refused {
                    is_suspicion: refused.is_suspicion() && record.status.is_vended(),
                    cause: refused.cause,
                    status,
                    next_attempt_at,
                })
            }
            (Write::Stale, _) => self.what_the_winner_wrote(record).await,
        }
    }

    /// Writes the settlement and, where the tenant's life says so, the change of
    /// state with it. The tenant itself is read only when a change is possible: a
    /// renewal of an active tenant costs one write and nothing else.
    async fn write(
        &self,
        record: &TokenRecord,
        settlement: Settlement<'_>,
        may_change: bool,
        after: impl Fn(&Tenant) -> Option<Tenant>,
    ) -> Result<(Write, TenantStatus), StoreError> {
        if may_change
            && let Some(before) = self.tenants.find(record.tenant).await?
            && let Some(after) = after(&before)
        {
            let write = self
                .tokens
                .settle_and_change(record, settlement, &before, &after)
                .await?;
            if write == Write::Done {
                report_change(&before, &after);
            }
            return Ok((write, after.status));
        }
        let write = self.tokens.settle(record, settlement).await?;
        Ok((write, record.status))
    }

    /// Whether the tenant's life is judged by this record. What fails for another resource
    /// (a role of Graph that was not granted) is remembered in its own record and told of
    /// it alone.
    fn is_first(&self, record: &TokenRecord) -> bool {
        self.requirements.first(record.cloud) == record.resource
    }

    async fn what_the_winner_wrote(&self, record: &TokenRecord) -> Result<Settled, RenewalError> {
        let latest = self
            .tokens
            .read_latest(record.tenant, &record.resource)
            .await?;
        // The record is gone only when the tenant was removed meanwhile.
        Ok(Settled::Lost(latest.unwrap_or_else(|| TokenRecord {
            status: TenantStatus::Removed,
            token: None,
            ..record.clone()
        })))
    }
}
