//! The two token routes: as Entra ID's v2.0 endpoint (numbers, `scope`) and as its
//! v1 endpoint (strings, `resource`), so that an SDK needs no new code.

pub(crate) mod claims;
pub(crate) mod form;
pub(crate) mod resource;

use auth::caller::{Action, Context, Decision, Question, Route, Ruling, Subject};
use auth::vend::{Opened, Taken, VendRefusal, Vended, Wanted};
use auth::{Caller, Resource, TenantId, Timestamp};
use lambda::answer::{self, ApiError};
use lambda::request;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde::Serialize;

use crate::audit::Entry;
use crate::{Vending, Version, refusal};
use form::TokenForm;

/// A well-formed request of a proven caller.
pub(crate) struct Asked<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) tenant: TenantId,
    pub(crate) resource: &'a Resource,
    pub(crate) wanted: Wanted,
    pub(crate) route: Route,
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
        unverified_tenant: &str,
        version: Version,
        entry: &mut Entry,
    ) -> Result<Response<Body>, ApiError> {
        let form = request::form(request).map_err(refusal::field)?;
        let wanted = TokenForm::read(&form, version, self.clock.now())?;
        let caller = self.caller(request, Some(&form)).await?;
        entry.by(&caller);
        let tenant = parse_tenant(unverified_tenant)?;
        entry.of(tenant);
        let resource = self.kept(&wanted.resource, tenant).await?;
        let asked = Asked {
            caller: &caller,
            tenant,
            resource: &resource,
            wanted: wanted.token,
            route: version.route(),
        };
        let vended = self.permitted_vend(&asked, entry).await?;
        let answer = TokenAnswer::new(&vended, &resource, version, self.clock.now());
        Ok(answer::json(StatusCode::OK, &answer, entry.request_id()))
    }

    /// Policy first, at every vend: outside the token cache, and before it tells
    /// whether the tenant exists.
    pub(crate) async fn permitted_vend(
        &self,
        asked: &Asked<'_>,
        entry: &mut Entry,
    ) -> Result<Vended, ApiError> {
        entry.of(asked.tenant);
        entry.asking_for(asked.resource);
        let opened = self.vend.open(asked.tenant, asked.resource, asked.wanted);
        let mut opened = opened.await.map_err(|error| refusal::store(&error))?;
        loop {
            self.check_asked(asked, &opened, entry).await?;
            match opened.token().await {
                Ok(Taken::Vended(vended)) => {
                    entry.handed(&vended);
                    return Ok(vended);
                }
                // Once at most. Fails closed because what was permitted for the record that
                // was may be denied for the one that is.
                Ok(Taken::Changed(again)) => opened = again,
                Err(VendRefusal::NotFound) => {
                    return Err(self.not_connected(asked.tenant, asked.resource).await);
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
        entry: &mut Entry,
    ) -> Result<(), ApiError> {
        self.check_permitted(entry, asked.question(Action::Vend, opened))
            .await?;
        match opened.facts().connected {
            Some(_) => Ok(()),
            None => {
                self.check_permitted(entry, asked.question(Action::List, opened))
                    .await
            }
        }
    }

    /// Refuses what the policy does not permit; what decided goes into the audit line.
    pub(crate) async fn check_permitted(
        &self,
        entry: &mut Entry,
        question: Question<'_>,
    ) -> Result<(), ApiError> {
        let caller = question.caller;
        let decision = self.decision(question).await?;
        let allows = decision.allows();
        entry.decided(decision);
        match allows {
            true => Ok(()),
            false => Err(refusal::denied(caller)),
        }
    }

    /// The policy's word. That it cannot be read is no denial: who is told to come again
    /// soon need not look for a policy that was never missing.
    pub(crate) async fn decision(&self, question: Question<'_>) -> Result<Decision, ApiError> {
        let decision = self.authorizer.decide(question).await;
        match decision.ruling {
            Ruling::Undecided => Err(refusal::broker_unavailable()),
            Ruling::Allow | Ruling::Deny => Ok(decision),
        }
    }
}

/// A tenant that is not a GUID never reaches a URL, the table or a log.
pub(crate) fn parse_tenant(unverified: &str) -> Result<TenantId, ApiError> {
    unverified.parse().map_err(|_| {
        refusal::malformed(match unverified {
            "" => "the path has no tenant: its first part must be the tenant's GUID",
            _ => "the tenant in the path must be a GUID; domain names are not taken",
        })
    })
}

/// The answer in Entra ID's shape (reference §3.2): numbers in version 2, strings of
/// digits in version 1.
#[derive(Serialize)]
#[serde(untagged)]
enum TokenAnswer<'a> {
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
    fn new(vended: &'a Vended, resource: &'a Resource, version: Version, now: Timestamp) -> Self {
        let (token_type, access_token) = ("Bearer", vended.access_token.expose());
        let expires_in = now.seconds_until(vended.expires_at);
        match version {
            Version::V2 => Self::V2 {
                token_type,
                expires_in,
                ext_expires_in: expires_in,
                refresh_in: now.seconds_until(vended.refresh_at),
                expires_on: vended.expires_at.unix(),
                access_token,
            },
            Version::V1 => Self::V1 {
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
