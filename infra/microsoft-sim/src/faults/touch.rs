//! Faults of the first touch of a tenant: what an Accept meets that grants something there.

use uuid::Uuid;

use super::fault::Faults;
use super::kind::FaultKind;
use crate::errors::{INVALID_PERMISSION, Refusal};

/// Retired by Microsoft: an application that still requires it cannot be consented to.
const RETIRED: &str = "ActivityReports.Read";

impl Faults {
    /// Assumption `consent-race`.
    pub(crate) fn check_race(&self, tenant_id: Uuid, now: u64) -> Result<(), Refusal> {
        let raced = self.hit(Some(tenant_id), |fault| {
            let lasts = fault.number_or(u64::MAX);
            fault.kind == FaultKind::ConsentRace && now < fault.set_at.saturating_add(lasts)
        });
        match raced {
            None => Ok(()),
            Some(_) => Err(INVALID_PERMISSION.because(
                "The service principal name is already present for the tenant. The application \
                 cannot be used there yet.",
            )),
        }
    }

    /// The registration as it is seen through faults.
    pub(crate) fn outdated_permission(&self, tenant_id: Uuid) -> Option<String> {
        let fault = self.hit_by(FaultKind::PermissionOutdated, Some(tenant_id))?;
        Some(fault.value.as_str().unwrap_or(RETIRED).to_owned())
    }
}
