//! Client assertions (RFC 7523), judged from scratch.
//!
//! Accepts every form that a shipping SDK is known to send to the real service:
//! RS256 and PS256, SHA-1 and SHA-256 thumbprints in either base64 alphabet,
//! padded or not, times as numbers, fractions or strings, `nbf` and `iat`
//! missing, `x5c` in any shape (ignored), the same `jti` again. Refuses
//! everything else. The signature comes first: claims of an assertion that is
//! not proven are never looked at.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::{Map, Value};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::directory::applications::{Application, Certificate};
use crate::errors::{
    ASSERTION_NOT_PROVEN, ASSERTION_OF_ANOTHER_APP, ASSERTION_OUT_OF_TIME, MALFORMED_ASSERTION,
    MISSING_CLAIM, NO_THUMBPRINT, Refusal, SUBJECT_IS_NOT_ISSUER, UNSUPPORTED_ALGORITHM,
    WRONG_AUDIENCE,
};

/// Seconds by which clocks may differ. Assumption `five-minutes-skew`.
pub(crate) const SKEW: f64 = 300.0;

const PADDED_OR_NOT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, PADDED_OR_NOT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, PADDED_OR_NOT);

/// What signs an assertion.
#[derive(Debug, Clone, Copy)]
enum Algorithm {
    Rs256,
    Ps256,
}

/// What an assertion is held against.
pub(crate) struct Expected<'a> {
    pub(crate) application: &'a Application,
    /// Every URL that may stand in `aud`.
    pub(crate) audiences: &'a [String],
    /// Unix seconds by the authority's clock, which a fault can set wrong.
    pub(crate) now: u64,
}

/// A JWT in its parts; nothing of it is proven.
struct UnverifiedAssertion {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signed: String,
    signature: Vec<u8>,
}

/// Accepts the assertion or says why not. `is_removed` picks out
/// key credentials that are registered but have been taken away.
pub(crate) fn verify(
    assertion: &str,
    expected: &Expected<'_>,
    is_removed: impl Fn(&Certificate) -> bool,
) -> Result<(), Refusal> {
    let unverified = UnverifiedAssertion::parse(assertion)
        .ok_or_else(|| malformed("JWT token is malformed."))?;
    let algorithm = unverified.algorithm()?;
    let certificate = find_certificate(&unverified, expected.application, is_removed)?;
    check_signature(&unverified, certificate, algorithm)?;
    check_validity(certificate, expected.now)?;
    check_parties(&unverified.claims, expected)?;
    check_times(&unverified.claims, expected.now)
}

/// The claims of a token that a registered key of the application signed, which has not
/// expired; nothing else of them is judged.
pub(crate) fn signed_claims(
    token: &str,
    application: &Application,
    now: u64,
) -> Option<Map<String, Value>> {
    let unverified = UnverifiedAssertion::parse(token)?;
    let algorithm = unverified.algorithm().ok()?;
    let certificate = find_certificate(&unverified, application, |_| false).ok()?;
    check_signature(&unverified, certificate, algorithm).ok()?;
    check_validity(certificate, now).ok()?;
    Some(unverified.claims)
}

/// Reads a thumbprint in hex or any base64.
pub(crate) fn decode_thumbprint(text: &str) -> Option<Vec<u8>> {
    let from_hex = || {
        let is_hex =
            matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_hex.then(|| {
            (0..text.len())
                .step_by(2)
                .filter_map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
                .collect()
        })
    };
    from_hex().or_else(|| decode_base64(text))
}

impl UnverifiedAssertion {
    fn parse(assertion: &str) -> Option<Self> {
        let (signed, signature) = assertion.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        Some(Self {
            header: decode_object(header)?,
            claims: decode_object(claims)?,
            signed: signed.to_owned(),
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// Assumption `any-algorithm-with-any-thumbprint`.
    fn algorithm(&self) -> Result<Algorithm, Refusal> {
        let name = self.header.get("alg").and_then(Value::as_str);
        match name.ok_or_else(|| malformed("The header has no alg."))? {
            "RS256" => Ok(Algorithm::Rs256),
            "PS256" => Ok(Algorithm::Ps256),
            other => Err(UNSUPPORTED_ALGORITHM.because(format!(
                "Invalid JWT token. '{other}' is not a supported signature algorithm. Supported \
                 signing algorithms are: 'RS256, PS256'."
            ))),
        }
    }
}

fn find_certificate<'a>(
    unverified: &UnverifiedAssertion,
    application: &'a Application,
    is_removed: impl Fn(&Certificate) -> bool,
) -> Result<&'a Certificate, Refusal> {
    let thumbprint = |name: &str| unverified.header.get(name).and_then(Value::as_str);
    type Digest = fn(&Certificate) -> &Vec<u8>;
    let (text, digest): (_, Digest) = match (thumbprint("x5t#S256"), thumbprint("x5t")) {
        (Some(text), _) => (text, |known| &known.sha256),
        (None, Some(text)) => (text, |known| &known.sha1),
        (None, None) => {
            return Err(NO_THUMBPRINT.because(
                "Invalid JWT token. No certificate SHA-1 thumbprint, certificate SHA-256 \
                 thumbprint, nor keyId specified in token header.",
            ));
        }
    };
    let wanted = decode_base64(text).ok_or_else(|| malformed("The thumbprint is not base64."))?;
    application
        .certificates
        .iter()
        .find(|known| *digest(known) == wanted)
        .filter(|known| !is_removed(known))
        .ok_or_else(|| not_proven("The key was not found.", &wanted))
}

fn check_signature(
    unverified: &UnverifiedAssertion,
    certificate: &Certificate,
    algorithm: Algorithm,
) -> Result<(), Refusal> {
    let key = match algorithm {
        Algorithm::Rs256 => &certificate.rs256,
        Algorithm::Ps256 => &certificate.ps256,
    };
    key.verify_sig(unverified.signed.as_bytes(), &unverified.signature)
        .map_err(|_| {
            let reason = "Key was found, but use of the key to verify the signature failed.";
            not_proven(reason, &certificate.sha1)
        })
}

/// The service says 700027 and these words of a registered certificate past its end,
/// as reported again and again (Microsoft's own support pages among them).
fn check_validity(certificate: &Certificate, now: u64) -> Result<(), Refusal> {
    let expired = i64::try_from(now).is_ok_and(|now| now > certificate.not_after);
    if expired {
        return Err(not_proven("The key used is expired.", &certificate.sha1));
    }
    Ok(())
}

fn check_parties(claims: &Map<String, Value>, expected: &Expected<'_>) -> Result<(), Refusal> {
    for name in ["iss", "aud"] {
        if claims.get(name).is_none_or(Value::is_null) {
            return Err(missing_claim(name));
        }
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    if text("iss") != text("sub") {
        return Err(SUBJECT_IS_NOT_ISSUER
            .because("Subject mismatches Issuer claim in the client assertion."));
    }
    let client_id = expected.application.client_id().to_string();
    if !text("iss").eq_ignore_ascii_case(&client_id) {
        return Err(ASSERTION_OF_ANOTHER_APP.because(format!(
            "Client assertion application identifier doesn't match 'client_id' parameter '{client_id}'."
        )));
    }
    // Assumption `assertion-audience`.
    if !expected.audiences.iter().any(|known| known == text("aud")) {
        return Err(WRONG_AUDIENCE.because(format!(
            "Client assertion audience claim does not match Realm issuer. Expected one of: {}.",
            expected.audiences.join(", "),
        )));
    }
    Ok(())
}

fn check_times(claims: &Map<String, Value>, unix_now: u64) -> Result<(), Refusal> {
    let now = unix_now as f64;
    let not_before = claims.get("nbf").map_or(Some(0.0), numeric_date);
    let expires_at = claims.get("exp").and_then(numeric_date);
    match (not_before, expires_at) {
        (Some(not_before), Some(expires_at))
            if now + SKEW >= not_before && now - SKEW < expires_at =>
        {
            Ok(())
        }
        // Without exp too: the service then gives its end as 1970 (recorded in
        // MSAL.NET's tests). Its own SDKs leave out nbf or iat, and repeat jti.
        (not_before, expires_at) => Err(ASSERTION_OUT_OF_TIME.because(format!(
            "Client assertion is not within its valid time range. Current time: {}, assertion valid \
             from {}, expiry time of assertion {}.",
            iso(now),
            iso(not_before.unwrap_or_default()),
            iso(expires_at.unwrap_or_default()),
        ))),
    }
}

/// A NumericDate as SDKs write it: integer, fraction or digits in a string.
pub(crate) fn numeric_date(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.parse().ok(),
        _ => value.as_f64(),
    }
    .filter(|seconds: &f64| seconds.is_finite())
}

fn iso(unix_seconds: f64) -> String {
    OffsetDateTime::from_unix_timestamp(unix_seconds as i64)
        .ok()
        .and_then(|moment| moment.format(&Rfc3339).ok())
        .unwrap_or_else(|| unix_seconds.to_string())
}

fn decode_object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    URL_SAFE
        .decode(text)
        .or_else(|_| STANDARD.decode(text))
        .ok()
}

fn missing_claim(name: &str) -> Refusal {
    MISSING_CLAIM.because(format!(
        "The required field '{name}' is missing from the credential. Ensure that you have all \
         the necessary parameters for the login request."
    ))
}

fn malformed(why: &str) -> Refusal {
    MALFORMED_ASSERTION.because(format!("Invalid JWT token. {why}"))
}

fn not_proven(reason: &str, thumbprint: &[u8]) -> Refusal {
    let hex: String = thumbprint
        .iter()
        .map(|byte| format!("{byte:02X}"))
        .collect();
    ASSERTION_NOT_PROVEN.because(format!(
        "The certificate with identifier used to sign the client assertion is not registered on \
         application. [Reason - {reason}, Thumbprint of key used by client: '{hex}']"
    ))
}
