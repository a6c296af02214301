//! A request to the API as it came, and its admission step by step: faults in front of
//! everything, the bearer, the tenant, the quota, the role.

use axum::RequestExt as _;
use axum::body::Bytes;
use axum::extract::{FromRequest, RawPathParams, Request};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use futures::future::BoxFuture;
use uuid::Uuid;

use super::bearer::Bearer;
use super::call::{Call, Operation};
use super::errors::{AfError, NO_TENANT, NOT_A_GUID, OTHER_TENANT, Refused, THROTTLED};
use crate::answer;
use crate::directory::Snapshot;
use crate::faults::{Fault, FaultKind};
use crate::parameters::Parameters;
use crate::site::Site;

/// What the system under the service says.
const LENGTH_REQUIRED: &str = "<!DOCTYPE HTML><HTML><HEAD><TITLE>Length Required</TITLE></HEAD>\
    <BODY><h2>Length Required</h2><hr><p>HTTP Error 411. The request must be chunked or have a \
    content length.</p></BODY></HTML>";

/// What a request is answered from.
enum Admitted {
    Call(Box<Call>),
    /// By a fault.
    Replaced(Response),
}

/// A request as it was received.
pub(crate) struct Received {
    site: Site,
    tenant: String,
    content_id: Option<String>,
    headers: HeaderMap,
    query: Parameters,
    body: Bytes,
}

impl Received {
    /// Counts the request, answers it, and counts a refusal.
    pub(crate) fn answer(
        self,
        operation: Operation,
        respond: impl FnOnce(&Call) -> Result<Response, Refused>,
    ) -> Response {
        let site = self.site.clone();
        let answered = match self.admitted(operation) {
            Ok(Admitted::Call(call)) => respond(&call),
            Ok(Admitted::Replaced(response)) => Ok(response),
            Err(refused) => Err(refused),
        };
        said(&site, answered)
    }

    /// The same, of an operation that asks others.
    pub(crate) async fn answer_later(
        self,
        operation: Operation,
        respond: impl FnOnce(&Call) -> BoxFuture<'_, Result<Response, Refused>>,
    ) -> Response {
        let site = self.site.clone();
        let answered = match self.admitted(operation) {
            Ok(Admitted::Call(call)) => respond(&call).await,
            Ok(Admitted::Replaced(response)) => Ok(response),
            Err(refused) => Err(refused),
        };
        said(&site, answered)
    }

    fn admitted(self, operation: Operation) -> Result<Admitted, Refused> {
        self.count(operation);
        let directory = self.site.core.directory.snapshot();
        let tenant = directory.tenant(&self.tenant).map(|known| known.tenant_id);
        self.check_faults(operation, tenant)?;
        match self.site.core.faults.replaced(operation.endpoint(), tenant) {
            Some(response) => Ok(Admitted::Replaced(response)),
            None => Ok(Admitted::Call(Box::new(self.admit(operation)?))),
        }
    }

    fn count(&self, operation: Operation) {
        let publisher = self.publisher();
        self.site.core.activity.counts.count(|shown| {
            let tenant = shown.by_tenant.entry(self.tenant.clone()).or_default();
            *tenant.entry(operation.method()).or_default() += 1;
            shown.without_publisher += u64::from(publisher.is_none());
        });
    }

    /// The refusal of a fault that comes before everything else.
    fn check_faults(&self, operation: Operation, tenant: Option<Uuid>) -> Result<(), Refused> {
        let here = |kind: FaultKind| {
            self.site.core.faults.hit(tenant, |fault: &Fault| {
                fault.kind == kind && fault.endpoint == operation.endpoint()
            })
        };
        if let Some(fault) = here(FaultKind::Throttle) {
            let refused = self.too_many(operation);
            return Err(refused.after(fault.value.as_u64()));
        }
        let asked = here(FaultKind::AfError);
        let code = asked.as_ref().and_then(|fault| fault.value.as_str());
        match code.and_then(AfError::find) {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }

    fn publisher(&self) -> Option<Uuid> {
        let text = self.query.get_in_any_case("PublisherIdentifier")?;
        Uuid::try_parse(text).ok()
    }

    fn too_many(&self, operation: Operation) -> Refused {
        THROTTLED.because(format!(
            "Too many requests. Method={}, PublisherId={}",
            operation.method(),
            self.publisher().unwrap_or_default(),
        ))
    }

    fn admit(self, operation: Operation) -> Result<Call, Refused> {
        let core = &self.site.core;
        let now = core.clock.unix_seconds();
        let bearer = Bearer::check(&self.headers, &core.signing_key, now)?;
        let tenant = self.tenant_of(&bearer, &core.directory.snapshot())?;
        let activity = &core.activity;
        let allowed = activity.scenario(tenant).requests_per_minute;
        if !activity.quota.admit(self.publisher(), tenant, now, allowed) {
            return Err(self.too_many(operation));
        }
        let call = Call {
            operation,
            now,
            tenant,
            client: bearer.client,
            permissions: bearer.permissions,
            content_id: self.content_id.unwrap_or_default(),
            headers: self.headers,
            query: self.query,
            body: self.body,
            site: self.site,
        };
        call.require("ActivityFeed.Read")?;
        call.apply_faults()?;
        Ok(call)
    }

    fn tenant_of(&self, bearer: &Bearer, directory: &Snapshot) -> Result<Uuid, Refused> {
        let named = &self.tenant;
        let Ok(tenant) = Uuid::try_parse(named) else {
            return Err(NOT_A_GUID.because(format!(
                "The tenant ID passed in the URL ({named}) is not a valid GUID."
            )));
        };
        if tenant != bearer.tenant {
            return Err(OTHER_TENANT.because(format!(
                "The tenant ID passed in the URL ({tenant}) does not match the tenant ID passed in the access token ({}).",
                bearer.tenant
            )));
        }
        let faults = &self.site.core.faults;
        let deleted = faults.hit_by(FaultKind::TenantDeleted, Some(tenant));
        if deleted.is_some() || directory.tenant(&tenant.to_string()).is_none() {
            return Err(NO_TENANT.because(format!(
                "Specified tenant ID ({tenant}) does not exist in the system or has been deleted."
            )));
        }
        Ok(tenant)
    }
}

/// The answer; a refusal is counted.
fn said(site: &Site, answered: Result<Response, Refused>) -> Response {
    answered.unwrap_or_else(|refused| {
        let code = refused.error.code;
        let counts = &site.core.activity.counts;
        counts.count(|shown| *shown.refused.entry(code).or_default() += 1);
        refused.to_response()
    })
}

impl FromRequest<Site> for Received {
    type Rejection = Response;

    async fn from_request(mut request: Request, site: &Site) -> Result<Self, Response> {
        if is_without_length(&request) {
            return Err(length_required());
        }
        let path = request.extract_parts::<RawPathParams>().await;
        let path = path.map_err(|rejection| rejection.into_response())?;
        let part = |wanted| {
            let mut all = path.iter();
            all.find(|(name, _)| *name == wanted)
                .map(|(_, value)| value.to_owned())
        };
        let (tenant, content_id) = (part("tenant").unwrap_or_default(), part("content_id"));
        let query = request.uri().query().unwrap_or_default();
        let query = Parameters::parse(query.as_bytes());
        let headers = request.headers().clone();
        let body = request.extract::<Bytes, _>().await;
        Ok(Self {
            site: site.clone(),
            tenant,
            content_id,
            headers,
            query,
            body: body.map_err(|rejection| rejection.into_response())?,
        })
    }
}

/// A POST that says nothing of its body. Assumption `length-required`.
fn is_without_length(request: &Request) -> bool {
    let headers = request.headers();
    let says = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
    request.method() == Method::POST && !says.iter().any(|name| headers.contains_key(name))
}

fn length_required() -> Response {
    answer::html(StatusCode::LENGTH_REQUIRED, LENGTH_REQUIRED.to_owned())
}
