//! What a person's Accept on a sign-in page means.
//!
//! v1: an admin grants the application's required roles for the whole tenant,
//! at the first sign-in or when consent is asked for. A plain user cannot, but
//! signs in to a tenant that has consented before, and gets a code. v2.0: a
//! sign-in makes a service principal and may grant delegated scopes; it never
//! grants application roles (assumption `v2-sign-in-grants-no-roles`).

use super::request::{AuthorizeRequest, ConsentPrompt};
use crate::codes::Purpose;
use crate::directory::applications::Application;
use crate::directory::resources::{GRAPH, Resource};
use crate::directory::tenants::{Person, Tenant};
use crate::errors::{ADMIN_CONSENT_REQUIRED, Refusal};
use crate::received::ReceivedRequest;
use crate::{scope, standing};

/// What an Accept was.
pub(super) enum Accepted {
    SignIn,
    /// An admin's, that granted what the application requires.
    AdminConsent,
}

/// Records what the Accept grants, or refuses it.
pub(super) fn record(
    received: &ReceivedRequest,
    request: &AuthorizeRequest,
    tenant: &Tenant,
    person: &Person,
) -> Result<Accepted, Refusal> {
    match &request.purpose {
        Purpose::V1 { .. } => record_v1(received, request, tenant, person),
        Purpose::V2 { scopes } => {
            record_v2(received, &request.application, scopes, (tenant, person))
        }
    }
}

fn record_v1(
    received: &ReceivedRequest,
    request: &AuthorizeRequest,
    tenant: &Tenant,
    person: &Person,
) -> Result<Accepted, Refusal> {
    let core = &received.site.core;
    let application = &request.application;
    let tenant_id = tenant.tenant_id;
    let granted = standing::is_granted(&received.directory, &core.faults, tenant_id, application);
    if granted && request.prompt == ConsentPrompt::IfNeeded {
        return Ok(Accepted::SignIn);
    }
    let asks_for_admin = request.prompt == ConsentPrompt::AlwaysOfAnAdmin;
    if !person.is_admin() && (asks_for_admin || needs_an_admin(application)) {
        return Err(needs_admin());
    }
    standing::grant_required(core, application, tenant_id, received.exchange.now)?;
    Ok(if person.is_admin() {
        Accepted::AdminConsent
    } else {
        Accepted::SignIn
    })
}

fn record_v2(
    received: &ReceivedRequest,
    application: &Application,
    scopes: &[String],
    (tenant, person): (&Tenant, &Person),
) -> Result<Accepted, Refusal> {
    let core = &received.site.core;
    let (tenant_id, client_id) = (tenant.tenant_id, application.client_id());
    let wanted = scope::spelt_out(&scope::permissions(scopes), application);
    let existing = received.directory.principal(tenant_id, client_id);
    let lacking = |(resource, scope): &(&Resource, &str)| {
        existing.is_none_or(|principal| !principal.has_scope(resource, scope))
    };
    let is_for_admins =
        |wanted: &(&Resource, &str)| lacking(wanted) && admin_only(wanted.0, wanted.1);
    if !person.is_admin() && wanted.iter().any(is_for_admins) {
        return Err(needs_admin());
    }
    if existing.is_some() && !wanted.iter().any(lacking) {
        return Ok(Accepted::SignIn);
    }
    core.faults.check_race(tenant_id, received.exchange.now)?;
    core.directory.change(|directory| {
        directory.change_principal(tenant_id, client_id, |principal| {
            for (resource, scope) in &wanted {
                principal.grant_scope(resource, scope);
            }
        })?;
        Ok(Accepted::SignIn)
    })
}

/// Whether a plain user may not consent to what the application requires.
fn needs_an_admin(application: &Application) -> bool {
    let mut scopes = application.required_scopes();
    application.required_roles().next().is_some()
        || scopes.any(|(resource, scope)| admin_only(resource, scope))
}

/// Assumption `delegated-scopes-need-admin`.
fn admin_only(resource: &Resource, scope: &str) -> bool {
    let of_the_person = scope == "User.Read" || scope::is_oidc(scope);
    !(resource.app_id == GRAPH.app_id && of_the_person)
}

/// Assumption `plain-user-cannot-consent`.
fn needs_admin() -> Refusal {
    ADMIN_CONSENT_REQUIRED.because(
        "The grant requires admin permission. Ask an admin to grant permission to this app before \
         you can use it.",
    )
}
