//! The two token routes: as Entra ID's v2.0 endpoint (numbers, `scope`) and as its
//! v1 endpoint (strings, `resource`), so that an SDK needs no new code.

use std::time::Duration;

use auth::caller::{Action, Decision, Question, Subject};
use auth::vend::{DEFAULT_MIN_TTL, Vended};
use auth::{Caller, Resource, TenantId, Timestamp};
use lambda::answer::{self, ApiError};
use lambda::fields::Fields;
use lambda::request;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde_json::{Value, json};

use crate::audit::{self, Asked};
use crate::{Vending, Version, refusal};

/// No app-only token lives longer: a caller that wants more can never be served.
const MIN_TTL_MAX_SECONDS: u64 = 24 * 60 * 60;

/// What a token request asks for, once it is well-formed.
struct TokenRequest {
    resource: Resource,
    min_ttl: Duration,
}

impl Vending {
    pub(crate) async fn token(
        &self,
        request: &Request,
        unverified_tenant: &str,
        version: Version,
        request_id: &str,
    ) -> Result<Response<Body>, ApiError> {
        let form = request::form(request).map_err(refusal::field)?;
        let wanted = TokenRequest::read(&form, version)?;
        let caller = self.caller(request, Some(&form)).await?;
        let tenant = parse_tenant(unverified_tenant)?;
        let asked = Asked {
            caller: &caller,
            tenant,
            resource: &wanted.resource,
            request_id,
        };
        match self.permitted_vend(&caller, tenant, &wanted).await {
            Ok(vended) => {
                audit::granted(&asked, &vended);
                let body = body(&vended, &wanted.resource, version, self.clock.now());
                Ok(answer::json(StatusCode::OK, &body, request_id))
            }
            Err(error) => {
                audit::refused(&asked, &error);
                Err(error)
            }
        }
    }

    /// Policy first, at every vend: outside the token cache, and before it tells
    /// whether the tenant exists.
    async fn permitted_vend(
        &self,
        caller: &Caller,
        tenant: TenantId,
        wanted: &TokenRequest,
    ) -> Result<Vended, ApiError> {
        let subject = Subject::Tenant(tenant);
        if !self.permits(caller, Action::Vend, subject).await {
            return Err(refusal::denied());
        }
        let outcome = self
            .vend
            .vend(tenant, &wanted.resource, wanted.min_ttl)
            .await;
        match outcome {
            Ok(vended) => Ok(vended),
            Err(auth::vend::VendRefusal::NotFound)
                if !self.permits(caller, Action::List, subject).await =>
            {
                Err(refusal::denied())
            }
            Err(refused) => Err(refusal::vend(refused, self.clock.now())),
        }
    }

    pub(crate) async fn permits(
        &self,
        caller: &Caller,
        action: Action,
        subject: Subject<'_>,
    ) -> bool {
        let question = Question {
            caller,
            action,
            subject,
        };
        self.authorizer.decide(question).await == Decision::Allow
    }
}

/// A tenant that is not a GUID never reaches a URL, the table or a log.
pub(crate) fn parse_tenant(unverified: &str) -> Result<TenantId, ApiError> {
    unverified.parse().map_err(|_| {
        refusal::malformed("the tenant in the path must be a GUID; domain names are not taken")
    })
}

impl TokenRequest {
    fn read(form: &Fields, version: Version) -> Result<Self, ApiError> {
        let grant_type = form.required("grant_type", 100).map_err(refusal::field)?;
        if grant_type != "client_credentials" {
            return Err(ApiError::caller(
                StatusCode::BAD_REQUEST,
                "unsupported_grant_type",
                "grant_type must be client_credentials",
            ));
        }
        // Anything may be named here, as in Entra's own form; it only must not be odd.
        form.optional("client_id", 256).map_err(refusal::field)?;
        Ok(Self {
            resource: resource(form, version)?,
            min_ttl: min_ttl(form)?,
        })
    }
}

fn resource(form: &Fields, version: Version) -> Result<Resource, ApiError> {
    let (parsed, expected) = match version {
        Version::V2 => {
            let scope = form.required("scope", 512).map_err(refusal::field)?;
            let expected = "scope must be one resource and /.default, such as \
                            https://manage.office.com/.default";
            (Resource::from_default_scope(scope), expected)
        }
        Version::V1 => {
            let resource = form.required("resource", 512).map_err(refusal::field)?;
            let expected = "resource must be one App ID URI, such as https://manage.office.com";
            (resource.parse(), expected)
        }
    };
    parsed.map_err(|_| ApiError::caller(StatusCode::BAD_REQUEST, "invalid_scope", expected))
}

fn min_ttl(form: &Fields) -> Result<Duration, ApiError> {
    let Some(text) = form.optional("min_ttl", 16).map_err(refusal::field)? else {
        return Ok(DEFAULT_MIN_TTL);
    };
    match text.parse::<u64>() {
        Ok(seconds) if seconds <= MIN_TTL_MAX_SECONDS => Ok(Duration::from_secs(seconds)),
        _ => Err(refusal::malformed(
            "min_ttl must be whole seconds, at most 86400",
        )),
    }
}

/// The answer in Entra ID's shape (reference §3.2), with times computed now.
fn body(vended: &Vended, resource: &Resource, version: Version, now: Timestamp) -> Value {
    let expires_in = now.seconds_until(vended.expires_at);
    let token = vended.access_token.expose();
    match version {
        Version::V2 => json!({
            "token_type": "Bearer",
            "expires_in": expires_in,
            "ext_expires_in": expires_in,
            "refresh_in": now.seconds_until(vended.refresh_at),
            "expires_on": vended.expires_at.unix(),
            "access_token": token,
        }),
        Version::V1 => json!({
            "token_type": "Bearer",
            "expires_in": expires_in.to_string(),
            "ext_expires_in": expires_in.to_string(),
            "expires_on": vended.expires_at.unix().to_string(),
            "not_before": now.unix().to_string(),
            "resource": resource.as_str(),
            "access_token": token,
        }),
    }
}
