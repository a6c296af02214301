//! The headers of a signed request: a list of names, each once whatever its case, and values
//! that are one printable line. What a name can only be, it must be.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::rules::ServerId;
use super::unfit::{IDENTITY_REQUEST_BODY, UnfitRequest, quoted, unfit};
use crate::digest::sha256;
use crate::encoding::hex;
use crate::secret::SecretString;

/// The signed header in which a caller names this broker.
pub const SERVER_ID_HEADER: &str = "x-m365tb-server-id";

const ACCEPT: &str = "accept";
const AUTHORIZATION: &str = "authorization";
const CONTENT_LENGTH: &str = "content-length";
const CONTENT_SHA256: &str = "x-amz-content-sha256";
const CONTENT_TYPE: &str = "content-type";
const DATE: &str = "x-amz-date";
const HOST: &str = "host";
const SECURITY_TOKEN: &str = "x-amz-security-token";

/// Every header that is taken: nothing else that STS could read goes out in our name.
const TAKEN: [&str; 9] = [
    ACCEPT,
    AUTHORIZATION,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    HOST,
    CONTENT_SHA256,
    DATE,
    SECURITY_TOKEN,
    SERVER_ID_HEADER,
];

/// STS answers in XML by default. JSON has one reading.
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const FORM_UTF8: &str = "application/x-www-form-urlencoded; charset=utf-8";
/// The longest value, in bytes.
const VALUE_MAX: usize = 12 * 1024;

/// The headers, by their names in lower case. The three that must be there are.
pub(super) struct Headers<'a> {
    values: BTreeMap<&'static str, &'a str>,
    authorization: &'a str,
    date: &'a str,
}

impl<'a> Headers<'a> {
    /// Reads them, for a request to `host`.
    pub(super) fn read(headers: &'a Map<String, Value>, host: &str) -> Result<Self, UnfitRequest> {
        let mut values = BTreeMap::new();
        for (name, value) in headers {
            let taken = taken(name).ok_or_else(|| {
                unfit(format!(
                    "the signed request has the header {}: taken are {} alone",
                    quoted(name),
                    TAKEN.join(", ")
                ))
            })?;
            let value = one_line(value)
                .ok_or_else(|| unfit(format!("{taken} is not one line of printable ASCII")))?;
            check(taken, value, host)?;
            if values.insert(taken, value).is_some() {
                return Err(unfit(format!("{taken} stands twice in the signed request")));
            }
        }
        let required = |name: &str| {
            let value = values.get(name).copied();
            value.ok_or_else(|| unfit(format!("the signed request has no {name}")))
        };
        Ok(Self {
            authorization: required(AUTHORIZATION)?,
            date: required(DATE)?,
            values,
        })
    }

    pub(super) fn authorization(&self) -> &'a str {
        self.authorization
    }

    pub(super) fn date(&self) -> &'a str {
        self.date
    }

    /// Fails closed because a proof that names another service was made for that one.
    pub(super) fn check_server_id(&self, expected: &ServerId) -> Result<(), UnfitRequest> {
        let expected = expected.as_str();
        match self.values.get(SERVER_ID_HEADER) {
            Some(came) if *came == expected => Ok(()),
            Some(came) => Err(unfit(format!(
                "the signed request is for another service: its {SERVER_ID_HEADER} is {}, and \
                 here it must be {}",
                quoted(came),
                quoted(expected)
            ))),
            None => Err(unfit(format!(
                "the signed request names no service: sign the header {SERVER_ID_HEADER} with the \
                 value {}",
                quoted(expected)
            ))),
        }
    }

    /// Every header is signed, and each signed one is here: `host` is the URL's.
    pub(super) fn check_signed(&self, signed: &[&str]) -> Result<(), UnfitRequest> {
        let mut names: Vec<&str> = self.values.keys().copied().collect();
        names.retain(|name| *name != AUTHORIZATION && *name != HOST);
        names.push(HOST);
        names.sort_unstable();
        if let Some(unsigned) = names.iter().find(|name| !signed.contains(name)) {
            return Err(unfit(format!(
                "{unsigned} is not signed: SignedHeaders must name every header"
            )));
        }
        if let Some(unknown) = signed.iter().find(|name| !names.contains(name)) {
            return Err(unfit(format!(
                "SignedHeaders names {}, which the signed request does not have",
                quoted(unknown)
            )));
        }
        // Equal as sets: what is left is an order of one's own, or a name twice.
        match names == signed {
            true => Ok(()),
            false => Err(unfit(
                "SignedHeaders are not in lower case and in order, each once",
            )),
        }
    }

    /// What is sent, with what STS needs and the caller may have left out.
    pub(super) fn outgoing(&self) -> Vec<(&'static str, SecretString)> {
        let mut sent = self.values.clone();
        sent.retain(|name, _| ![HOST, CONTENT_LENGTH].contains(name));
        sent.entry(ACCEPT).or_insert(JSON);
        sent.entry(CONTENT_TYPE).or_insert(FORM);
        let sent = sent.into_iter();
        sent.map(|(name, value)| (name, value.into())).collect()
    }
}

fn taken(name: &str) -> Option<&'static str> {
    let mut taken = TAKEN.into_iter();
    taken.find(|taken| name.eq_ignore_ascii_case(taken))
}

/// A text without line breaks, controls or anything that is not ASCII, and without a blank at
/// its ends: one that no reader on the way takes for two headers, or for another value.
fn one_line(value: &Value) -> Option<&str> {
    let text = value.as_str()?;
    let is_plain = text.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    let fits = (1..=VALUE_MAX).contains(&text.len()) && text.trim_ascii() == text;
    (is_plain && fits).then_some(text)
}

/// What a header can only be where the method and the body are ours.
fn check(name: &'static str, value: &str, host: &str) -> Result<(), UnfitRequest> {
    let expected: &[&str] = match name {
        ACCEPT => &[JSON],
        CONTENT_LENGTH => &["43"],
        CONTENT_TYPE => &[FORM, FORM_UTF8],
        CONTENT_SHA256 => return check_hash(value),
        HOST => &[host],
        _ => return Ok(()),
    };
    match expected.contains(&value) {
        true => Ok(()),
        false => Err(unfit(format!(
            "{name} of the signed request is {}: expected is {}",
            quoted(value),
            expected.join(" or ")
        ))),
    }
}

fn check_hash(value: &str) -> Result<(), UnfitRequest> {
    match value == hex(&sha256(IDENTITY_REQUEST_BODY.as_bytes())) {
        true => Ok(()),
        false => Err(unfit(format!(
            "{CONTENT_SHA256} is not the hash of the body {IDENTITY_REQUEST_BODY}"
        ))),
    }
}
