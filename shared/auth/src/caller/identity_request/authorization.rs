//! The `Authorization` header of Signature Version 4: its three parameters, each once and in
//! the one form that signers write (IAM User Guide, "Create a signed AWS API request").

use super::amz_date::AmzDate;
use super::unfit::{UnfitRequest, quoted, unfit};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const SERVICE: &str = "sts";
const TERMINATOR: &str = "aws4_request";

/// The header, read.
pub(super) struct Authorization<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) signed_headers: Vec<&'a str>,
    day: &'a str,
    region: &'a str,
    service: &'a str,
    terminator: &'a str,
}

const FORM: &str = "Authorization of the signed request is not AWS4-HMAC-SHA256 \
                    Credential=KEY/DAY/REGION/sts/aws4_request, SignedHeaders=…, Signature=64 \
                    hexadecimal digits";

impl<'a> Authorization<'a> {
    pub(super) fn read(value: &'a str) -> Result<Self, UnfitRequest> {
        Self::parts(value).ok_or_else(|| unfit(FORM))
    }

    fn parts(value: &'a str) -> Option<Self> {
        let (algorithm, parameters) = value.split_once(' ')?;
        let parameters: Vec<&str> = parameters.split(',').map(str::trim_ascii).collect();
        let [credential, signed_headers, signature] = parameters[..] else {
            return None;
        };
        let credential: Vec<&str> = credential.strip_prefix("Credential=")?.split('/').collect();
        let [access_key_id, day, region, service, terminator] = credential[..] else {
            return None;
        };
        let signature = signature.strip_prefix("Signature=")?;
        let is_sound = algorithm == ALGORITHM && is_key_id(access_key_id) && is_hash(signature);
        let signed_headers = signed_headers.strip_prefix("SignedHeaders=")?;
        is_sound.then(|| Self {
            access_key_id,
            signed_headers: signed_headers.split(';').collect(),
            day,
            region,
            service,
            terminator,
        })
    }

    /// The scope is the one of the place to which the request goes, on its own day.
    pub(super) fn check_scope(&self, date: &AmzDate<'_>, region: &str) -> Result<(), UnfitRequest> {
        let scope = [
            ("region", self.region, region),
            ("service", self.service, SERVICE),
            ("end", self.terminator, TERMINATOR),
            ("day", self.day, date.day),
        ];
        match scope
            .into_iter()
            .find(|(_, came, expected)| came != expected)
        {
            None => Ok(()),
            Some((what, came, expected)) => Err(unfit(format!(
                "the {what} in the signed request's Credential is {}: expected is {expected}",
                quoted(came)
            ))),
        }
    }
}

/// IAM API reference, `AccessKeyId`: 16 to 128 word characters.
fn is_key_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    (16..=128).contains(&text.len()) && text.bytes().all(allowed)
}

fn is_hash(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == 64 && text.bytes().all(allowed)
}
