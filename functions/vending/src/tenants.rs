//! `GET /tenants` and `GET /tenants/{tenant}`: the tenants that this caller may use.
//! A page is bounded by the rows that are examined, so it can be short.

use auth::caller::{Action, Subject};
use auth::ports::Listing;
use auth::{Caller, Tenant, TenantId};
use lambda::answer::{self, ApiError};
use lambda::request;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde_json::{Value, json};

use crate::token::parse_tenant;
use crate::{Vending, refusal};

/// Rows examined for a page.
const EXAMINED: u32 = 200;

impl Vending {
    pub(crate) async fn list_tenants(
        &self,
        request: &Request,
        request_id: &str,
    ) -> Result<Response<Body>, ApiError> {
        let listing = listing(request)?;
        let caller = self.caller(request, None).await?;
        let page = self
            .tenants
            .list(&listing)
            .await
            .map_err(|error| refusal::store(&error))?;
        let mut visible = Vec::new();
        for tenant in &page.tenants {
            if self.sees(&caller, tenant.id).await {
                visible.push(view(tenant));
            }
        }
        // A cursor is an answer too: never a tenant that the caller may not see. A filter
        // can empty a page, so that the last row examined is the only way on.
        let next = match page.next {
            Some(last) if self.sees(&caller, last).await => Some(json!(last)),
            Some(_) => visible.last().map(|tenant| tenant["tenant_id"].clone()),
            None => None,
        };
        let body = json!({"tenants": visible, "next": next});
        Ok(answer::json(StatusCode::OK, &body, request_id))
    }

    async fn sees(&self, caller: &Caller, tenant: TenantId) -> bool {
        let subject = Subject::Tenant(tenant);
        self.permits(caller, Action::List, subject).await
    }

    pub(crate) async fn show_tenant(
        &self,
        request: &Request,
        unverified_tenant: &str,
        request_id: &str,
    ) -> Result<Response<Body>, ApiError> {
        let caller: Caller = self.caller(request, None).await?;
        let tenant = parse_tenant(unverified_tenant)?;
        // Asked before the table is: a refusal is the same for a tenant that is not there.
        if !self.sees(&caller, tenant).await {
            return Err(refusal::denied());
        }
        let found = self
            .tenants
            .find(tenant)
            .await
            .map_err(|error| refusal::store(&error))?
            .ok_or_else(refusal::not_found)?;
        Ok(answer::json(StatusCode::OK, &view(&found), request_id))
    }
}

fn listing(request: &Request) -> Result<Listing, ApiError> {
    let query = request::query(request).map_err(refusal::field)?;
    let optional = |name| query.optional(name, 256).map_err(refusal::field);
    Ok(Listing {
        status: parse(optional("status")?)?,
        customer: parse(optional("customer")?)?,
        after: parse(optional("after")?)?,
        examine: EXAMINED,
    })
}

fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(
    text: Option<&str>,
) -> Result<Option<T>, ApiError> {
    text.map(str::parse)
        .transpose()
        .map_err(|error: T::Err| refusal::malformed(&error.to_string()))
}

fn view(tenant: &Tenant) -> Value {
    json!({
        "tenant_id": tenant.id,
        "customer": tenant.customer,
        "cloud": tenant.cloud,
        "status": tenant.status,
        "cause": tenant.cause.as_ref().map(|cause| cause.code),
        "since": tenant.since.to_string(),
        "roles": tenant.roles,
    })
}
