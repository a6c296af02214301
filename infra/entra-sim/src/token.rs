//! The token endpoints, v1 and v2.0.
//!
//! A request is counted when it arrives, then replaced by a fault, refused, or
//! answered. The order of the checks: form, tenant, grant type, application,
//! what is asked for, the client's proof, what it may have.

mod answer;
mod basic;
mod client;
mod client_credentials;
mod code;
mod request;
mod target;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::Value;

use self::request::{GrantType, TokenRequest};
use crate::authority::{Authority, Version};
use crate::directory::Snapshot;
use crate::directory::applications::Application;
use crate::errors::{LOOP_DETECTED, Refusal};
use crate::exchange::Exchange;
use crate::faults::{Endpoint, Kind};
use crate::parameters::Parameters;
use crate::server::Site;

/// One token request on its way through the checks.
struct Call<'a> {
    site: &'a Site,
    exchange: Exchange,
    version: Version,
    authority: Authority,
    directory: Arc<Snapshot>,
}

/// `POST /{tenant}/oauth2/token`
pub(crate) async fn v1(
    State(site): State<Site>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    respond(&site, Version::V1, &tenant, &headers, &body)
}

/// `POST /{tenant}/oauth2/v2.0/token`
pub(crate) async fn v2(
    State(site): State<Site>,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    respond(&site, Version::V2, &tenant, &headers, &body)
}

fn respond(
    site: &Site,
    version: Version,
    tenant: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Response {
    let exchange = site.begin(headers);
    let directory = site.core.directory.snapshot();
    let form = request::read_form(headers, body);
    count(site, tenant, &form, &directory);
    let authority = match Authority::resolve(tenant, &directory, &site.core.faults) {
        Ok(authority) => authority,
        Err(refusal) => return site.refuse(&refusal, &exchange),
    };
    if let Some(response) = site.replaced(Endpoint::Token, authority.tenant_id()) {
        return exchange.mark(response);
    }
    let call = Call {
        site,
        exchange,
        version,
        authority,
        directory,
    };
    match call.process(headers, &form) {
        Ok(body) => exchange.mark(crate::answer::json(StatusCode::OK, &body)),
        Err(refusal) => site.refuse(&refusal, &exchange),
    }
}

impl Call<'_> {
    fn process(&self, headers: &HeaderMap, form: &Parameters) -> Result<Value, Refusal> {
        let request = TokenRequest::parse(headers, form)?;
        match request.grant_type {
            GrantType::ClientCredentials => client_credentials::issue(self, &request),
            GrantType::AuthorizationCode => {
                self.check_loop()?;
                code::redeem(self, &request)
            }
        }
    }

    /// How flows with a person are throttled: a refusal, not 429.
    fn check_loop(&self) -> Result<(), Refusal> {
        let faults = &self.site.core.faults;
        match faults.hit_by(Kind::LoopDetected, self.authority.tenant_id()) {
            None => Ok(()),
            Some(_) => Err(LOOP_DETECTED.because(
                "The server stopped an operation because it saw the client ask in a loop. Please \
                 contact your app vendor.",
            )),
        }
    }

    /// The application that the request names.
    fn application(&self, request: &TokenRequest<'_>) -> Result<Arc<Application>, Refusal> {
        let place = self
            .authority
            .tenant()
            .map_or("Microsoft", |tenant| &tenant.display_name);
        uuid::Uuid::try_parse(&request.client_id)
            .ok()
            .and_then(|client_id| self.directory.application(client_id))
            .cloned()
            .ok_or_else(|| crate::standing::not_in_directory(&request.client_id, place))
    }
}

fn count(site: &Site, tenant: &str, form: &Parameters, directory: &Snapshot) {
    site.core
        .stats
        .count(|counts| match form.get("grant_type") {
            Some("client_credentials") => {
                counts.app_only_requests += 1;
                if let Some(tenant) = directory.tenant(tenant) {
                    *counts
                        .app_only_by_tenant
                        .entry(tenant.tenant_id)
                        .or_default() += 1;
                }
            }
            Some("authorization_code") => counts.code_redemptions += 1,
            _ => {}
        });
}
