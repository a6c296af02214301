//! An application's standing in a tenant: the directory seen through faults.

use std::sync::Arc;

use uuid::Uuid;

use crate::directory::Snapshot;
use crate::directory::applications::Application;
use crate::directory::consents::ServicePrincipal;
use crate::directory::resources::Resource;
use crate::directory::tenants::Tenant;
use crate::errors::{
    APP_DISABLED, APP_NOT_IN_DIRECTORY, NO_SERVICE_PRINCIPAL, NOT_CONSENTED, Refusal,
};
use crate::faults::{Faults, Kind};

/// The codes of a missing service principal or consent that a fault can ask for.
const NOT_IN_DIRECTORY_CODE: u64 = 700_016;
const NOT_CONSENTED_CODE: u64 = 65_001;

/// Whether the tenant already has what the application requires, for the
/// sign-in page. Does not count as a hit of a fault.
pub(crate) fn is_granted(
    directory: &Snapshot,
    faults: &Faults,
    tenant_id: Uuid,
    application: &Application,
) -> bool {
    let taken_back = [Kind::ConsentRevoked, Kind::RoleRemoved]
        .into_iter()
        .any(|kind| faults.see(kind, Some(tenant_id)).is_some());
    !taken_back
        && directory
            .principal(tenant_id, application.client_id())
            .is_some_and(|principal| principal.has_required(application))
}

/// The service principal that app-only tokens are issued to.
pub(crate) fn principal(
    directory: &Snapshot,
    faults: &Faults,
    tenant: &Tenant,
    application: &Application,
) -> Result<Arc<ServicePrincipal>, Refusal> {
    let tenant_id = tenant.tenant_id;
    if let Some(fault) = faults.hit_by(Kind::ConsentRevoked, Some(tenant_id)) {
        return Err(match fault.number_or(0) {
            NOT_IN_DIRECTORY_CODE => {
                not_in_directory(&application.client_id().to_string(), &tenant.display_name)
            }
            NOT_CONSENTED_CODE => NOT_CONSENTED.because(format!(
                "The user or administrator has not consented to use the application with ID '{}'.",
                application.client_id()
            )),
            _ => without_principal(application, tenant),
        });
    }
    if faults.hit_by(Kind::AppDisabled, Some(tenant_id)).is_some() {
        return Err(APP_DISABLED.because(format!(
            "Application '{}'({}) is disabled.",
            application.client_id(),
            application.registration.display_name,
        )));
    }
    // Since March 2026 nothing is issued without one (Microsoft's page on retiring
    // authentication without a service principal). 700016 is left for an
    // application that no directory knows.
    directory
        .principal(tenant_id, application.client_id())
        .cloned()
        .ok_or_else(|| without_principal(application, tenant))
}

/// The application roles that a token for this resource carries now.
pub(crate) fn roles(
    faults: &Faults,
    principal: &ServicePrincipal,
    resource: &Resource,
    now: u64,
) -> Vec<String> {
    let tenant_id = Some(principal.tenant_id);
    let still_propagating = faults.hit(tenant_id, |fault| {
        let since = fault.set_at.max(principal.granted_at);
        fault.kind == Kind::Propagation && now < since.saturating_add(fault.number_or(0))
    });
    if still_propagating.is_some() {
        return Vec::new();
    }
    let mut roles = principal.roles(resource);
    if let Some(fault) = faults.hit_by(Kind::RoleRemoved, tenant_id) {
        match fault.value.as_str() {
            Some(removed) => roles.retain(|role| role != removed),
            None => roles.clear(),
        }
    }
    roles
}

/// 700016 in the service's words.
pub(crate) fn not_in_directory(client_id: &str, directory: &str) -> Refusal {
    APP_NOT_IN_DIRECTORY.because(format!(
        "Application with identifier '{client_id}' was not found in the directory '{directory}'. \
         This can happen if the application has not been installed by the administrator of the \
         tenant or consented to by any user in the tenant. You may have sent your authentication \
         request to the wrong tenant."
    ))
}

fn without_principal(application: &Application, tenant: &Tenant) -> Refusal {
    NO_SERVICE_PRINCIPAL.because(format!(
        "The client application {} is missing service principal in the tenant {}.",
        application.client_id(),
        tenant.tenant_id,
    ))
}
