//! The bearer token, judged as the API judges it: signed by this authority, for the
//! management API under any of its names, alive, of the tenant in the path.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use uuid::Uuid;

use super::errors::{Refused, UNAUTHORIZED};
use crate::authority::issuer_v1;
use crate::directory::resources::Resource;
use crate::keys::SigningKey;

/// Whom a token speaks for.
#[derive(Debug)]
pub(crate) struct Bearer {
    pub(crate) tenant: Uuid,
    pub(crate) client: Uuid,
    /// Application roles, and the scopes of a token that is a person's.
    pub(crate) permissions: Vec<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
}

#[derive(Deserialize)]
struct Claims {
    aud: String,
    iss: String,
    exp: u64,
    nbf: u64,
    tid: Uuid,
    appid: Uuid,
    #[serde(default)]
    roles: Vec<String>,
    #[serde(default)]
    scp: String,
}

impl Bearer {
    /// The token of a request. Fails closed because whatever is not understood proves nothing.
    pub(crate) fn check(headers: &HeaderMap, key: &SigningKey, now: u64) -> Result<Self, Refused> {
        let claims = token(headers).and_then(|token| verified(token, key));
        let claims = claims.filter(|claims| claims.hold_at(now));
        let claims = claims.ok_or(&UNAUTHORIZED)?;
        let scopes = claims.scp.split(' ').filter(|scope| !scope.is_empty());
        let mut permissions = claims.roles;
        permissions.extend(scopes.map(str::to_owned));
        Ok(Self {
            tenant: claims.tid,
            client: claims.appid,
            permissions,
        })
    }
}

impl Claims {
    /// To the second. Assumption `bearer-without-skew`.
    fn hold_at(&self, now: u64) -> bool {
        let for_us = Resource::find(&self.aud).is_some_and(Resource::is_management);
        for_us
            && self.iss == issuer_v1(&self.tid.to_string())
            && (self.nbf..self.exp).contains(&now)
    }
}

fn token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then_some(token.trim())
}

fn verified(token: &str, key: &SigningKey) -> Option<Claims> {
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
    if header.alg != "RS256" {
        return None;
    }
    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key())
        .verify(signed.as_bytes(), &decode(signature)?)
        .ok()?;
    serde_json::from_slice(&decode(claims)?).ok()
}
