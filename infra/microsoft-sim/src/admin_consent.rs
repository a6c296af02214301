//! The admin consent endpoints: grant an application for a whole tenant, get
//! no code.
//!
//! One `{resource}/.default` of v2.0 grants every registered permission of every API, as
//! v1's form does; single scopes are reported as granted and grant no role, as observed.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;

use crate::answer;
use crate::authority::{Authority, Version};
use crate::directory::Snapshot;
use crate::directory::applications::Application;
use crate::directory::resources::Resource;
use crate::directory::tenants::{Person, Tenant};
use crate::errors::{ADMIN_CONSENT_DECLINED, ALIAS_NOT_ALLOWED, NOT_CONSENTED, Refusal, missing};
use crate::form::{FORM_FIELDS, PageAction};
use crate::page::SignIn;
use crate::parameters::Parameters;
use crate::received::ReceivedRequest;
use crate::return_address::ReturnAddress;
use crate::{scope, standing};

/// A checked request.
struct ConsentRequest {
    authority: Authority,
    application: Arc<Application>,
    address: ReturnAddress,
    scope: ConsentScope,
}

/// What is to be granted.
enum ConsentScope {
    /// v1: everything that is registered.
    Registered,
    /// v2.0: `scope`, as it was sent.
    Words(String),
}

/// `GET` and `POST` of `/{tenant}/adminconsent` and `/{tenant}/v2.0/adminconsent`
pub(crate) fn respond(version: Version, received: ReceivedRequest) -> Response {
    let ReceivedRequest { site, exchange, .. } = &received;
    let sent = received.parameters();
    let request = received.authority().and_then(|authority| {
        ConsentRequest::parse(version, authority, &sent, &received.directory)
    });
    let asked = request.and_then(|request| {
        let action = PageAction::read(&sent, &request.authority, &received)?;
        Ok((request, action))
    });
    let response = match asked {
        Err(refusal) => site.refuse_on_page(&refusal, exchange),
        Ok((request, PageAction::Show)) => show(&received, &request, &sent),
        Ok((request, PageAction::Cancel)) => send_back(&received, &request, &declined()),
        Ok((request, PageAction::Accept(tenant, person))) => {
            accept(&received, &request, &tenant, &person)
        }
    };
    exchange.mark(response)
}

impl ConsentRequest {
    fn parse(
        version: Version,
        authority: Authority,
        sent: &Parameters,
        directory: &Snapshot,
    ) -> Result<Self, Refusal> {
        if version == Version::V2 && matches!(authority, Authority::Common) {
            // Assumption `adminconsent-refuses-common`.
            return Err(ALIAS_NOT_ALLOWED.because(
                "Admin consent isn't supported over the /common endpoint. Please use the \
                 /organizations or tenant-specific endpoint.",
            ));
        }
        let application = standing::usable(sent, &authority, directory)?;
        let address = ReturnAddress::of(sent, &application)?;
        let scope = match version {
            Version::V1 => ConsentScope::Registered,
            Version::V2 => ConsentScope::read(sent)?,
        };
        Ok(Self {
            authority,
            application,
            address,
            scope,
        })
    }

    /// The permissions that `scope` names.
    fn permissions<'a>(
        &self,
        scope: &'a str,
    ) -> Result<Vec<(&'static Resource, &'a str)>, Refusal> {
        let mut permissions = Vec::new();
        for word in scope.split_whitespace() {
            let Some((resource, name)) = scope::permission(word)? else {
                continue;
            };
            if name == ".default" && !self.application.requires(resource) {
                return Err(scope::not_required(word, &self.application));
            }
            permissions.push((resource, name));
        }
        Ok(permissions)
    }
}

impl ConsentScope {
    /// Assumption `adminconsent-takes-one-default`.
    fn read(sent: &Parameters) -> Result<Self, Refusal> {
        let scope = sent.get("scope").ok_or_else(|| missing("scope"))?;
        let is_default = |word: &&str| word.ends_with("/.default");
        match scope.split_whitespace().filter(is_default).count() {
            0 | 1 => Ok(Self::Words(scope.to_owned())),
            _ => Err(scope::several_resources(scope)),
        }
    }
}

fn show(received: &ReceivedRequest, request: &ConsentRequest, sent: &Parameters) -> Response {
    let page = SignIn {
        question: format!(
            "Permissions requested by {}",
            request.application.registration.display_name
        ),
        sign_in: Vec::new(),
        permissions: request.application.permission_names(),
        action: &received.path,
        hidden: sent.without(&FORM_FIELDS).collect(),
        tenants: request.authority.tenants(&received.directory),
        login_hint: sent.get("login_hint"),
    };
    answer::html(StatusCode::OK, page.render())
}

fn accept(
    received: &ReceivedRequest,
    request: &ConsentRequest,
    tenant: &Tenant,
    person: &Person,
) -> Response {
    if !person.is_admin() {
        let refusal = not_an_admin(&person.upn);
        return received
            .site
            .need_admin_approval(tenant, &request.application, &refusal)
            .unwrap_or_else(|| send_back(received, request, &refusal));
    }
    match grant(received, request, tenant) {
        Ok(()) => send_success(request, tenant),
        Err(refusal) => send_back(received, request, &refusal),
    }
}

/// Records the consent. Single scopes leave the service principal without
/// roles, although the answer says that all went well.
fn grant(
    received: &ReceivedRequest,
    request: &ConsentRequest,
    tenant: &Tenant,
) -> Result<(), Refusal> {
    let core = &received.site.core;
    let (application, tenant_id) = (&request.application, tenant.tenant_id);
    let grant_registered =
        || standing::grant_required(core, application, tenant_id, received.exchange.now);
    let ConsentScope::Words(scope) = &request.scope else {
        return grant_registered();
    };
    let permissions = request.permissions(scope)?;
    let (defaults, single): (Vec<_>, Vec<_>) = permissions
        .into_iter()
        .partition(|(_, name)| *name == ".default");
    if !defaults.is_empty() {
        grant_registered()?;
    }
    core.directory.change(|directory| {
        directory.change_principal(tenant_id, application.client_id(), |principal| {
            for (resource, name) in single {
                principal.grant_scope(resource, name);
            }
        })?;
        Ok(())
    })
}

fn send_success(request: &ConsentRequest, tenant: &Tenant) -> Response {
    let mut answer = vec![("admin_consent", "True".to_owned())];
    answer.push(("tenant", tenant.tenant_id.to_string()));
    answer.extend(request.address.state.clone().map(|state| ("state", state)));
    if let ConsentScope::Words(scope) = &request.scope {
        answer.push(("scope", scope.clone()));
    }
    request.address.answer(&answer)
}

/// v2.0 says `admin_consent=True` in an error as well: alone it proves nothing.
fn send_back(received: &ReceivedRequest, request: &ConsentRequest, refusal: &Refusal) -> Response {
    received.site.count_refusal(refusal);
    let description = ("error_description", refusal.description(&received.exchange));
    if matches!(request.scope, ConsentScope::Registered) {
        // Assumption `adminconsent-v1-error`.
        let error = ("error", "permission_denied".to_owned());
        return request.address.answer(&[error, description]);
    }
    let mut answer = vec![("error", refusal.error().to_owned()), description];
    answer.push(("admin_consent", "True".to_owned()));
    answer.extend(request.address.state.clone().map(|state| ("state", state)));
    request.address.answer(&answer)
}

/// Microsoft's page on v2.0 adminconsent shows this error and number.
fn declined() -> Refusal {
    ADMIN_CONSENT_DECLINED.because("User declined to consent to access the app.")
}

/// Assumption `plain-user-cannot-consent`.
fn not_an_admin(upn: &str) -> Refusal {
    NOT_CONSENTED.because(format!(
        "The user or administrator has not consented to use the application, and {upn} may not \
         consent for the organization."
    ))
}
