//! One token, renewed for a caller that waits. Whether it is renewed is decided by the record
//! and by nothing that the request says.

use std::sync::Arc;

use async_trait::async_trait;

use super::limits::TenantLimit;
use crate::cause::CauseCode;
use crate::identifiers::TenantId;
use crate::ports::{NotRenewed, StoreError, TokenRenewer};
use crate::renew::{Renewal, RenewalError};
use crate::resource::Resource;
use crate::timestamp::Timestamp;
use crate::token::TokenRecord;

/// Renews one token at a time.
pub struct RenewOnDemand {
    renewal: Arc<Renewal>,
    limit: TenantLimit,
}

impl RenewOnDemand {
    /// By `renewal`, with full limits.
    pub fn new(renewal: Arc<Renewal>) -> Self {
        Self {
            renewal,
            limit: TenantLimit::of("renewals"),
        }
    }

    /// Fails closed because a caller that was taken over could else make us sign at its will:
    /// what the record answers costs no signature.
    async fn renew_if_due(&self, record: TokenRecord) -> Result<(), NotRenewed> {
        let now = self.renewal.clock.now();
        if let Some(settled) = settled(&record, now) {
            return settled;
        }
        self.limit.take(record.tenant, now)?;
        match self.renewal.renew(&record).await {
            Ok(_) => Ok(()),
            Err(RenewalError::Refused {
                cause,
                next_attempt_at,
                ..
            }) => Err(NotRenewed::Refused {
                cause,
                next_attempt_at,
            }),
            Err(RenewalError::Store(error)) => Err(unable(&error)),
        }
    }
}

/// What needs no request: a tenant whose tokens are not handed out, a token that is brand
/// new, a failure that is not over.
fn settled(record: &TokenRecord, now: Timestamp) -> Option<Result<(), NotRenewed>> {
    if !record.status.is_vended() || record.is_brand_new(now) {
        return Some(Ok(()));
    }
    let next_attempt_at = record.next_attempt_at.filter(|at| *at > now)?;
    let cause = record.last_failure.clone();
    Some(Err(NotRenewed::Refused {
        cause: cause.unwrap_or_else(|| CauseCode::Unavailable.into()),
        next_attempt_at,
    }))
}

fn unable(error: &StoreError) -> NotRenewed {
    tracing::error!(event = "on_demand_store_error", %error, "a token was not renewed");
    NotRenewed::Unable(error.cause())
}

#[async_trait]
impl TokenRenewer for RenewOnDemand {
    async fn renew(&self, tenant: TenantId, resource: &Resource) -> Result<(), NotRenewed> {
        let read = self.renewal.tokens.read_latest(tenant, resource).await;
        match read.map_err(|error| unable(&error))? {
            Some(record) => self.renew_if_due(record).await,
            // The caller reads the table and finds none.
            None => Ok(()),
        }
    }
}
