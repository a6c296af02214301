//! Where a request came from, for its audit line: what the gateway wrote into the request
//! context, and of a proof that did not hold whose it claims to be. Nothing is decided on any of
//! it: the user agent and a session's name are the client's choice.

use std::borrow::Cow;
use std::net::IpAddr;

use auth::caller::{CallerKey, CallerName, SignedBy};
use auth::text::excerpt;
use lambda::fields::{FieldError, Fields};
use lambda::request;
use lambda_http::aws_lambda_events::apigw::{
    ApiGatewayRequestAuthorizerIamDescription as Iam, ApiGatewayV2httpRequestContext as Context,
};
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt as _};

/// Where a bearer token or a signature comes.
pub(crate) const AUTHORIZATION: &str = "authorization";
/// The header of the managed-identity protocol (Azure App Service, 2019-08-01): a caller key.
pub(crate) const KEY_HEADER: &str = "x-identity-header";
/// The same header in the protocol's version of 2017, which is not taken.
const FORMER_KEY_HEADER: &str = "secret";
/// The longest user agent that a line keeps, in characters.
const USER_AGENT_MAX: usize = 200;
/// The longest session name of AWS STS has 64 characters, the longest access key id 128.
const SIGNER_MAX: usize = 128;

/// Who signed, as AWS's check of the signature says: the session of a role, and the access key
/// by which CloudTrail finds it.
#[derive(Default, Clone)]
pub(crate) struct Signer<'r> {
    pub(crate) session: Option<Cow<'r, str>>,
    pub(crate) access_key_id: Option<Cow<'r, str>>,
}

impl Signer<'static> {
    /// Of a request that STS was asked about. The session's name is its account's choice.
    pub(crate) fn of(signer: &SignedBy) -> Self {
        let excerpt = |text| Cow::Owned(excerpt(text, SIGNER_MAX).into_owned());
        Self {
            session: Some(excerpt(&signer.session)),
            access_key_id: Some(excerpt(&signer.access_key_id)),
        }
    }
}

/// The address that the gateway saw, never one of a header.
pub(crate) fn source_ip(request: &Request) -> Option<&str> {
    let address = context(request)?.http.source_ip.as_deref()?;
    address.parse::<IpAddr>().is_ok().then_some(address)
}

/// The client's word of itself, as the gateway hands it on.
pub(crate) fn user_agent(request: &Request) -> Option<Cow<'_, str>> {
    let text = context(request)?.http.user_agent.as_deref()?;
    (!text.is_empty()).then(|| excerpt(text, USER_AGENT_MAX))
}

/// Also of a signer that is no role, and is refused.
pub(crate) fn signer(request: &Request) -> Signer<'_> {
    let iam = context(request).and_then(|context| context.authorizer.as_ref()?.iam.as_ref());
    let Some(iam) = iam else {
        return Signer::default();
    };
    Signer {
        session: session(iam).map(|session| excerpt(session, SIGNER_MAX)),
        access_key_id: named(iam.access_key.as_deref()),
    }
}

/// `{role id}:{session}`.
fn session(iam: &Iam) -> Option<&str> {
    let (_, session) = iam.user_id.as_deref()?.split_once(':')?;
    (!session.is_empty()).then_some(session)
}

fn named(text: Option<&str>) -> Option<Cow<'_, str>> {
    let text = text.filter(|text| !text.is_empty())?;
    Some(excerpt(text, SIGNER_MAX))
}

/// The name in a caller key that proved no caller, in one of three headers or any field: an operator finds the
/// service by it that was set up wrongly. Headers first, then the form and the query.
pub(crate) fn claimed_key(request: &Request) -> Option<CallerName> {
    let headers = [KEY_HEADER, AUTHORIZATION, FORMER_KEY_HEADER].into_iter();
    let mut values = headers.flat_map(|name| request.headers().get_all(name));
    values
        .find_map(|value| CallerKey::claimed_in_header(value.to_str().ok()?))
        .or_else(|| claimed_in(request::form(request)))
        .or_else(|| claimed_in(request::query(request)))
}

/// Of whatever field: libraries send a secret as `client_assertion`, `client_secret` and more.
fn claimed_in(fields: Result<Fields, FieldError>) -> Option<CallerName> {
    let fields = fields.ok()?;
    let mut values = fields.values();
    values.find_map(|value| CallerKey::claimed_name(value.trim_ascii()))
}

fn context(request: &Request) -> Option<&Context> {
    match request.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => Some(context),
        _ => None,
    }
}
