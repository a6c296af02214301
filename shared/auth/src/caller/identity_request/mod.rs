//! A signed `GetCallerIdentity` request of AWS STS as a caller's proof, the way HashiCorp
//! Vault's AWS method takes one: the caller signs, we send it, and STS says who signed.
//!
//! Everything here is decided before a request leaves, and nothing here proves anybody. The
//! request's method, path and body are ours; the caller's are the URL, one of a list to the
//! letter, and headers of a list. Every header is signed, and every signed header is here:
//! what STS verifies is what was checked. Signed too is the header that names this broker,
//! so that a proof for another service is none here.
//!
//! The wire form is `aws-sts-v1.` and unpadded base64url of the JSON object
//! `{"url": …, "headers": {name: value, …}}`, with each name once.

mod amz_date;
mod authorization;
mod headers;
mod rules;
mod unfit;

use std::fmt;
use std::time::Duration;

use serde_json::{Map, Value};

use super::Payload;
use crate::encoding::{base64url, from_base64url};
use crate::secret::SecretString;
use crate::timestamp::Timestamp;
use amz_date::AmzDate;
use authorization::Authorization;
use headers::Headers;
pub use headers::SERVER_ID_HEADER;
pub use rules::{IdentityRules, InvalidRegions, InvalidServerId, ServerId, StsRegions};
pub use unfit::{IDENTITY_REQUEST_BODY, UnfitRequest};
use unfit::{quoted, unfit};

/// What every proof of this kind begins with. The rest has no dot.
const PREFIX: &str = "aws-sts-v1.";
/// The longest proof that is read, in bytes. A session token has some hundred bytes; AWS
/// promises no bound and calls 4,096 typical (STS API reference, `Credentials`).
const PROOF_MAX: usize = 16 * 1024;
/// How far the signature's date may be from our clock: for so long a proof can be used again
/// by whoever has it. STS would take some minutes more.
const FRESH: Duration = Duration::from_secs(5 * 60);

/// A request that may be sent to STS. Not verified: who signed it is what STS says. Its
/// `Debug` shows neither the signature nor the session token.
pub struct IdentityRequest {
    host: String,
    partition: &'static str,
    access_key_id: String,
    signed_at: Timestamp,
    headers: Vec<(&'static str, SecretString)>,
}

const FORM: &str = "the signed request is not aws-sts-v1. and base64url, without padding, of the \
                    JSON object {\"url\": text, \"headers\": {name: text}}, each name once";

impl IdentityRequest {
    /// Whether a text is meant as one, sound or not.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// Reads one. Fails closed because whatever this lets through leaves for STS under our
    /// address: an unknown member, header or spelling is refused.
    pub fn read(text: &str, rules: &IdentityRules, now: Timestamp) -> Result<Self, UnfitRequest> {
        let (url, headers) = members(text)?;
        let place = rules.regions.place(&url).ok_or_else(|| {
            unfit(format!(
                "the signed request's url is {}: expected is {}",
                quoted(&url),
                rules.regions.urls()
            ))
        })?;
        let headers = Headers::read(&headers, &place.host)?;
        headers.check_server_id(&rules.server_id)?;
        let authorization = Authorization::read(headers.authorization())?;
        headers.check_signed(&authorization.signed_headers)?;
        let date = AmzDate::parse(headers.date()).ok_or_else(|| {
            unfit("X-Amz-Date is not in the basic format of ISO 8601: 20260807T013753Z")
        })?;
        authorization.check_scope(&date, place.region)?;
        check_fresh(date.at, now)?;
        Ok(Self {
            host: place.host,
            partition: place.partition,
            access_key_id: authorization.access_key_id.to_owned(),
            signed_at: date.at,
            headers: headers.outgoing(),
        })
    }

    /// The host that the request is signed for, and goes to.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The partition of AWS (`aws`, `aws-cn`, `aws-us-gov`) whose STS this is.
    pub fn partition(&self) -> &'static str {
        self.partition
    }

    /// Whose secret it says to be signed with.
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// When it is too old.
    pub fn expires_at(&self) -> Timestamp {
        self.signed_at + FRESH
    }

    /// The headers to send, in lower case, each once, besides `host` and `content-length`.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &SecretString)> {
        self.headers.iter().map(|(name, value)| (*name, value))
    }
}

impl fmt::Debug for IdentityRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdentityRequest")
            .field("host", &self.host)
            .field("access_key_id", &self.access_key_id)
            .field("signed_at", &self.signed_at)
            .finish_non_exhaustive()
    }
}

/// The wire form of a request that was signed: the proof that [`IdentityRequest::read`] takes.
pub fn signed_request<'a>(
    url: &str,
    headers: impl Iterator<Item = (&'a str, &'a str)>,
) -> SecretString {
    let headers: Map<String, Value> = headers
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let json = serde_json::json!({"url": url, "headers": headers}).to_string();
    format!("{PREFIX}{}", base64url(json.as_bytes())).into()
}

/// The two members, and nothing else.
fn members(text: &str) -> Result<(String, Map<String, Value>), UnfitRequest> {
    if text.len() > PROOF_MAX {
        return Err(unfit("the signed request is too long: it may have 16 KB"));
    }
    let json = text.strip_prefix(PREFIX).and_then(from_base64url);
    let payload: Payload = json
        .and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or_else(|| unfit(FORM))?;
    let mut members = payload.into_members();
    match (members.remove("url"), members.remove("headers")) {
        (Some(Value::String(url)), Some(Value::Object(headers))) if members.is_empty() => {
            Ok((url, headers))
        }
        (Some(Value::String(_)), Some(Value::Object(_))) => Err(unfit(
            "the signed request has more than url and headers: its method is POST and its body \
             Action=GetCallerIdentity&Version=2011-06-15, and neither is sent",
        )),
        _ => Err(unfit(FORM)),
    }
}

fn check_fresh(signed_at: Timestamp, now: Timestamp) -> Result<(), UnfitRequest> {
    let how = match (now - FRESH > signed_at, signed_at > now + FRESH) {
        (false, false) => return Ok(()),
        (true, _) => "too old",
        (_, true) => "in the future",
    };
    Err(unfit(format!(
        "the signed request is {how}: its X-Amz-Date is {signed_at}, it is {now} here, and the \
         two may be {} s apart",
        FRESH.as_secs()
    )))
}
