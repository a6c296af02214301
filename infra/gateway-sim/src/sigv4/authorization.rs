//! What a request says of its signature, and everything about it that can be decided
//! without the body: one Authorization header, a fresh date, the scope, the key's id and
//! what must be signed. Whether the signature is right is decided beside this.
//!
//! Fails closed: an unknown parameter, a doubled header or a list out of order is refused,
//! also where AWS might take it (assumption), because no client of Signature Version 4
//! sends any of that.

use axum::http::{HeaderMap, HeaderName, header, request::Parts};

use super::{
    access_key::AccessKey,
    date::{AmzDate, CLOCK_SKEW},
    denied::Denied,
};

/// The service that is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    /// Function URLs.
    Lambda,
    /// The Security Token Service.
    Sts,
}

impl Service {
    /// As a credential's scope has it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Lambda => "lambda",
            Self::Sts => "sts",
        }
    }

    fn another(self) -> &'static str {
        match self {
            Self::Lambda => "Credential should be scoped to correct service: 'lambda'.",
            Self::Sts => "Credential should be scoped to correct service: 'sts'.",
        }
    }
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TERMINATOR: &str = "aws4_request";
const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// A signature that is worth computing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Signed {
    pub(super) service: Service,
    pub(super) date: AmzDate,
    /// Lower case, in order, each once; `host` and all of `x-amz-…` are among them.
    pub(super) headers: Vec<HeaderName>,
    /// As sent.
    pub(super) signature: String,
}

impl Signed {
    /// `now` in seconds since the Unix epoch.
    pub(crate) fn read(
        parts: &Parts,
        service: Service,
        key: &AccessKey,
        now: i64,
    ) -> Result<Self, Denied> {
        let authorization = Authorization::read(parts)?;
        let date = fresh_date(&parts.headers, AmzDate::from_unix(now))?;
        let headers = signed_headers(authorization.signed_headers, &parts.headers)?;
        check_credential(authorization.credential, date, service, key)?;
        // The run's key is no temporary one: a session token belongs to another.
        if parts.headers.contains_key(SECURITY_TOKEN) {
            return Err(Denied::UnknownKey);
        }
        Ok(Self {
            service,
            date,
            headers,
            signature: authorization.signature.to_owned(),
        })
    }
}

/// The three parameters of the header.
struct Authorization<'a> {
    credential: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    fn read(parts: &'a Parts) -> Result<Self, Denied> {
        let is_in_the_query = is_signed_in_the_query(parts.uri.query().unwrap_or_default());
        let mut values = parts.headers.get_all(header::AUTHORIZATION).iter();
        let value = match (values.next(), values.next(), is_in_the_query) {
            (_, _, true) => return Err(Denied::InTheQuery),
            (None, _, _) => return Err(Denied::Unsigned),
            (Some(value), None, _) => value.to_str().map_err(|_| Denied::Unsigned)?,
            (Some(_), Some(_), _) => {
                return Err(Denied::Incomplete("Authorization must be one header."));
            }
        };
        let (algorithm, parameters) = value.split_once(' ').unwrap_or((value, ""));
        match algorithm {
            ALGORITHM => Self::from_parameters(parameters),
            other if other.starts_with("AWS4-") => Err(Denied::Incomplete(
                "Unsupported AWS 'algorithm' (only AWS4-HMAC-SHA256 for now).",
            )),
            _ => Err(Denied::Unsigned),
        }
    }

    fn from_parameters(text: &'a str) -> Result<Self, Denied> {
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for parameter in text.split(',') {
            let (name, value) =
                parameter
                    .trim_ascii()
                    .split_once('=')
                    .ok_or(Denied::Incomplete(
                        "Authorization must be key=value pairs (missing equal-sign).",
                    ))?;
            let place = match name {
                "Credential" => &mut credential,
                "SignedHeaders" => &mut signed_headers,
                "Signature" => &mut signature,
                _ => {
                    return Err(Denied::Incomplete(
                        "Authorization has an unknown parameter.",
                    ));
                }
            };
            if place.replace(value).is_some() {
                return Err(Denied::Incomplete("Authorization has a parameter twice."));
            }
        }
        let required = |name: &'static str| Denied::Incomplete(name);
        Ok(Self {
            credential: credential.ok_or(required(
                "Authorization header requires 'Credential' parameter.",
            ))?,
            signed_headers: signed_headers.ok_or(required(
                "Authorization header requires 'SignedHeaders' parameter.",
            ))?,
            signature: signature.ok_or(required(
                "Authorization header requires 'Signature' parameter.",
            ))?,
        })
    }
}

/// A signed URL is a credential that others can pass on for a week, and no client that asks
/// for a token needs one. AWS takes it; here it is refused in words that say so.
fn is_signed_in_the_query(query: &str) -> bool {
    const NAMES: [&str; 3] = ["x-amz-algorithm", "x-amz-credential", "x-amz-signature"];
    form_urlencoded::parse(query.as_bytes())
        .any(|(name, _)| NAMES.iter().any(|own| name.eq_ignore_ascii_case(own)))
}

/// Assumption: the Date header, which AWS takes in its place, is not enough.
fn fresh_date(headers: &HeaderMap, now: AmzDate) -> Result<AmzDate, Denied> {
    let mut values = headers.get_all(DATE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Denied::Incomplete(
            "Authorization header requires existence of one 'X-Amz-Date' header.",
        ));
    };
    let text = value.to_str().unwrap_or_default();
    let signed = AmzDate::parse(text).ok_or(Denied::Incomplete(
        "Date must be in ISO-8601 'basic format'.",
    ))?;
    if signed.is_earlier_than(now.before(CLOCK_SKEW)) {
        return Err(Denied::Expired { signed, now });
    }
    if now.after(CLOCK_SKEW).is_earlier_than(signed) {
        return Err(Denied::NotYet { signed, now });
    }
    Ok(signed)
}

/// The list, checked against what was received (IAM User Guide, "Create a signed AWS API
/// request": `host` and every `x-amz-…` header must be signed).
fn signed_headers(list: &str, received: &HeaderMap) -> Result<Vec<HeaderName>, Denied> {
    let names: Vec<&str> = list.split(';').collect();
    let in_order = names.windows(2).all(|pair| pair[0] < pair[1]);
    let headers: Option<Vec<_>> = names.iter().map(|name| lower_case(name)).collect();
    let headers = headers.filter(|_| in_order).ok_or(Denied::Incomplete(
        "'SignedHeaders' must be names in lower case, in order, each once.",
    ))?;
    if !headers.contains(&header::HOST) {
        return Err(Denied::Invalid(
            "'Host' must be a 'SignedHeader' in the AWS Authorization.",
        ));
    }
    let is_signed = |name: &HeaderName| headers.contains(name);
    if received
        .keys()
        .any(|name| name.as_str().starts_with("x-amz-") && !is_signed(name))
    {
        return Err(Denied::Invalid(
            "There were x-amz- headers present in the request which were not signed.",
        ));
    }
    // It would be signed by what it holds itself.
    if is_signed(&header::AUTHORIZATION) || !headers.iter().all(|name| received.contains_key(name))
    {
        return Err(Denied::Mismatch);
    }
    Ok(headers)
}

fn lower_case(name: &str) -> Option<HeaderName> {
    let parsed = HeaderName::from_bytes(name.as_bytes()).ok()?;
    (parsed.as_str() == name).then_some(parsed)
}

/// `KEY/YYYYMMDD/REGION/SERVICE/aws4_request`.
fn check_credential(
    credential: &str,
    date: AmzDate,
    of: Service,
    key: &AccessKey,
) -> Result<(), Denied> {
    let parts: Vec<&str> = credential.split('/').collect();
    let [id, day, region, service, terminator] = parts[..] else {
        return Err(Denied::Incomplete(
            "Credential must have exactly 5 slash-delimited elements, e.g. \
             keyid/date/region/service/term.",
        ));
    };
    let scope = [
        (
            region == key.region,
            "Credential should be scoped to a valid region.",
        ),
        (service == of.name(), of.another()),
        (
            terminator == TERMINATOR,
            "Credential should be scoped with a valid terminator: 'aws4_request'.",
        ),
        (
            day == date.day(),
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
             from HTTP.",
        ),
    ];
    if let Some((_, message)) = scope.into_iter().find(|(holds, _)| !holds) {
        return Err(Denied::Invalid(message));
    }
    if id == key.id {
        Ok(())
    } else {
        Err(Denied::UnknownKey)
    }
}
