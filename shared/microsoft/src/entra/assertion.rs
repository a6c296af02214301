//! The client assertion (private_key_jwt, RFC 7523 §3; Microsoft: certificate
//! credentials): a JWT signed with the certificate's key, fresh for every request.
//!
//! `PS256` with `x5t#S256` is what Microsoft asks for today, `RS256` with `x5t` the
//! form of 2016. Thumbprints are base64url without padding.

use std::borrow::Cow;

use auth::ClientId;
use auth::Timestamp;
use auth::encoding::base64url;
use auth::ports::{AssertionSigner, CertificateIdentity, SigningError};
use auth::protocol::AssertionForm;
use auth::secret::SecretString;
use serde::{Deserialize, Serialize};

/// `exp` − `nbf`; Microsoft asks for 5 to 10 minutes.
const LIFE_SECONDS: i64 = 600;
/// `nbf` lies this far back, for a clock of ours that runs ahead.
const BACKDATED_SECONDS: i64 = 30;

/// `typ` is today's: the form of 2016 has none.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Header<'a> {
    alg: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    typ: Option<Cow<'a, str>>,
    #[serde(default, rename = "x5t", skip_serializing_if = "Option::is_none")]
    sha1_thumbprint: Option<Cow<'a, str>>,
    #[serde(default, rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    sha256_thumbprint: Option<Cow<'a, str>>,
}

/// Times in Unix seconds. `iat` is today's: the form of 2016 has none.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Claims<'a> {
    aud: Cow<'a, str>,
    iss: Cow<'a, str>,
    sub: Cow<'a, str>,
    jti: Cow<'a, str>,
    nbf: i64,
    exp: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    iat: Option<i64>,
}

/// An assertion that is to be signed.
pub(super) struct Assertion<'a> {
    pub(super) form: AssertionForm,
    pub(super) client_id: ClientId,
    /// The URL of the token endpoint that it is sent to.
    pub(super) audience: &'a str,
    /// `jti`: random, and worthless to a reader of the log.
    pub(super) id: &'a str,
    pub(super) issued_at: Timestamp,
}

impl Assertion<'_> {
    /// The JWT, with the signature of `signer`.
    pub(super) async fn signed_by(
        &self,
        signer: &dyn AssertionSigner,
    ) -> Result<SecretString, SigningError> {
        let header = part(&self.header(signer.identity()));
        let signed = format!("{header}.{}", part(&self.claims()));
        let signature = signer.sign(self.form, signed.as_bytes()).await?;
        Ok(format!("{signed}.{}", base64url(&signature)).into())
    }

    fn header<'c>(&self, certificate: &'c CertificateIdentity) -> Header<'c> {
        match self.form {
            AssertionForm::Ps256 => Header {
                alg: "PS256".into(),
                typ: Some("JWT".into()),
                sha1_thumbprint: None,
                sha256_thumbprint: Some(certificate.sha256_thumbprint.as_str().into()),
            },
            AssertionForm::Rs256 => Header {
                alg: "RS256".into(),
                typ: Some("JWT".into()),
                sha1_thumbprint: Some(certificate.sha1_thumbprint.as_str().into()),
                sha256_thumbprint: None,
            },
        }
    }

    fn claims(&self) -> Claims<'_> {
        let client_id = self.client_id.to_string();
        let not_before = self.issued_at.unix() - BACKDATED_SECONDS;
        Claims {
            aud: self.audience.into(),
            iss: client_id.clone().into(),
            sub: client_id.into(),
            jti: self.id.into(),
            nbf: not_before,
            exp: not_before + LIFE_SECONDS,
            iat: Some(self.issued_at.unix()),
        }
    }
}

fn part(value: &impl Serialize) -> String {
    // Structs of strings and numbers: they always serialise.
    base64url(&serde_json::to_vec(value).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use auth::encoding::from_base64url;
    use serde_json::Value;

    use super::*;

    /// The assertion that the page of 2016 prints in full.
    fn sample() -> Value {
        let page = include_str!("../../../../tests/fixtures/get_started_2016.json");
        serde_json::from_str::<Value>(page).unwrap()["sample"].take()
    }

    #[test]
    fn the_sample_assertion_of_the_2016_page_is_of_our_form() {
        let sample = sample();
        let assertion = sample["assertion"].as_str().unwrap();
        let [header, claims, signature]: [Vec<u8>; 3] = assertion
            .split('.')
            .map(|part| from_base64url(part).unwrap())
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        assert_eq!(signature.len(), 256, "a key of 2048 bits");
        let header: Header<'_> = serde_json::from_slice(&header).unwrap();
        let claims: Claims<'_> = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims.exp - claims.nbf, LIFE_SECONDS);
        let thumbprint = header.sha1_thumbprint.as_deref().unwrap();
        assert_eq!(from_base64url(thumbprint).unwrap().len(), 20);
        // Nothing was lost on the way in, and nothing is added on the way out.
        let written = (serde_json::to_value(&header), serde_json::to_value(&claims));
        assert_eq!(written.0.unwrap(), sample["assertion_header"]);
        assert_eq!(written.1.unwrap(), sample["assertion_payload"]);
    }
}
