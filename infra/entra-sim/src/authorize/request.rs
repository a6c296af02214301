//! An authorize request, checked.
//!
//! Nothing is sent to a redirect URI before that URI has been matched: until
//! then refusals are pages. Later ones go back as RFC 6749 §4.1.2.1 says
//! (assumption `authorize-errors-go-back`).

use std::sync::Arc;

use uuid::Uuid;

use crate::authority::{Authority, Version};
use crate::codes::Challenge;
use crate::directory::Snapshot;
use crate::directory::applications::Application;
use crate::directory::resources::{GRAPH, Resource};
use crate::errors::{
    BAD_CODE_CHALLENGE, ID_TOKEN_NOT_ENABLED, INVALID_SCOPE, NOT_MULTI_TENANT, NOT_SIGNED_IN,
    PROMPT_NOT_SUPPORTED, RESOURCE_NOT_IN_TENANT, RESOURCE_NOT_REQUIRED, RESOURCE_NOT_SUPPORTED,
    Refusal, UNSUPPORTED_RESPONSE_TYPE, missing,
};
use crate::parameters::Parameters;
use crate::return_address::ReturnAddress;
use crate::standing::not_in_directory;

/// Scopes that belong to no resource.
pub(crate) const OIDC_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// A request that may be asked of a person.
pub(crate) struct AuthorizeRequest {
    pub(crate) version: Version,
    pub(crate) authority: Authority,
    pub(crate) application: Arc<Application>,
    pub(crate) address: ReturnAddress,
    pub(crate) prompt: Option<String>,
    pub(crate) resource: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) challenge: Option<Challenge>,
}

/// Where a refusal is told.
pub(crate) enum Rejected {
    OnPage(Refusal),
    AtReturnAddress(Box<ReturnAddress>, Refusal),
}

impl From<Refusal> for Rejected {
    fn from(refusal: Refusal) -> Self {
        Self::OnPage(refusal)
    }
}

impl AuthorizeRequest {
    pub(crate) fn parse(
        version: Version,
        authority: Authority,
        sent: &Parameters,
        directory: &Snapshot,
    ) -> Result<Self, Rejected> {
        let application = find_application(sent, &authority, directory)?;
        let address = ReturnAddress::of(sent, &application)?.with_state_stripped();
        let at_address = |refusal| Rejected::AtReturnAddress(Box::new(address.clone()), refusal);
        check_response_type(sent).map_err(at_address)?;
        check_prompt(version, sent).map_err(at_address)?;
        let resource = check_resource(version, sent, &application).map_err(at_address)?;
        let scopes = check_scopes(version, sent).map_err(at_address)?;
        let challenge = check_challenge(sent).map_err(at_address)?;
        Ok(Self {
            version,
            authority,
            prompt: sent.get("prompt").map(str::to_owned),
            nonce: sent.get("nonce").map(str::to_owned),
            application,
            address,
            resource,
            scopes,
            challenge,
        })
    }

    /// Whether the application wants the consent question to be asked anew.
    pub(crate) fn asks_for_consent(&self) -> bool {
        matches!(self.prompt.as_deref(), Some("consent" | "admin_consent"))
    }

    /// The delegated permissions that v2's `scope` names.
    pub(crate) fn delegated_scopes(&self) -> Vec<(&'static Resource, &str)> {
        self.scopes
            .iter()
            .filter_map(|scope| split_scope(scope))
            .collect()
    }
}

/// The application of a browser request, if it may be used at this authority.
pub(crate) fn find_application(
    sent: &Parameters,
    authority: &Authority,
    directory: &Snapshot,
) -> Result<Arc<Application>, Refusal> {
    let client_id = sent.get("client_id").ok_or_else(|| missing("client_id"))?;
    let place = authority
        .tenant()
        .map_or("Microsoft Accounts", |tenant| &tenant.display_name);
    let application = Uuid::try_parse(client_id)
        .ok()
        .and_then(|client_id| directory.application(client_id))
        .filter(|_| !matches!(authority, Authority::Consumers))
        .ok_or_else(|| not_in_directory(client_id, place))?;
    let registration = &application.registration;
    match authority {
        _ if registration.multi_tenant => {}
        Authority::Tenant(tenant) if registration.home_tenant == Some(tenant.tenant_id) => {}
        // Assumption `single-tenant-elsewhere`.
        Authority::Tenant(_) => return Err(not_in_directory(client_id, place)),
        _ => {
            return Err(NOT_MULTI_TENANT.because(format!(
                "Application '{client_id}'({}) is not configured as a multi-tenant application. \
                 Usage of the /common endpoint is not supported for such applications.",
                registration.display_name,
            )));
        }
    }
    Ok(Arc::clone(application))
}

/// The resource and permission of a v2 scope; `None` for an OIDC scope or an
/// unknown resource. A scope without a resource is Microsoft Graph's.
pub(crate) fn split_scope(scope: &str) -> Option<(&'static Resource, &str)> {
    if OIDC_SCOPES.contains(&scope) {
        return None;
    }
    match scope.rsplit_once('/') {
        Some((resource, permission)) => Some((Resource::find(resource)?, permission)),
        None => Some((Resource::find(&GRAPH.app_id.to_string())?, scope)),
    }
}

fn check_response_type(sent: &Parameters) -> Result<(), Refusal> {
    let response_type = sent
        .get("response_type")
        .ok_or_else(|| missing("response_type"))?;
    let mut words: Vec<_> = response_type.split(' ').collect();
    words.sort_unstable();
    match words.as_slice() {
        ["code"] => Ok(()),
        ["id_token"] | ["code", "id_token"] => Err(ID_TOKEN_NOT_ENABLED
            .because("response_type 'id_token' is not enabled for the application.")),
        _ => Err(UNSUPPORTED_RESPONSE_TYPE.because(format!(
            "The provided value for the input parameter 'response_type' is not allowed: \
             '{response_type}'."
        ))),
    }
}

fn check_prompt(version: Version, sent: &Parameters) -> Result<(), Refusal> {
    match (version, sent.get("prompt")) {
        (_, None | Some("login" | "select_account" | "consent"))
        | (Version::V1, Some("admin_consent")) => Ok(()),
        // No session is ever kept, so nobody is signed in already.
        (_, Some("none")) => {
            Err(NOT_SIGNED_IN.because("Session information is not sufficient for single-sign-on."))
        }
        (_, Some(other)) => Err(PROMPT_NOT_SUPPORTED.because(format!(
            "The provided value for the input parameter 'prompt' is not allowed: '{other}'."
        ))),
    }
}

fn check_resource(
    version: Version,
    sent: &Parameters,
    application: &Application,
) -> Result<Option<String>, Refusal> {
    let Some(name) = sent.get("resource") else {
        return Ok(None);
    };
    if version == Version::V2 {
        return Err(
            RESOURCE_NOT_SUPPORTED.because("The 'resource' request parameter is not supported.")
        );
    }
    let resource = Resource::find(name).ok_or_else(|| unknown_resource(name))?;
    if !application.requires(resource) {
        return Err(not_required(name, application));
    }
    Ok(Some(name.to_owned()))
}

fn check_scopes(version: Version, sent: &Parameters) -> Result<Vec<String>, Refusal> {
    if version == Version::V1 {
        return Ok(Vec::new());
    }
    let scope = sent.get("scope").ok_or_else(|| missing("scope"))?;
    let scopes: Vec<_> = scope.split_whitespace().map(str::to_owned).collect();
    for scope in &scopes {
        if OIDC_SCOPES.contains(&scope.as_str()) {
            continue;
        }
        let (resource, permission) = split_scope(scope).ok_or_else(|| unknown_resource(scope))?;
        if permission != ".default" && !resource.offers(permission) {
            return Err(INVALID_SCOPE
                .because(format!("The provided value for the input parameter 'scope' is not valid. The scope '{scope}' does not exist.")));
        }
    }
    Ok(scopes)
}

fn check_challenge(sent: &Parameters) -> Result<Option<Challenge>, Refusal> {
    let Some(value) = sent.get("code_challenge") else {
        return Ok(None);
    };
    let sha256 = match sent.get("code_challenge_method") {
        Some("S256") => true,
        None | Some("plain") => false,
        Some(other) => {
            return Err(BAD_CODE_CHALLENGE.because(format!(
                "The code_challenge_method '{other}' is not supported."
            )));
        }
    };
    if !(43..=128).contains(&value.len()) {
        return Err(BAD_CODE_CHALLENGE.because("Invalid size of Code_Challenge parameter."));
    }
    Ok(Some(Challenge {
        value: value.to_owned(),
        sha256,
    }))
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
