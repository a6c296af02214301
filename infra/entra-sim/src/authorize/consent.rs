//! What a person's Accept on a sign-in page means.
//!
//! v1: an admin grants the application's required roles for the whole tenant,
//! at the first sign-in or when consent is asked for. A plain user cannot, but
//! signs in to a tenant that has consented before, and gets a code. v2.0: a
//! sign-in makes a service principal and may grant delegated scopes; it never
//! grants application roles (assumption `v2-sign-in-grants-no-roles`).

use crate::authority::Version;
use crate::directory::applications::Application;
use crate::directory::resources::{GRAPH, Resource};
use crate::directory::tenants::{Person, Tenant};
use crate::errors::{ADMIN_CONSENT_REQUIRED, INVALID_PERMISSION, Refusal};
use crate::server::Site;
use crate::standing;

use super::request::{AuthorizeRequest, OIDC_SCOPES};

/// What the sign-in did to the tenant.
pub(crate) enum Outcome {
    SignedIn,
    /// An admin has consented in this round.
    AdminConsented,
}

/// Records what the Accept grants, or refuses it.
pub(crate) fn accept(
    site: &Site,
    request: &AuthorizeRequest,
    tenant: &Tenant,
    person: &Person,
    now: u64,
) -> Result<Outcome, Refusal> {
    match request.version {
        Version::V1 => accept_v1(site, request, tenant, person, now),
        Version::V2 => accept_v2(site, request, tenant, person, now),
    }
}

/// Records an admin's consent to all of the application's required permissions.
pub(crate) fn grant_required(
    site: &Site,
    application: &Application,
    tenant: &Tenant,
    now: u64,
) -> Result<(), Refusal> {
    site.core.faults.check_race(tenant.tenant_id, now)?;
    let outdated = site.core.faults.outdated_permission(tenant.tenant_id);
    if let Some(permission) = outdated.as_deref().or(application.invalid_permission()) {
        return Err(INVALID_PERMISSION.because(format!(
            "The requested permission isn't valid. It may have been removed or is out of date: \
             '{permission}'."
        )));
    }
    site.core.directory.change(|directory| {
        let mut principal =
            directory.principal_or_new(tenant.tenant_id, application.client_id())?;
        principal.grant_required(application, now);
        directory.put_principal(principal);
        Ok::<_, Refusal>(())
    })?;
    site.core.faults.end_by_consent(tenant.tenant_id);
    Ok(())
}

fn accept_v1(
    site: &Site,
    request: &AuthorizeRequest,
    tenant: &Tenant,
    person: &Person,
    now: u64,
) -> Result<Outcome, Refusal> {
    let directory = site.core.directory.snapshot();
    let application = &request.application;
    let granted =
        standing::is_granted(&directory, &site.core.faults, tenant.tenant_id, application);
    if granted && !request.asks_for_consent() {
        return Ok(Outcome::SignedIn);
    }
    let asks_for_admin = request.prompt.as_deref() == Some("admin_consent");
    if !person.is_admin() && (asks_for_admin || needs_an_admin(application)) {
        return Err(needs_admin());
    }
    grant_required(site, application, tenant, now)?;
    Ok(if person.is_admin() {
        Outcome::AdminConsented
    } else {
        Outcome::SignedIn
    })
}

fn accept_v2(
    site: &Site,
    request: &AuthorizeRequest,
    tenant: &Tenant,
    person: &Person,
    now: u64,
) -> Result<Outcome, Refusal> {
    let wanted = wanted_scopes(request);
    let directory = site.core.directory.snapshot();
    let client_id = request.application.client_id();
    let existing = directory.principal(tenant.tenant_id, client_id);
    let lacking = |(resource, scope): &(&Resource, String)| {
        existing.is_none_or(|principal| !principal.has_scope(resource, scope))
    };
    if !person.is_admin()
        && wanted
            .iter()
            .any(|wanted| lacking(wanted) && admin_only(wanted.0, &wanted.1))
    {
        return Err(needs_admin());
    }
    if existing.is_some() && !wanted.iter().any(lacking) {
        return Ok(Outcome::SignedIn);
    }
    site.core.faults.check_race(tenant.tenant_id, now)?;
    site.core.directory.change(|directory| {
        let mut principal = directory.principal_or_new(tenant.tenant_id, client_id)?;
        for (resource, scope) in &wanted {
            principal.grant_scope(resource, scope);
        }
        directory.put_principal(principal);
        Ok(Outcome::SignedIn)
    })
}

/// The delegated scopes asked for, `.default` spelt out.
fn wanted_scopes(request: &AuthorizeRequest) -> Vec<(&'static Resource, String)> {
    let mut wanted = Vec::new();
    for (resource, scope) in request.delegated_scopes() {
        if scope != ".default" {
            wanted.push((resource, scope.to_owned()));
            continue;
        }
        for (required, permission) in request.application.required_scopes() {
            if required.app_id == resource.app_id {
                wanted.push((required, permission.to_owned()));
            }
        }
    }
    wanted
}

/// Whether a plain user may not consent to what the application requires.
fn needs_an_admin(application: &Application) -> bool {
    let mut scopes = application.required_scopes();
    application.required_roles().next().is_some()
        || scopes.any(|(resource, scope)| admin_only(resource, scope))
}

/// Assumption `delegated-scopes-need-admin`.
fn admin_only(resource: &Resource, scope: &str) -> bool {
    let of_the_person = scope == "User.Read" || OIDC_SCOPES.contains(&scope);
    !(resource.app_id == GRAPH.app_id && of_the_person)
}

/// Assumption `plain-user-cannot-consent`.
fn needs_admin() -> Refusal {
    ADMIN_CONSENT_REQUIRED.because(
        "The grant requires admin permission. Ask an admin to grant permission to this app before \
         you can use it.",
    )
}
