//! The admin consent endpoints: grant an application for a whole tenant, get
//! no code.
//!
//! The form is that of the authorize page: the request's parameters, `account`
//! and `action`. One `{resource}/.default` of v2.0 grants every registered permission of
//! every API, as v1's form does; single scopes are reported as granted and grant no role,
//! as observed.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use crate::answer;
use crate::authority::{Authority, Version};
use crate::authorize::{
    FORM_FIELDS, OIDC_SCOPES, find_application, find_person, grant_required, not_required,
    refuse_on_page, split_scope, unknown_resource,
};
use crate::directory::Snapshot;
use crate::directory::applications::Application;
use crate::directory::tenants::Tenant;
use crate::errors::{
    ADMIN_CONSENT_DECLINED, ALIAS_NOT_ALLOWED, MALFORMED_REQUEST, NOT_CONSENTED, Refusal,
    SEVERAL_RESOURCES, missing,
};
use crate::exchange::Exchange;
use crate::page::SignIn;
use crate::parameters::Parameters;
use crate::return_address::ReturnAddress;
use crate::server::Site;

/// A checked request.
struct ConsentRequest {
    version: Version,
    authority: Authority,
    application: Arc<Application>,
    address: ReturnAddress,
    /// v2's `scope`, as it was sent.
    scope: String,
}

/// `GET /{tenant}/adminconsent`
pub(crate) async fn show_v1(
    State(site): State<Site>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let sent = Parameters::parse(query.unwrap_or_default().as_bytes());
    answer(&site, Version::V1, &tenant, uri.path(), &headers, &sent)
}

/// `GET /{tenant}/v2.0/adminconsent`
pub(crate) async fn show_v2(
    State(site): State<Site>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let sent = Parameters::parse(query.unwrap_or_default().as_bytes());
    answer(&site, Version::V2, &tenant, uri.path(), &headers, &sent)
}

/// `POST /{tenant}/adminconsent`
pub(crate) async fn submit_v1(
    State(site): State<Site>,
    Path(tenant): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let sent = Parameters::parse(&body);
    answer(&site, Version::V1, &tenant, uri.path(), &headers, &sent)
}

/// `POST /{tenant}/v2.0/adminconsent`
pub(crate) async fn submit_v2(
    State(site): State<Site>,
    Path(tenant): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let sent = Parameters::parse(&body);
    answer(&site, Version::V2, &tenant, uri.path(), &headers, &sent)
}

fn answer(
    site: &Site,
    version: Version,
    tenant: &str,
    path: &str,
    headers: &HeaderMap,
    sent: &Parameters,
) -> Response {
    let exchange = site.begin(headers);
    let directory = site.core.directory.snapshot();
    let request = Authority::resolve(tenant, &directory, &site.core.faults)
        .and_then(|authority| ConsentRequest::parse(version, authority, sent, &directory));
    let response = match request {
        Err(refusal) => refuse_on_page(site, &refusal, &exchange),
        Ok(request) => match sent.get("action") {
            None => show(&request, &directory, path, sent),
            Some(action) => submit(site, &exchange, &request, &directory, (action, sent)),
        },
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
        let application = find_application(sent, &authority, directory)?;
        let address = ReturnAddress::of(sent, &application)?;
        let scope = match version {
            Version::V1 => String::new(),
            Version::V2 => sent
                .get("scope")
                .ok_or_else(|| missing("scope"))?
                .to_owned(),
        };
        check_one_default(&scope)?;
        Ok(Self {
            version,
            authority,
            application,
            address,
            scope,
        })
    }

    /// Whether all that is registered is asked for, with a `.default`.
    fn asks_for_all(&self) -> Result<bool, Refusal> {
        let mut all = false;
        for scope in self.scope.split_whitespace() {
            if OIDC_SCOPES.contains(&scope) {
                continue;
            }
            let (resource, permission) =
                split_scope(scope).ok_or_else(|| unknown_resource(scope))?;
            if permission == ".default" && !self.application.requires(resource) {
                return Err(not_required(scope, &self.application));
            }
            all |= permission == ".default";
        }
        Ok(all)
    }
}

/// Assumption `adminconsent-takes-one-default`.
fn check_one_default(scope: &str) -> Result<(), Refusal> {
    let is_default = |scope: &&str| scope.ends_with("/.default");
    match scope.split_whitespace().filter(is_default).count() {
        0 | 1 => Ok(()),
        _ => Err(SEVERAL_RESOURCES.because(format!(
            "The provided value for the input parameter 'scope' is not valid because it contains \
             more than one resource: '{scope}'."
        ))),
    }
}

fn show(request: &ConsentRequest, directory: &Snapshot, path: &str, sent: &Parameters) -> Response {
    let page = SignIn {
        question: format!(
            "Permissions requested by {}",
            request.application.registration.display_name
        ),
        sign_in: Vec::new(),
        permissions: request.application.permission_names(),
        action: path,
        hidden: sent.without(&FORM_FIELDS).collect(),
        tenants: match &request.authority {
            Authority::Tenant(tenant) => std::slice::from_ref(tenant),
            _ => directory.tenants(),
        },
        login_hint: sent.get("login_hint"),
    };
    answer::html(StatusCode::OK, page.render())
}

fn submit(
    site: &Site,
    exchange: &Exchange,
    request: &ConsentRequest,
    directory: &Snapshot,
    (action, sent): (&str, &Parameters),
) -> Response {
    match action {
        "cancel" => send_back(site, request, &declined(), exchange),
        "accept" => match find_person(
            sent.get("account"),
            &request.authority,
            directory,
            &site.core.faults,
        ) {
            Err(refusal) => refuse_on_page(site, &refusal, exchange),
            Ok((tenant, person)) if !person.is_admin() => {
                let refusal = not_an_admin(&person.upn);
                site.stopped(&tenant, &request.application, &refusal)
                    .unwrap_or_else(|| send_back(site, request, &refusal, exchange))
            }
            Ok((tenant, _)) => match grant(site, request, &tenant, exchange.now) {
                Ok(()) => send_success(request, &tenant),
                Err(refusal) => send_back(site, request, &refusal, exchange),
            },
        },
        other => {
            let refusal = MALFORMED_REQUEST.because(format!("Unknown action '{other}'."));
            refuse_on_page(site, &refusal, exchange)
        }
    }
}

/// Records the consent. Single scopes leave the service principal without
/// roles, although the answer says that all went well.
fn grant(site: &Site, request: &ConsentRequest, tenant: &Tenant, now: u64) -> Result<(), Refusal> {
    if request.version == Version::V1 {
        return grant_required(site, &request.application, tenant, now);
    }
    if request.asks_for_all()? {
        grant_required(site, &request.application, tenant, now)?;
    }
    site.core.directory.change(|directory| {
        let client_id = request.application.client_id();
        let mut principal = directory.principal_or_new(tenant.tenant_id, client_id)?;
        for scope in request.scope.split_whitespace() {
            match split_scope(scope) {
                Some((resource, permission)) if permission != ".default" => {
                    principal.grant_scope(resource, permission);
                }
                _ => {}
            }
        }
        directory.put_principal(principal);
        Ok(())
    })
}

fn send_success(request: &ConsentRequest, tenant: &Tenant) -> Response {
    let mut answer = vec![("admin_consent", "True".to_owned())];
    answer.push(("tenant", tenant.tenant_id.to_string()));
    answer.extend(request.address.state.clone().map(|state| ("state", state)));
    if request.version == Version::V2 {
        answer.push(("scope", request.scope.clone()));
    }
    request.address.answer(&answer)
}

/// v2.0 says `admin_consent=True` in an error as well: alone it proves nothing.
fn send_back(
    site: &Site,
    request: &ConsentRequest,
    refusal: &Refusal,
    exchange: &Exchange,
) -> Response {
    site.count_refusal(refusal);
    let description = ("error_description", refusal.description(exchange));
    if request.version == Version::V1 {
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
