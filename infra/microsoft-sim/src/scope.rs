//! The words of `scope` and `resource`: what they name, and how a wrong one is refused.

use crate::directory::applications::Application;
use crate::directory::resources::{GRAPH, Resource};
use crate::errors::{
    RESOURCE_NOT_IN_TENANT, RESOURCE_NOT_REQUIRED, RESOURCE_NOT_SUPPORTED, Refusal,
    SEVERAL_RESOURCES,
};
use crate::parameters::Parameters;

/// Scopes that belong to no resource.
const OIDC_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// Whether the scope belongs to no resource.
pub(crate) fn is_oidc(scope: &str) -> bool {
    OIDC_SCOPES.contains(&scope)
}

/// The resource and permission of a v2.0 scope; `None` for one that belongs to no resource.
/// A scope that names no resource is Microsoft Graph's.
pub(crate) fn permission(scope: &str) -> Result<Option<(&'static Resource, &str)>, Refusal> {
    if is_oidc(scope) {
        return Ok(None);
    }
    match scope.rsplit_once('/') {
        Some((resource, permission)) => {
            let resource = Resource::find(resource).ok_or_else(|| unknown_resource(scope))?;
            Ok(Some((resource, permission)))
        }
        None => Ok(Some((&GRAPH, scope))),
    }
}

/// The same of scopes that have been checked: an unknown resource is left out.
pub(crate) fn permissions(scopes: &[String]) -> Vec<(&'static Resource, &str)> {
    let known = |scope| permission(scope).ok().flatten();
    scopes
        .iter()
        .map(String::as_str)
        .filter_map(known)
        .collect()
}

/// The same, `.default` replaced by every delegated scope that is required of its resource.
pub(crate) fn spelt_out<'a>(
    permissions: &[(&'static Resource, &'a str)],
    application: &'a Application,
) -> Vec<(&'static Resource, &'a str)> {
    let mut spelt_out = Vec::new();
    for (resource, name) in permissions {
        if *name == ".default" {
            let required = application.required_scopes();
            spelt_out.extend(required.filter(|(known, _)| known.app_id == resource.app_id));
        } else {
            spelt_out.push((*resource, *name));
        }
    }
    spelt_out
}

/// v2.0 takes no `resource`.
pub(crate) fn refuse_resource(sent: &Parameters) -> Result<(), Refusal> {
    match sent.get("resource") {
        None => Ok(()),
        Some(_) => {
            Err(RESOURCE_NOT_SUPPORTED
                .because("The 'resource' request parameter is not supported."))
        }
    }
}

pub(crate) fn several_resources(scope: &str) -> Refusal {
    SEVERAL_RESOURCES.because(format!(
        "The provided value for the input parameter 'scope' is not valid because it contains \
         more than one resource: '{scope}'."
    ))
}

pub(crate) fn unknown_resource(name: &str) -> Refusal {
    RESOURCE_NOT_IN_TENANT.because(format!(
        "The resource principal named {name} was not found in the tenant. This can happen if the \
         application has not been installed by the administrator of the tenant or consented to by \
         any user in the tenant. You might have sent your authentication request to the wrong tenant."
    ))
}

pub(crate) fn not_required(name: &str, application: &Application) -> Refusal {
    RESOURCE_NOT_REQUIRED.because(format!(
        "Invalid resource. The client has requested access to a resource which is not listed in \
         the requested permissions in the client's application registration. Client app ID: {}. \
         Resource value from request: {name}.",
        application.client_id(),
    ))
}
