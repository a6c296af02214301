//! What a code's tokens are for: v1's `resource`, v2.0's `scope`.

use super::Call;
use super::client_credentials::refuse_resource;
use super::request::TokenRequest;
use crate::authority::Version;
use crate::authorize::{OIDC_SCOPES, not_required, split_scope, unknown_resource};
use crate::codes::Grant;
use crate::directory::applications::Application;
use crate::directory::resources::{GRAPH, Resource};
use crate::errors::{INVALID_SCOPE, MALFORMED_REQUEST, Refusal, SEVERAL_RESOURCES, missing};

/// What the access token is for.
pub(super) struct Target {
    pub(super) audience: String,
    resource: &'static Resource,
    /// Space-separated, as in `scp`.
    pub(super) scopes: String,
}

/// The answer's `scope`: permissions with their resource, as they were asked
/// for.
pub(super) fn full_scopes(grant: &Grant, target: &Target) -> String {
    if target.resource.app_id == GRAPH.app_id {
        return target.scopes.clone();
    }
    let permissions = target
        .scopes
        .split_whitespace()
        .map(|name| format!("{}/{name}", target.audience));
    let identity = grant
        .scopes
        .iter()
        .filter(|scope| OIDC_SCOPES.contains(&scope.as_str()))
        .cloned();
    permissions.chain(identity).collect::<Vec<_>>().join(" ")
}

/// What the tokens of this redemption are for, or why there are none.
pub(super) fn find(
    call: &Call<'_>,
    request: &TokenRequest<'_>,
    grant: &Grant,
    application: &Application,
) -> Result<Target, Refusal> {
    match call.version {
        Version::V1 => of_resource(call, request, grant, application),
        Version::V2 => of_scopes(request, grant, application),
    }
}

/// `resource` of the sign-in or of this request; the same if sent twice.
fn of_resource(
    call: &Call<'_>,
    request: &TokenRequest<'_>,
    grant: &Grant,
    application: &Application,
) -> Result<Target, Refusal> {
    let audience = match (grant.resource.as_deref(), request.form.get("resource")) {
        (Some(signed_in), Some(now)) if signed_in != now => {
            return Err(MALFORMED_REQUEST.because(
                "Invalid request. 'resource' differs from that of the authorization request.",
            ));
        }
        (Some(name), _) | (None, Some(name)) => name,
        // Assumption `v1-code-needs-resource`.
        (None, None) => return Err(missing("resource")),
    };
    let resource = Resource::find(audience).ok_or_else(|| unknown_resource(audience))?;
    if !application.requires(resource) {
        return Err(not_required(audience, application));
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
    grant: &Grant,
    application: &Application,
) -> Result<Target, Refusal> {
    refuse_resource(request)?;
    let scopes = match request.form.get("scope") {
        None => grant.scopes.clone(),
        Some(narrower) => narrow(grant, narrower)?,
    };
    let named: Vec<_> = scopes
        .iter()
        .filter_map(|scope| split_scope(scope))
        .collect();
    let Some((resource, _)) = named.first().copied() else {
        return Ok(Target {
            audience: GRAPH.app_id.to_string(),
            resource: &GRAPH,
            scopes: profile_scopes(&scopes),
        });
    };
    if named
        .iter()
        .any(|(other, _)| other.app_id != resource.app_id)
    {
        return Err(SEVERAL_RESOURCES
            .because("The scope contains more than one resource; redeem them one by one."));
    }
    Ok(Target {
        audience: audience_of(&scopes),
        resource,
        scopes: granted_names(&named, application),
    })
}

fn narrow(grant: &Grant, requested: &str) -> Result<Vec<String>, Refusal> {
    let requested: Vec<_> = requested.split_whitespace().map(str::to_owned).collect();
    let unasked = requested.iter().find(|scope| !grant.scopes.contains(scope));
    match unasked {
        None => Ok(requested),
        Some(scope) => Err(INVALID_SCOPE.because(format!(
            "The scope '{scope}' was not part of the authorization request."
        ))),
    }
}

fn profile_scopes(scopes: &[String]) -> String {
    let known = |scope: &&String| OIDC_SCOPES.contains(&scope.as_str());
    let names: Vec<_> = scopes.iter().filter(known).map(String::as_str).collect();
    names.join(" ")
}

fn audience_of(scopes: &[String]) -> String {
    scopes
        .iter()
        .find(|scope| split_scope(scope).is_some())
        .and_then(|scope| scope.rsplit_once('/'))
        .map_or_else(
            || GRAPH.app_id.to_string(),
            |(audience, _)| audience.to_owned(),
        )
}

/// Bare permission names, `.default` spelt out.
fn granted_names(named: &[(&Resource, &str)], application: &Application) -> String {
    let mut names: Vec<&str> = Vec::new();
    for (resource, permission) in named {
        if *permission != ".default" {
            names.push(permission);
            continue;
        }
        let required = application.required_scopes();
        names.extend(
            required
                .filter(|(known, _)| known.app_id == resource.app_id)
                .map(|(_, name)| name),
        );
    }
    names.join(" ")
}
