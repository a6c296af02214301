//! `GET /tenants` and `GET /tenants/{tenant}`: the tenants that this caller may use.
//! A page is bounded by the rows that are examined, so it can be short. A row that cannot
//! be read is shown to no caller, and keeps none of the others from being shown.

use auth::caller::{Action, Context, Question, Route, Subject, TenantFacts};
use auth::ports::{Listing, StoreError};
use auth::tenant::Waiting;
use auth::{Caller, Tenant, TenantId};
use lambda::answer::{self, ApiError};
use lambda::request;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde_json::{Value, json};

use crate::audit::Entry;
use crate::routes::UnverifiedTenant;
use crate::{Vending, refusal};

/// Rows examined for a page.
const EXAMINED: u32 = 200;

impl Vending {
    pub(crate) async fn list_tenants(
        &self,
        request: &Request,
        entry: &mut Entry<'_>,
    ) -> Result<Response<Body>, ApiError> {
        let listing = listing(request)?;
        let caller = self.caller(request, None, entry).await?;
        let page = self.tenants.list(&listing).await;
        let page = page.map_err(|error| refusal::store(&error))?;
        let mut visible = Vec::new();
        for tenant in &page.tenants {
            if self.sees(entry, &caller, tenant.into()).await? {
                visible.push(tenant);
            }
        }
        entry.listed(visible.len());
        // A cursor is an answer too: never a tenant that the caller may not see. A filter
        // can empty a page, so that the last row examined is the only way on.
        let next = match page.next {
            Some(last) if self.sees_by_id(entry, &caller, last).await? => Some(last),
            Some(_) => visible.last().map(|tenant| tenant.id),
            None => None,
        };
        let shown: Vec<Value> = visible.into_iter().map(view).collect();
        let body = json!({"tenants": shown, "next": next});
        Ok(answer::json(StatusCode::OK, &body, entry.request_id()))
    }

    pub(crate) async fn show_tenant(
        &self,
        request: &Request,
        tenant: UnverifiedTenant<'_>,
        entry: &mut Entry<'_>,
    ) -> Result<Response<Body>, ApiError> {
        let caller = self.caller(request, None, entry).await?;
        let tenant = tenant.parse()?;
        entry.of(tenant);
        let found = self.find(tenant).await?;
        // A refusal is the same for a tenant that is not there.
        let question = listing_of(&caller, facts_of(tenant, found.as_ref()));
        self.check_permitted(entry, question).await?;
        let found = found.ok_or_else(refusal::not_found)?;
        entry.of_customer(&found.customer);
        let mut body = view(&found);
        if let Some(waiting) = self.waiting(&found).await? {
            let at = waiting.next_attempt_at().map(|at| at.to_string());
            body["next_attempt_at"] = json!(at);
        }
        Ok(answer::json(StatusCode::OK, &body, entry.request_id()))
    }

    /// What a propagating tenant waits for.
    async fn waiting(&self, tenant: &Tenant) -> Result<Option<Waiting>, ApiError> {
        let waiting = tenant
            .waiting(self.tenants.as_ref(), self.clock.now())
            .await;
        waiting.map_err(|error| refusal::store(&error))
    }

    pub(crate) async fn find(&self, tenant: TenantId) -> Result<Option<Tenant>, ApiError> {
        let found = self.tenants.find(tenant).await;
        found.map_err(|error| refusal::store(&error))
    }

    async fn sees_by_id(
        &self,
        entry: &mut Entry<'_>,
        caller: &Caller,
        tenant: TenantId,
    ) -> Result<bool, ApiError> {
        let found = match self.tenants.find(tenant).await {
            Ok(found) => found,
            // Fails closed because the policy decides on what is known; the page goes on.
            Err(StoreError::Damaged(_)) => return Ok(false),
            Err(error) => return Err(refusal::store(&error)),
        };
        self.sees(entry, caller, facts_of(tenant, found.as_ref()))
            .await
    }

    /// Whether a tenant belongs into this caller's listing.
    async fn sees(
        &self,
        entry: &mut Entry<'_>,
        caller: &Caller,
        facts: TenantFacts<'_>,
    ) -> Result<bool, ApiError> {
        let decision = self.decision(listing_of(caller, facts)).await?;
        entry.decided_of_many(&decision);
        Ok(decision.allows())
    }
}

/// The question whether `caller` may know of a tenant.
pub(crate) fn listing_of<'a>(caller: &'a Caller, facts: TenantFacts<'a>) -> Question<'a> {
    Question {
        caller,
        action: Action::List,
        subject: Subject::Tenant(facts),
        context: Context {
            resource: None,
            route: Route::Tenants,
        },
    }
}

pub(crate) fn facts_of(id: TenantId, found: Option<&Tenant>) -> TenantFacts<'_> {
    match found {
        Some(tenant) => tenant.into(),
        None => TenantFacts {
            id,
            connected: None,
        },
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
