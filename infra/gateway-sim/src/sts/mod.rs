//! The one operation of AWS STS that the functions ask for: `GetCallerIdentity`, answered for
//! the run's access keys and refused for every other. The request is a caller's, handed on by
//! a function: its Host is the one that was signed, whatever the port at which it arrives.
//!
//! Stricter than AWS, which takes GET, a signature in the query, and more parameters: POST of
//! the one body to `/`, signed in the header. Assumptions: which code goes with which fault,
//! and that `Accept: application/json` is answered in JSON.

mod answer;

use axum::{
    extract::Request,
    http::{HeaderName, Method, header, request::Parts},
    response::Response,
};

use self::answer::{Fault, Form};
use crate::{
    connection::ClientConnection,
    limits,
    listener::Gateway,
    refusal::GatewayRefusal,
    sigv4::{self, AccessKey, Denied, Service, Signed},
    surroundings::{RequestIds, Surroundings, UnixMillis},
};

/// The global host is us-east-1's (AWS General Reference, "AWS STS endpoints").
const GLOBAL: (&str, &str) = ("us-east-1", "sts.amazonaws.com");
/// All that is asked (STS API reference, `GetCallerIdentity`).
const BODY: &[u8] = b"Action=GetCallerIdentity&Version=2011-06-15";
/// A body that is longer is another one.
const BODY_MAX: usize = 1024;

/// STS of one region.
pub struct SecurityTokenService {
    /// Whose signatures are good; its region is that of the service.
    pub access_key: AccessKey,
    /// Others whose signatures are good, in the same region.
    pub others: Vec<AccessKey>,
    /// Clock and limits. The names are not looked at.
    pub surroundings: Surroundings,
}

impl SecurityTokenService {
    /// STS of the key's region, by the clock of a run.
    pub fn new(access_key: AccessKey, clock: UnixMillis, request_id: RequestIds) -> Self {
        Self {
            access_key,
            others: Vec::new(),
            surroundings: Surroundings::new(clock, request_id),
        }
    }

    /// Knows these keys besides.
    #[must_use]
    pub fn knowing(self, others: Vec<AccessKey>) -> Self {
        Self { others, ..self }
    }

    async fn signer(&self, request: Request) -> Result<&AccessKey, Fault> {
        let (parts, body) = request.into_parts();
        limits::check_head(&parts).map_err(Denied::from)?;
        if !self.is_own_host(&parts) {
            return Err(Denied::from(GatewayRefusal::Forbidden).into());
        }
        let is_post = parts.method == Method::POST && parts.uri.path() == "/";
        if !is_post || parts.uri.query().is_some() {
            return Err(Fault::Action);
        }
        let now = (self.surroundings.clock)().div_euclid(1000);
        let key = self.named(&parts);
        let signed = Signed::read(&parts, Service::Sts, key, now)?;
        let body = limits::read_body(&parts, body, BODY_MAX).await;
        let body = body.map_err(Denied::from)?;
        sigv4::verify(&signed, &parts, &body, key)?;
        match body == BODY {
            true => Ok(key),
            false => Err(Fault::Action),
        }
    }

    /// The key that the request says to be signed with; any where it names none of ours, which
    /// is refused then.
    fn named(&self, parts: &Parts) -> &AccessKey {
        let said = parts.headers.get(header::AUTHORIZATION);
        let said = said.and_then(|said| said.to_str().ok()).unwrap_or_default();
        let is_named = |key: &&AccessKey| said.contains(&format!("Credential={}/", key.id));
        self.others
            .iter()
            .find(is_named)
            .unwrap_or(&self.access_key)
    }

    /// One Host, of this region's STS.
    fn is_own_host(&self, parts: &Parts) -> bool {
        let region = self.access_key.region.as_str();
        let regional = format!("sts.{region}.amazonaws.com");
        let mut hosts = parts.headers.get_all(header::HOST).iter();
        match (hosts.next(), hosts.next()) {
            (Some(host), None) => *host == regional || (region == GLOBAL.0 && *host == GLOBAL.1),
            _ => false,
        }
    }
}

impl Gateway for SecurityTokenService {
    const ID_HEADER: HeaderName = HeaderName::from_static("x-amzn-requestid");

    fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    async fn answer(&self, _: ClientConnection, request: Request, request_id: &str) -> Response {
        let form = Form::of(request.headers());
        match self.signer(request).await {
            Ok(key) => answer::identity(form, key, request_id),
            Err(fault) => answer::fault(form, &fault, request_id),
        }
    }
}
