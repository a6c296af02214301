//! Whether a signature is right. aws-sigv4 signs; to verify is to sign what was received
//! with our own secret and to compare in constant time. It is AWS's own implementation of
//! the canonical request, so that what it makes of a path or a query is what AWS's
//! clients make of it.

use aws_credential_types::Credentials;
use aws_lc_rs::{constant_time::verify_slices_are_equal, digest};
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use axum::http::{HeaderMap, HeaderName, request::Parts};
use secrecy::ExposeSecret as _;

use super::{access_key::AccessKey, authorization::Signed, denied::Denied};
use crate::{event::percent_decoded, headers::text, refusal::GatewayRefusal};

const CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// Refuses what this key has not signed as it stands.
pub(crate) fn verify(
    signed: &Signed,
    parts: &Parts,
    body: &[u8],
    key: &AccessKey,
) -> Result<(), Denied> {
    check_stated_hash(&parts.headers, body)?;
    let ours = signature(signed, parts, body, key)?;
    // Both are text: another case or length is another signature.
    verify_slices_are_equal(ours.as_bytes(), signed.signature.as_bytes())
        .map_err(|_| Denied::Mismatch)
}

/// The payload is always signed by its real hash. A hash that is stated must be that one:
/// `UNSIGNED-PAYLOAD` is S3's, and Lambda takes no unsigned payload (Amazon CloudFront,
/// "Restrict access to an AWS Lambda function URL origin").
fn check_stated_hash(headers: &HeaderMap, body: &[u8]) -> Result<(), Denied> {
    let mut stated = headers.get_all(CONTENT_SHA256).iter().peekable();
    if stated.peek().is_none() {
        return Ok(());
    }
    let real = hexadecimal(digest::digest(&digest::SHA256, body).as_ref());
    if stated.all(|stated| stated.as_bytes() == real.as_bytes()) {
        Ok(())
    } else {
        Err(Denied::Mismatch)
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The signature that this key makes for what was received, as far as it was signed.
fn signature(
    signed: &Signed,
    parts: &Parts,
    body: &[u8],
    key: &AccessKey,
) -> Result<String, Denied> {
    let mut headers = Vec::new();
    for name in &signed.headers {
        for value in parts.headers.get_all(name) {
            headers.push((name.as_str(), text(value)?));
        }
    }
    let request = SignableRequest::new(
        parts.method.as_str(),
        received_url(parts)?,
        headers.into_iter(),
        SignableBody::Bytes(body),
    )
    .map_err(|_| GatewayRefusal::BadRequest)?;
    let secret = key.secret.expose_secret();
    let identity = Credentials::new(&key.id, secret, None, None, "access-key.json").into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(&key.region)
        .name(signed.service.name())
        .time(signed.date.system_time())
        .settings(settings())
        .build()
        .map_err(|_| Denied::Mismatch)?;
    let output = sign(request, &parameters.into()).map_err(|_| Denied::Mismatch)?;
    Ok(output.into_parts().1)
}

/// The path is normalised and encoded twice, as by every service but S3 (the crate's
/// defaults); no header is left out of those that were signed.
fn settings() -> SigningSettings {
    let mut settings = SigningSettings::default();
    settings.excluded_headers = None;
    settings
}

/// The path and the query as received. A query that is not UTF-8 when decoded has several
/// meanings with one canonical form: assumption, refused.
fn received_url(parts: &Parts) -> Result<String, GatewayRefusal> {
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    if percent_decoded(query).is_none() {
        return Err(GatewayRefusal::BadRequest);
    }
    // Host is signed as the header that was received; the name here is no part of it.
    Ok(match query {
        "" => format!("https://localhost{path}"),
        query => format!("https://localhost{path}?{query}"),
    })
}
