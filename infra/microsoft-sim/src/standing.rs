//! An application's standing in a tenant: the directory seen through faults, and what an
//! admin's consent changes in it.

use std::sync::Arc;

use uuid::Uuid;

use crate::authority::Authority;
use crate::directory::Snapshot;
use crate::directory::applications::Application;
use crate::directory::consents::ServicePrincipal;
use crate::directory::resources::Resource;
use crate::directory::tenants::Tenant;
use crate::errors::{
    APP_DISABLED, APP_NOT_IN_DIRECTORY, INVALID_PERMISSION, NO_SERVICE_PRINCIPAL, NOT_CONSENTED,
    NOT_MULTI_TENANT, Refusal, missing,
};
use crate::faults::{FaultKind, Faults};
use crate::parameters::Parameters;
use crate::site::Core;

/// The codes of a missing service principal or consent that a fault can ask for.
const NOT_IN_DIRECTORY_CODE: u64 = 700_016;
const NOT_CONSENTED_CODE: u64 = 65_001;

/// The application with this client ID, registered anywhere.
pub(crate) fn registered<'a>(
    client_id: &str,
    place: &str,
    directory: &'a Snapshot,
) -> Result<&'a Arc<Application>, Refusal> {
    Uuid::try_parse(client_id)
        .ok()
        .and_then(|client_id| directory.application(client_id))
        .ok_or_else(|| not_in_directory(client_id, place))
}

/// The application of a browser request, if it may be used at this authority.
pub(crate) fn usable(
    sent: &Parameters,
    authority: &Authority,
    directory: &Snapshot,
) -> Result<Arc<Application>, Refusal> {
    let client_id = sent.get("client_id").ok_or_else(|| missing("client_id"))?;
    let place = authority
        .tenant()
        .map_or("Microsoft Accounts", |tenant| &tenant.display_name);
    let application = registered(client_id, place, directory)?;
    let registration = &application.registration;
    match authority {
        Authority::Consumers => Err(not_in_directory(client_id, place)),
        _ if registration.multi_tenant => Ok(Arc::clone(application)),
        Authority::Tenant(tenant) if registration.home_tenant == Some(tenant.tenant_id) => {
            Ok(Arc::clone(application))
        }
        // Assumption `single-tenant-elsewhere`.
        Authority::Tenant(_) => Err(not_in_directory(client_id, place)),
        _ => Err(NOT_MULTI_TENANT.because(format!(
            "Application '{client_id}'({}) is not configured as a multi-tenant application. \
             Usage of the /common endpoint is not supported for such applications.",
            registration.display_name,
        ))),
    }
}

/// Whether the tenant already has what the application requires, for the
/// sign-in page. Does not count as a hit of a fault.
pub(crate) fn is_granted(
    directory: &Snapshot,
    faults: &Faults,
    tenant_id: Uuid,
    application: &Application,
) -> bool {
    let taken_back = [FaultKind::ConsentRevoked, FaultKind::RoleRemoved]
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
    if let Some(fault) = faults.hit_by(FaultKind::ConsentRevoked, Some(tenant_id)) {
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
    if faults
        .hit_by(FaultKind::AppDisabled, Some(tenant_id))
        .is_some()
    {
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
        fault.kind == FaultKind::Propagation && now < since.saturating_add(fault.number_or(0))
    });
    if still_propagating.is_some() {
        return Vec::new();
    }
    let mut roles = principal.roles(resource);
    if let Some(fault) = faults.hit_by(FaultKind::RoleRemoved, tenant_id) {
        match fault.value.as_str() {
            Some(removed) => roles.retain(|role| role != removed),
            None => roles.clear(),
        }
    }
    roles
}

/// Records an admin's consent to all of the application's required permissions.
pub(crate) fn grant_required(
    core: &Core,
    application: &Application,
    tenant_id: Uuid,
    now: u64,
) -> Result<(), Refusal> {
    core.faults.check_race(tenant_id, now)?;
    let outdated = core.faults.outdated_permission(tenant_id);
    if let Some(permission) = outdated.as_deref().or(application.invalid_permission()) {
        return Err(INVALID_PERMISSION.because(format!(
            "The requested permission isn't valid. It may have been removed or is out of date: \
             '{permission}'."
        )));
    }
    core.directory.change(|directory| {
        directory.change_principal(tenant_id, application.client_id(), |principal| {
            principal.grant_required(application, now);
        })?;
        Ok::<_, Refusal>(())
    })?;
    core.faults.end_by_consent(tenant_id);
    Ok(())
}

/// 700016 in the service's words.
fn not_in_directory(client_id: &str, directory: &str) -> Refusal {
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
