//! Renewing one token: ask Entra ID, check what came, write it down, move the tenant
//! where its life says. The refresher and a vend that misses share this, so that a
//! token is judged in one place.
//!
//! No lease is taken: the write is fenced by the version that was read. Who loses the
//! race reads what the winner wrote. Only the refresher takes a working tenant's
//! consent for revoked, because only it sees whether the whole fleet looks that way,
//! which is a fault of ours ([`Judgement`]).

mod report;

use std::sync::Arc;

use crate::cause::Cause;
use crate::ports::{
    AuthorityError, Clock, IssuedToken, Random, Settlement, StoreError, Tenants, TokenIssuer,
    TokenStore, Write,
};
use crate::requirements::Requirements;
use crate::schedule::{RefreshSchedule, next_attempt_at};
use crate::tenant::{Tenant, TenantStatus};
use crate::timestamp::Timestamp;
use crate::token::{AppOnlyToken, TokenRecord};

pub use report::report_change;
use report::report_failure;

/// What renewing needs.
pub struct Renewal {
    /// The tenants.
    pub tenants: Arc<dyn Tenants>,
    /// Their tokens.
    pub tokens: Arc<dyn TokenStore>,
    /// Entra ID.
    pub issuer: Arc<dyn TokenIssuer>,
    /// What a token must hold.
    pub requirements: Requirements,
    /// When it is renewed.
    pub schedule: RefreshSchedule,
    /// Now.
    pub clock: Arc<dyn Clock>,
    /// Jitter.
    pub random: Arc<dyn Random>,
}

/// Why there is no new token.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RenewalError {
    /// Entra ID gave none, or none that we can use.
    #[error("no token: {cause}")]
    Refused {
        /// Why.
        cause: Cause,
        /// The tenant's status after it.
        status: TenantStatus,
        /// Nobody asks again before this.
        next_attempt_at: Timestamp,
    },
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What Entra ID answered, before anything is written.
#[derive(Debug)]
pub struct Attempt {
    asked_at: Timestamp,
    outcome: Result<(IssuedToken, Vec<String>), AuthorityError>,
}

/// What became of an attempt that was written down.
#[derive(Debug, Clone)]
pub enum Settled {
    /// The record with the token that the attempt brought.
    Kept(TokenRecord),
    /// Somebody else was first: what they wrote.
    Lost(TokenRecord),
}

impl Settled {
    /// The record as the table has it now.
    pub fn into_record(self) -> TokenRecord {
        let (Settled::Kept(record) | Settled::Lost(record)) = self;
        record
    }
}

/// Whether an attempt may take a working tenant's consent for revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It may: other tenants got their tokens meanwhile, or it is the only one.
    Final,
    /// It may not: the failure is remembered, the tenant stays what it is, and its
    /// living token stays with it.
    Deferred,
}

impl Attempt {
    /// Whether settling this finally would take a working tenant's consent for revoked.
    pub fn would_revoke(&self, record: &TokenRecord) -> bool {
        let known = record.cause.as_ref();
        let revocation = self.outcome.as_ref().is_err_and(|error| {
            let cause = error.cause.with_what_is_known(known);
            cause.code.is_revocation()
        });
        revocation && record.status.is_vended()
    }
}

impl Renewal {
    /// Renews the token of `record` for a caller who waits. The record that comes back
    /// is ours with its new token, or what somebody else wrote meanwhile.
    pub async fn renew(&self, record: &TokenRecord) -> Result<TokenRecord, RenewalError> {
        let attempt = self.attempt(record).await;
        let settled = self.settle(record, attempt, Judgement::Deferred).await?;
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

    /// Writes down what an attempt brought.
    pub async fn settle(
        &self,
        record: &TokenRecord,
        attempt: Attempt,
        judgement: Judgement,
    ) -> Result<Settled, RenewalError> {
        match attempt.outcome {
            Ok((issued, roles)) => self.keep(record, attempt.asked_at, issued, &roles).await,
            Err(error) => self.remember_failure(record, error, judgement).await,
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
        issued: IssuedToken,
        roles: &[String],
    ) -> Result<Settled, RenewalError> {
        let token = AppOnlyToken {
            expires_at: asked_at + issued.expires_in,
            issued_at: asked_at,
            access_token: issued.access_token,
        };
        let refresh_at = self.schedule.refresh_at(
            asked_at,
            token.expires_at,
            issued.refresh_in,
            self.random.as_ref(),
        );
        let settlement = Settlement::Token {
            token: &token,
            refresh_at,
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
        error: AuthorityError,
        judgement: Judgement,
    ) -> Result<Settled, RenewalError> {
        let now = self.clock.now();
        let cause = error.cause.with_what_is_known(record.cause.as_ref());
        let cause = cause.clone();
        let failures = record.failures.saturating_add(1);
        let next_attempt_at = next_attempt_at(
            now,
            failures,
            cause.code,
            record.status,
            error.retry_after,
            self.random.as_ref(),
        );
        let correlation_id = error.correlation_id.as_deref();
        report_failure(record, &cause, correlation_id, next_attempt_at);
        let deferred = judgement == Judgement::Deferred && cause.code.is_revocation();
        let settlement = Settlement::Failure {
            next_attempt_at,
            failures,
            cause: &cause,
            drop_token: cause.code.is_revocation() && !deferred,
        };
        let lives = record.token_living_for(0, now).is_some();
        let after = |tenant: &Tenant| tenant.after_failure(&record.resource, &cause, lives, now);
        let may_change = !cause.code.is_fleet_wide() && !deferred && self.is_first(record);
        match self.write(record, settlement, may_change, after).await? {
            (Write::Done, status) => Err(RenewalError::Refused {
                cause,
                status,
                next_attempt_at,
            }),
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
