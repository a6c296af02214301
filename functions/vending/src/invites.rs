//! `POST /invites`: a service that may do so makes a consent link for a customer account,
//! as the operator's `invite` does.

use std::time::Duration;

use auth::caller::{Action, Context, Question, Route, Subject};
use auth::inviting::{InviteError, InviteRequest};
use auth::{Caller, Cloud, Customer, TenantId};
use lambda::answer::{self, ApiError};
use lambda::request;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::audit::Entry;
use crate::{Vending, refusal, tenants};

/// The longest body, in bytes.
const BODY_MAX: usize = 4 * 1024;

const EXPECTED: &str = "{\"customer\": account, \"tenant_id\": GUID (optional), \"cloud\": name \
                        (optional), \"expires_in\": seconds (optional), \"return_url\": URL (optional)}";

/// The body. Fields that we do not know are ignored, as everywhere.
#[derive(Deserialize)]
struct InviteBody {
    customer: String,
    tenant_id: Option<TenantId>,
    cloud: Option<Cloud>,
    /// Seconds.
    expires_in: Option<u64>,
    return_url: Option<Url>,
}

impl Vending {
    pub(crate) async fn invite(
        &self,
        request: &Request,
        entry: &mut Entry<'_>,
    ) -> Result<Response<Body>, ApiError> {
        let (body, customer) = read(request)?;
        let caller = self.caller(request, None, entry).await?;
        entry.of_customer(&customer);
        if let Some(tenant) = body.tenant_id {
            entry.of(tenant);
        }
        let question = Question {
            caller: &caller,
            action: Action::Invite,
            subject: Subject::Customer(&customer),
            context: Context {
                resource: None,
                route: Route::Invites,
            },
        };
        self.check_permitted(entry, question).await?;
        let owner = match body.tenant_id {
            Some(tenant) => self.visible_owner(entry, &caller, tenant).await?,
            None => None,
        };
        let made = self.make(body, customer, owner).await?;
        Ok(answer::json(StatusCode::CREATED, &made, entry.request_id()))
    }

    /// The account that the tenant is bound to, where this caller may know of the tenant.
    /// Beside the audit line, which names the policy that let it invite.
    async fn visible_owner(
        &self,
        entry: &mut Entry<'_>,
        caller: &Caller,
        tenant: TenantId,
    ) -> Result<Option<Customer>, ApiError> {
        let found = self.find(tenant).await?;
        // Asked of a tenant that is not there too: neither takes longer than the other.
        let question = tenants::listing_of(caller, tenants::facts_of(tenant, found.as_ref()));
        let decision = self.decision(question).await?;
        entry.tried(&decision);
        Ok(found
            .filter(|_| decision.allows())
            .map(|found| found.customer))
    }

    async fn make(
        &self,
        body: InviteBody,
        customer: Customer,
        owner: Option<Customer>,
    ) -> Result<serde_json::Value, ApiError> {
        let inviting = self.inviting.as_ref().ok_or_else(refusal::no_invites)?;
        let created = inviting.create(InviteRequest {
            customer,
            tenant: body.tenant_id,
            // Only operators may vouch; a service's invite still needs an admin's role.
            vouched: false,
            owner,
            cloud: body.cloud,
            expires_in: body.expires_in.map(Duration::from_secs),
            return_url: body.return_url,
        });
        let created = created.await.map_err(refused)?;
        Ok(json!({
            "consent_url": created.consent_url,
            "expires_on": created.expires_at.unix(),
        }))
    }
}

fn refused(error: InviteError) -> ApiError {
    match error {
        InviteError::Store(error) => refusal::store(&error),
        InviteError::BoundToAnotherCustomer => refusal::bound_elsewhere(),
        other => refusal::malformed(&other.to_string()),
    }
}

fn read(request: &Request) -> Result<(InviteBody, Customer), ApiError> {
    let text = request::text(request, BODY_MAX).map_err(refusal::field)?;
    // JSON is known by itself: curl calls everything a form.
    let body: InviteBody =
        serde_json::from_str(text).map_err(|_| refusal::no_json(request, EXPECTED))?;
    let customer = body.customer.parse();
    let customer = customer.map_err(|error| refusal::malformed(&format!("customer is {error}")))?;
    Ok((body, customer))
}
