//! Who signed in: the checks of the token that a code was redeemed for (OpenID
//! Connect Core 1.0 §3.1.3.7, with Entra ID's rules for many tenants).
//!
//! The signature is checked with the authority's published keys, `iss` must be the
//! authority's template with this token's own `tid`, and the key must be one for that
//! issuer: else the key of the consumers' tenant could sign for everybody. Times are
//! checked against our clock, not the system's.

use auth::ports::{Clock, SignedIn};
use auth::{ClientId, Resource, TenantId};
use jsonwebtoken::Algorithm;
use serde::Deserialize;

use super::issuer_keys::IssuerKeys;
use super::jws_header::UnverifiedHeader;
use super::key_error::{KeyError, Unavailable};
use super::token_times::check_times;
use super::wire::{OneOrMany, Seconds, list_or_none};

/// What Entra ID's own libraries allow for clocks that differ.
const LEEWAY_SECONDS: i64 = 300;

/// Which check failed. Names no part of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenRefused {
    /// Not a signed JWT with a key id and RS256, or with extensions that we do not know.
    #[error("not a plain JWT signed with RS256")]
    Form,
    /// The authority publishes no such key.
    #[error("signed with a key that the authority does not publish")]
    UnknownKey,
    /// The keys cannot be fetched.
    #[error("the authority's keys cannot be fetched")]
    KeysUnavailable(Unavailable),
    /// The signature does not match.
    #[error("the signature does not match")]
    Signature,
    /// For somebody else.
    #[error("another audience or client")]
    Audience,
    /// By somebody else.
    #[error("another issuer")]
    Issuer,
    /// Without an end, or with one that is not a time.
    #[error("no exp that is a time")]
    NoEnd,
    /// Over, or not begun.
    #[error("outside its validity")]
    Time,
    /// Of another sign-in.
    #[error("another nonce")]
    Nonce,
}

/// Whether a version's key set says of each key for which issuer it signs. Source:
/// Microsoft.IdentityModel.Validators, which looks for it in both and finds it in v2's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum KeysNameIssuer {
    /// v2: every key does.
    Always,
    /// v1: none does. One that did would be held to its word.
    NotNeeded,
}

#[derive(Deserialize)]
pub(crate) struct Claims {
    iss: String,
    aud: OneOrMany,
    tid: TenantId,
    #[serde(default)]
    exp: Seconds,
    #[serde(default)]
    nbf: Seconds,
    #[serde(default)]
    nonce: Option<String>,
    #[serde(default)]
    appid: Option<String>,
    #[serde(default)]
    oid: Option<String>,
    #[serde(default)]
    preferred_username: Option<String>,
    #[serde(default)]
    upn: Option<String>,
    #[serde(default, deserialize_with = "list_or_none")]
    wids: Option<Vec<String>>,
    #[serde(default)]
    scp: Option<String>,
}

impl From<Claims> for SignedIn {
    fn from(claims: Claims) -> Self {
        SignedIn {
            tenant: claims.tid,
            // It names the person in the log and decides nothing.
            person: claims.oid.and_then(|oid| oid.parse().ok()),
            username: claims.preferred_username.or(claims.upn),
            directory_roles: claims.wids,
            delegated_scopes: claims
                .scp
                .iter()
                .flat_map(|scopes| scopes.split_whitespace())
                .map(str::to_owned)
                .collect(),
        }
    }
}

/// Checks the ID token of the v2 endpoint.
pub(crate) async fn check_id_token(
    token: &str,
    keys: &IssuerKeys,
    client_id: ClientId,
    nonce: &str,
    clock: &dyn Clock,
) -> Result<SignedIn, TokenRefused> {
    let claims = check_signed(token, keys, KeysNameIssuer::Always, clock).await?;
    if !claims.aud.contains(&client_id.to_string()) {
        return Err(TokenRefused::Audience);
    }
    if claims.nonce.as_deref() != Some(nonce) {
        return Err(TokenRefused::Nonce);
    }
    Ok(claims.into())
}

/// Checks the access token of the v1 flow: its ID token is unsigned as Microsoft
/// documents it, so that the tenant can only come from this one, as the page of 2016
/// says.
pub(crate) async fn check_access_token(
    token: &str,
    keys: &IssuerKeys,
    client_id: ClientId,
    resource: &Resource,
    clock: &dyn Clock,
) -> Result<SignedIn, TokenRefused> {
    let claims = check_signed(token, keys, KeysNameIssuer::NotNeeded, clock).await?;
    let for_resource = match &claims.aud {
        OneOrMany::One(audience) => resource.is_audience(audience),
        OneOrMany::Many(_) | OneOrMany::None => false,
    };
    if !for_resource || claims.appid != Some(client_id.to_string()) {
        return Err(TokenRefused::Audience);
    }
    Ok(claims.into())
}

/// The nonce of an ID token whose signature is not looked at: only ever used to
/// refuse, never to accept.
pub(crate) fn unverified_nonce(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Nonce {
        nonce: Option<String>,
    }
    let payload = auth::encoding::from_base64url(token.split('.').nth(1)?)?;
    serde_json::from_slice::<Nonce>(&payload).ok()?.nonce
}

async fn check_signed(
    token: &str,
    keys: &IssuerKeys,
    keys_name_issuer: KeysNameIssuer,
    clock: &dyn Clock,
) -> Result<Claims, TokenRefused> {
    let header = UnverifiedHeader::read(token, &[Algorithm::RS256]);
    let header = header.map_err(|_| TokenRefused::Form)?;
    let (template, published) = keys.key(&header.kid).await.map_err(|error| match error {
        KeyError::Unknown => TokenRefused::UnknownKey,
        KeyError::Unavailable(why) => TokenRefused::KeysUnavailable(why),
    })?;
    let claims: Claims = published
        .verified(token, header.algorithm)
        .map_err(|_| TokenRefused::Signature)?;
    let issuer = |template: &str| template.replace("{tenantid}", &claims.tid.to_string());
    let key_is_for_issuer = match published.issuer.as_deref() {
        Some(of_key) => issuer(of_key) == claims.iss,
        // Fails closed because a key that does not say so could be the consumers' own.
        None => keys_name_issuer == KeysNameIssuer::NotNeeded,
    };
    if claims.iss != issuer(&template) || !key_is_for_issuer {
        return Err(TokenRefused::Issuer);
    }
    if claims.exp.0.is_none() {
        return Err(TokenRefused::NoEnd);
    }
    check_times(claims.exp, claims.nbf, LEEWAY_SECONDS, clock.now())
        .then_some(claims)
        .ok_or(TokenRefused::Time)
}
