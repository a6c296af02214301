//! The client credentials grant: app-only tokens.
//!
//! A token is issued wherever a service principal exists, with `roles` only
//! where they are granted: judging them is left to the resource.

use serde_json::Value;

use super::call::Call;
use super::request::TokenRequest;
use super::{answer, client};
use crate::authority::Version;
use crate::claims;
use crate::directory::resources::Resource;
use crate::errors::{self, INVALID_SCOPE, NO_TENANT_INFORMATION, Refusal};
use crate::faults::{Fault, FaultKind};
use crate::issued::BookedToken;
use crate::{scope, standing};

/// Issues an app-only token, or refuses.
pub(super) fn issue(call: &Call<'_>, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
    let core = call.core();
    let tenant = call.authority.tenant().ok_or_else(no_tenant_information)?;
    let application = call.application(request)?;
    let audience = requested_resource(call.version, request)?;
    // Assumption `standing-before-proof`.
    let principal = standing::principal(call.directory, &core.faults, tenant, application)?;
    let proof = client::authenticate(call, request, application)?;
    let odd = core
        .faults
        .hit_by(FaultKind::OddAnswer, Some(tenant.tenant_id));
    if let Some(code) = odd.as_ref().and_then(Fault::code) {
        return Err(errors::odd(code));
    }
    let resource = Resource::find(&audience).ok_or_else(|| scope::unknown_resource(&audience))?;

    let validity = call.validity(tenant.tenant_id);
    let roles = match odd {
        Some(_) => Vec::new(),
        None => standing::roles(&core.faults, &principal, resource, validity.now),
    };
    let claims = claims::app_only(&principal, &audience, &roles, proof, validity)?;
    let token = core.signing_key.sign_access_token(&claims)?;
    core.issued.enter(BookedToken {
        uti: claims["uti"].as_str().unwrap_or_default().to_owned(),
        tenant: tenant.tenant_id,
        resource: audience.clone(),
        roles,
        issued_at: validity.now,
        expires_at: validity.expires_on(),
    });
    Ok(match call.version {
        Version::V1 => answer::v1(&token, &audience, validity),
        Version::V2 => answer::v2(&token, validity),
    })
}

/// What the token is asked for; it becomes the audience as it was written.
fn requested_resource(version: Version, request: &TokenRequest<'_>) -> Result<String, Refusal> {
    if version == Version::V1 {
        return Ok(request.required("resource")?.to_owned());
    }
    scope::refuse_resource(request.form)?;
    let scope = request.required("scope")?;
    let mut resources: Vec<_> = scope
        .split_whitespace()
        .map(|scope| scope.rsplit_once('/').map_or("", |(resource, _)| resource))
        .collect();
    resources.dedup();
    if resources.len() > 1 {
        return Err(scope::several_resources(scope));
    }
    scope
        .trim()
        .strip_suffix("/.default")
        .filter(|resource| !resource.is_empty() && !resource.contains(' '))
        .map(str::to_owned)
        .ok_or_else(|| {
            INVALID_SCOPE.because(format!(
                "The provided request must include a 'scope' input parameter. The provided value \
                 for the input parameter 'scope' is not valid. The scope '{scope}' is not valid: \
                 client credential flows must have a scope value with /.default suffixed to the \
                 resource identifier (application ID URI)."
            ))
        })
}

/// Assumption `alias-is-no-tenant`.
fn no_tenant_information() -> Refusal {
    NO_TENANT_INFORMATION.because(
        "No tenant-identifying information found in either the request or implied by any provided \
         credentials.",
    )
}
