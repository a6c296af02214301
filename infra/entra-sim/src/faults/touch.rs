//! Faults of the first touch of a tenant: what an Accept meets that grants something there.

use uuid::Uuid;

use crate::errors::{INVALID_PERMISSION, Refusal};
use crate::faults::{Faults, Kind};

/// Retired by Microsoft; who still requires it cannot be consented to.
const RETIRED: &str = "ActivityReports.Read";

impl Faults {
    /// Assumption `consent-race`.
    pub(crate) fn check_race(&self, tenant_id: Uuid, now: u64) -> Result<(), Refusal> {
        let raced = self.hit(Some(tenant_id), |fault| {
            let lasts = fault.number_or(u64::MAX);
            fault.kind == Kind::ConsentRace && now < fault.set_at.saturating_add(lasts)
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
        let fault = self.hit_by(Kind::PermissionOutdated, Some(tenant_id))?;
        Some(fault.value.as_str().unwrap_or(RETIRED).to_owned())
    }
}
