//! What renewals leave in the log.

use super::refused::Refused;
use crate::tenant::Tenant;
use crate::timestamp::Timestamp;
use crate::token::TokenRecord;

/// The one event line per change of state. A status that is only told another cause
/// is no change.
pub fn report_change(before: &Tenant, after: &Tenant) {
    if before.status == after.status {
        return;
    }
    tracing::info!(
        event = "tenant_status_changed",
        tenant = %after.id,
        customer = %after.customer,
        from = %before.status,
        to = %after.status,
        cause = after.cause.as_ref().map(tracing::field::display),
        fault = after.cause.as_ref().map(|cause| cause.code.fault().as_str()),
        "tenant {} is {} (was {})", after.id, after.status, before.status
    );
}

pub(super) fn report_failure(record: &TokenRecord, refused: &Refused, next_attempt_at: Timestamp) {
    let (tenant, resource, cause) = (record.tenant, &record.resource, &refused.cause);
    let correlation_id = refused.correlation_id.as_deref();
    if cause.code.is_fleet_wide() {
        tracing::error!(
            event = "renewal_failed", %tenant, %resource, %cause, correlation_id, %next_attempt_at,
            "no token for {tenant} through a fault on our side: {}", cause.code.next_step()
        );
    } else if refused.is_suspicion() && record.status.is_vended() {
        tracing::warn!(
            event = "renewal_failed", %tenant, %resource, %cause, correlation_id, %next_attempt_at,
            "tenant {tenant} was refused as if its consent were gone: that is believed when it \
             is refused again; until then its last token is handed out while it lives"
        );
    } else {
        tracing::warn!(
            event = "renewal_failed", %tenant, %resource, %cause, correlation_id, %next_attempt_at,
            "no token for {tenant}: {}", cause.code.next_step()
        );
    }
}
