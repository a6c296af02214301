//! The client assertion (private_key_jwt, RFC 7523 §3; Microsoft: certificate
//! credentials): a JWT signed with the certificate's key, fresh for every request.
//!
//! `PS256` with `x5t#S256` is what Microsoft asks for today, `RS256` with `x5t` the
//! form of 2016. Thumbprints are base64url without padding.

use auth::ClientId;
use auth::Timestamp;
use auth::encoding::base64url;
use auth::ports::Random;
use auth::protocol::AssertionForm;
use auth::secret::SecretString;
use serde::Serialize;

use crate::certificate::{SigningFailed, SigningKey};

/// `exp` − `nbf`; Microsoft asks for 5 to 10 minutes.
const LIFE_SECONDS: i64 = 600;
/// `nbf` lies this far back, for a clock of ours that runs ahead.
const BACKDATED_SECONDS: i64 = 30;

#[derive(Serialize)]
struct Header<'a> {
    alg: &'a str,
    typ: &'a str,
    #[serde(rename = "x5t", skip_serializing_if = "Option::is_none")]
    sha1_thumbprint: Option<&'a str>,
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    sha256_thumbprint: Option<&'a str>,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    iss: &'a str,
    sub: &'a str,
    jti: String,
    nbf: i64,
    exp: i64,
    iat: i64,
}

/// Signs an assertion for `audience`, the URL of the token endpoint that it is sent to.
pub(crate) fn sign(
    key: &SigningKey,
    form: AssertionForm,
    client_id: ClientId,
    audience: &str,
    now: Timestamp,
    random: &dyn Random,
) -> Result<SecretString, SigningFailed> {
    let client_id = client_id.to_string();
    let header = match form {
        AssertionForm::Ps256 => Header {
            alg: "PS256",
            typ: "JWT",
            sha1_thumbprint: None,
            sha256_thumbprint: Some(key.sha256_thumbprint()),
        },
        AssertionForm::Rs256 => Header {
            alg: "RS256",
            typ: "JWT",
            sha1_thumbprint: Some(key.sha1_thumbprint()),
            sha256_thumbprint: None,
        },
    };
    let not_before = now.unix() - BACKDATED_SECONDS;
    let claims = Claims {
        aud: audience,
        iss: &client_id,
        sub: &client_id,
        jti: random_guid(random),
        nbf: not_before,
        exp: not_before + LIFE_SECONDS,
        iat: now.unix(),
    };
    let signed = format!("{}.{}", part(&header), part(&claims));
    let signature = key.sign(form, signed.as_bytes())?;
    Ok(format!("{signed}.{}", base64url(&signature)).into())
}

fn part(value: &impl Serialize) -> String {
    // Structs of strings and numbers: they always serialise.
    base64url(&serde_json::to_vec(value).unwrap_or_default())
}

/// A fresh GUID (RFC 9562 §5.4), in lower case with hyphens.
pub(crate) fn random_guid(random: &dyn Random) -> String {
    let mut bytes = [0u8; 16];
    random.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes)
        .into_uuid()
        .to_string()
}
