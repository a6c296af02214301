//! The two token routes: as Entra ID's v2.0 endpoint (numbers, `scope`) and as its
//! v1 endpoint (strings, `resource`), so that an SDK needs no new code. And the vend, which the
//! managed-identity route shares.

pub(crate) mod claims;
pub(crate) mod form;
pub(crate) mod resource;

use auth::caller::{Action, Context, Question, Route, Subject};
use auth::protocol::TokenEndpoint;
use auth::vend::{Opened, ReadAhead, Taken, VendRefusal, Vended, Wanted};
use auth::{Caller, Resource, TenantId, Timestamp};
use lambda::answer::{self, ApiError};
use lambda::request;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde::Serialize;

use crate::audit::Entry;
use crate::routes::UnverifiedTenant;
use crate::{Vending, refusal};
use form::Wish;

/// A token of one tenant for one of the kept resources.
pub(crate) struct TokenOf {
    pub(crate) tenant: TenantId,
    pub(crate) resource: Resource,
    pub(crate) wanted: Wanted,
}

/// What a proven caller wants a token of, and by which route it came.
struct Asked<'a> {
    caller: &'a Caller,
    resource: &'a Resource,
    route: Route,
}

impl<'a> Asked<'a> {
    fn question(&self, action: Action, opened: &'a Opened<'_>) -> Question<'a>
    where
        Self: 'a,
    {
        Question {
            caller: self.caller,
            action,
            subject: Subject::Tenant(opened.facts()),
            context: Context {
                resource: Some(self.resource),
                route: self.route,
            },
        }
    }
}

impl Vending {
    pub(crate) async fn token(
        &self,
        request: &Request,
        tenant: UnverifiedTenant<'_>,
        endpoint: TokenEndpoint,
        entry: &mut Entry<'_>,
    ) -> Result<Response<Body>, ApiError> {
        let form = request::form(request).map_err(refusal::field)?;
        let wish = Wish::read(&form, endpoint, self.clock.now())?;
        let caller = self.caller(request, Some(&form), entry).await?;
        let tenant = tenant.parse()?;
        let (vended, resource) = self.permitted_vend(&caller, tenant, wish, entry).await?;
        let answer = TokenAnswer::new(&vended, &resource, endpoint, self.clock.now());
        Ok(answer::json(StatusCode::OK, &answer, entry.request_id()))
    }

    /// The vend of a single token, for a resource as the caller names it.
    pub(crate) async fn permitted_vend(
        &self,
        caller: &Caller,
        tenant: TenantId,
        wish: Wish,
        entry: &mut Entry<'_>,
    ) -> Result<(Vended, Resource), ApiError> {
        entry.of(tenant);
        let of = TokenOf {
            tenant,
            resource: self.kept(&wish.resource, tenant).await?,
            wanted: wish.token,
        };
        let vended = self.vend_of(caller, &of, None, entry).await?;
        Ok((vended, of.resource))
    }

    /// Policy first, at every vend: outside the token cache, and before it shows
    /// whether the tenant exists. `ahead`: what was read of it together with others.
    pub(crate) async fn vend_of(
        &self,
        caller: &Caller,
        of: &TokenOf,
        ahead: Option<ReadAhead>,
        entry: &mut Entry<'_>,
    ) -> Result<Vended, ApiError> {
        let TokenOf {
            tenant,
            resource,
            wanted,
        } = of;
        entry.asking_for(resource);
        let asked = Asked {
            caller,
            resource,
            route: entry.route(),
        };
        let opened = self.vend.open_read(*tenant, resource, *wanted, ahead);
        let opened = opened.await;
        let mut opened = opened.map_err(|error| refusal::store(&error))?;
        loop {
            self.check_asked(&asked, &opened, entry).await?;
            match opened.token().await {
                Ok(Taken::Vended(vended)) => {
                    entry.handed(&vended);
                    return Ok(vended);
                }
                // Once at most. Fails closed because what was permitted for the record that
                // was may be denied for the one that is.
                Ok(Taken::Changed(again)) => opened = again,
                Err(VendRefusal::NotFound) => {
                    return Err(self.not_connected(*tenant, resource).await);
                }
                Err(refused) => return Err(refusal::vend(refused, self.clock.now())),
            }
        }
    }

    /// Whether the caller may have a token of the record at hand. A tenant that is not
    /// there is reported only to a caller that may list it.
    async fn check_asked(
        &self,
        asked: &Asked<'_>,
        opened: &Opened<'_>,
        entry: &mut Entry<'_>,
    ) -> Result<(), ApiError> {
        let vend = asked.question(Action::Vend, opened);
        self.check_permitted(entry, vend).await?;
        match opened.facts().connected {
            Some(_) => Ok(()),
            None => {
                let list = asked.question(Action::List, opened);
                self.check_permitted(entry, list).await
            }
        }
    }
}

/// The answer in Entra ID's shape (reference §3.2): numbers in version 2, strings of
/// digits in version 1.
#[derive(Serialize)]
#[serde(untagged)]
pub(crate) enum TokenAnswer<'a> {
    V2 {
        token_type: &'static str,
        expires_in: u64,
        ext_expires_in: u64,
        refresh_in: u64,
        expires_on: i64,
        access_token: &'a str,
    },
    V1 {
        token_type: &'static str,
        expires_in: String,
        ext_expires_in: String,
        expires_on: String,
        not_before: String,
        resource: &'a str,
        access_token: &'a str,
    },
}

impl<'a> TokenAnswer<'a> {
    /// With times computed now.
    pub(crate) fn new(
        vended: &'a Vended,
        resource: &'a Resource,
        endpoint: TokenEndpoint,
        now: Timestamp,
    ) -> Self {
        let (token_type, access_token) = ("Bearer", vended.access_token.expose());
        let expires_in = now.seconds_until(vended.expires_at);
        match endpoint {
            TokenEndpoint::V2 => Self::V2 {
                token_type,
                expires_in,
                ext_expires_in: expires_in,
                refresh_in: now.seconds_until(vended.refresh_at),
                expires_on: vended.expires_at.unix(),
                access_token,
            },
            TokenEndpoint::V1 => Self::V1 {
                token_type,
                expires_in: expires_in.to_string(),
                ext_expires_in: expires_in.to_string(),
                expires_on: vended.expires_at.unix().to_string(),
                not_before: now.unix().to_string(),
                resource: resource.as_str(),
                access_token,
            },
        }
    }
}
