//! What a code's tokens are for: v1's `resource`, v2.0's `scope`.

use super::call::Call;
use super::request::TokenRequest;
use crate::codes::{Grant, Purpose};
use crate::directory::applications::Application;
use crate::directory::resources::{GRAPH, Resource};
use crate::errors::{INVALID_SCOPE, MALFORMED_REQUEST, Refusal, SEVERAL_RESOURCES, missing};
use crate::scope;

/// What the access token is for.
pub(super) struct Target {
    pub(super) audience: String,
    resource: &'static Resource,
    /// Space-separated, as in `scp`.
    pub(super) scopes: String,
}

/// The answer's `scope`: permissions with their resource, as they were asked
/// for.
pub(super) fn full_scopes(signed_in: &[String], target: &Target) -> String {
    if target.resource.app_id == GRAPH.app_id {
        return target.scopes.clone();
    }
    let permissions = target
        .scopes
        .split_whitespace()
        .map(|name| format!("{}/{name}", target.audience));
    let identity = signed_in.iter().filter(|scope| scope::is_oidc(scope));
    let identity = identity.cloned();
    permissions.chain(identity).collect::<Vec<_>>().join(" ")
}

/// What the tokens of this redemption are for, or why there are none.
pub(super) fn find(
    call: &Call<'_>,
    request: &TokenRequest<'_>,
    grant: &Grant,
    application: &Application,
) -> Result<Target, Refusal> {
    match &grant.purpose {
        Purpose::V1 { resource } => {
            of_resource(call, request, grant, application, resource.as_deref())
        }
        Purpose::V2 { scopes } => of_scopes(request, scopes, application),
    }
}

/// `resource` of the sign-in or of this request; the same if sent twice.
fn of_resource(
    call: &Call<'_>,
    request: &TokenRequest<'_>,
    grant: &Grant,
    application: &Application,
    signed_in: Option<&str>,
) -> Result<Target, Refusal> {
    let audience = match (signed_in, request.form.get("resource")) {
        (Some(signed_in), Some(now)) if signed_in != now => {
            return Err(MALFORMED_REQUEST.because(
                "Invalid request. 'resource' differs from that of the authorization request.",
            ));
        }
        (Some(name), _) | (None, Some(name)) => name,
        // Assumption `v1-code-needs-resource`.
        (None, None) => return Err(missing("resource")),
    };
    let resource = Resource::find(audience).ok_or_else(|| scope::unknown_resource(audience))?;
    if !application.requires(resource) {
        return Err(scope::not_required(audience, application));
    }
    let scopes = call
        .directory
        .principal(grant.tenant.tenant_id, grant.client_id)
        .map(|principal| principal.scopes(resource).join(" "))
        .unwrap_or_default();
    Ok(Target {
        audience: audience.to_owned(),
        resource,
        scopes,
    })
}

/// The one resource of the scopes; with none, the user's profile in Graph.
fn of_scopes(
    request: &TokenRequest<'_>,
    signed_in: &[String],
    application: &Application,
) -> Result<Target, Refusal> {
    scope::refuse_resource(request.form)?;
    let scopes = match request.form.get("scope") {
        None => signed_in.to_vec(),
        Some(narrower) => narrow(signed_in, narrower)?,
    };
    let named = scope::permissions(&scopes);
    let Some((resource, _)) = named.first().copied() else {
        return Ok(Target {
            audience: GRAPH.app_id.to_string(),
            resource: &GRAPH,
            scopes: scopes.join(" "),
        });
    };
    if named
        .iter()
        .any(|(other, _)| other.app_id != resource.app_id)
    {
        return Err(SEVERAL_RESOURCES
            .because("The scope contains more than one resource; redeem them one by one."));
    }
    let names = scope::spelt_out(&named, application).into_iter();
    let names: Vec<_> = names.map(|(_, name)| name).collect();
    Ok(Target {
        audience: audience_of(&scopes),
        resource,
        scopes: names.join(" "),
    })
}

fn narrow(signed_in: &[String], requested: &str) -> Result<Vec<String>, Refusal> {
    let requested: Vec<_> = requested.split_whitespace().map(str::to_owned).collect();
    let unasked = requested.iter().find(|scope| !signed_in.contains(scope));
    match unasked {
        None => Ok(requested),
        Some(scope) => Err(INVALID_SCOPE.because(format!(
            "The scope '{scope}' was not part of the authorization request."
        ))),
    }
}

/// The first scope's resource, as it was written.
fn audience_of(scopes: &[String]) -> String {
    scopes
        .iter()
        .find(|scope| !scope::is_oidc(scope))
        .and_then(|scope| scope.rsplit_once('/'))
        .map_or_else(
            || GRAPH.app_id.to_string(),
            |(audience, _)| audience.to_owned(),
        )
}
