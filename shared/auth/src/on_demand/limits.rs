//! How often this program may be made to sign, in one process: for each tenant, and in all.
//! The callers have limits of their own; these hold when a caller has been taken over. A request
//! that is refused makes no other request.

use crate::identifiers::TenantId;
use crate::limit::{Exceeded, Limit, Rate};
use crate::ports::OutOfReach;
use crate::timestamp::Timestamp;

/// Requests about one tenant. A renewal that the record allows comes once a minute for each
/// resource, a binding once or twice in the life of a tenant.
const OF_TENANT: Rate = Rate::of(30, 2000);
/// Requests about all tenants: a fleet that misses at once, then 20 a second. A process in
/// Lambda takes one request at a time, and each one about a tenth of a second.
const OF_ALL: Rate = Rate::of(1000, 50);
/// Codes: which tenant one is of is not known before. Twice as many as the consent pages take of
/// strangers, so that strangers leave room for admins with an invite.
const CODES: Rate = Rate::of(1280, 100);

/// The limits of codes and bindings, with what they remember.
pub struct ConnectLimits {
    codes: Limit<()>,
    bindings: TenantLimit,
}

/// A limit for each tenant and in all.
pub(super) struct TenantLimit {
    limit: Limit<TenantId>,
    what: &'static str,
}

impl TenantLimit {
    pub(super) fn of(what: &'static str) -> Self {
        Self {
            limit: Limit::new(OF_TENANT, Some(OF_ALL)),
            what,
        }
    }

    pub(super) fn take(&self, tenant: TenantId, now: Timestamp) -> Result<(), OutOfReach> {
        let taken = self.limit.take(&tenant, now);
        taken.map_err(|exceeded| refused(self.what, exceeded))
    }
}

impl Default for ConnectLimits {
    fn default() -> Self {
        Self {
            codes: Limit::new(CODES, None),
            bindings: TenantLimit::of("bindings"),
        }
    }
}

impl ConnectLimits {
    /// Before a code is redeemed.
    pub(super) fn code(&self, now: Timestamp) -> Result<(), OutOfReach> {
        let taken = self.codes.take(&(), now);
        taken.map_err(|exceeded| refused("codes", exceeded))
    }

    /// Before a tenant is proven.
    pub(super) fn binding(&self, tenant: TenantId, now: Timestamp) -> Result<(), OutOfReach> {
        self.bindings.take(tenant, now)
    }
}

fn refused(what: &'static str, exceeded: Exceeded) -> OutOfReach {
    if let Some(count) = exceeded.report {
        tracing::warn!(
            event = "on_demand_limited",
            what,
            count,
            "{count} {what} on demand were refused: too many at once"
        );
    }
    OutOfReach::Busy
}
