//! What an ID token says that passes every check, and tokens that are not what they seem.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::fake::{CLIENT, FakeAuthority, KID, NONCE, NOW, TENANT, part};

pub(crate) fn id_claims(authority: &FakeAuthority) -> Value {
    json!({
        "iss": format!("{}/{TENANT}/v2.0", authority.base_url()),
        "aud": CLIENT,
        "tid": TENANT,
        "nonce": NONCE,
        "exp": NOW + 3600,
        "nbf": NOW - 300,
        "preferred_username": "admin@contoso.onmicrosoft.com",
        "wids": ["62e90394-69f5-4237-9190-012177145e10"],
    })
}

pub(crate) fn with(mut claims: Value, name: &str, value: Value) -> Value {
    claims[name] = value;
    claims
}

pub(crate) fn unsigned(claims: &Value) -> String {
    let encode = |value: &Value| auth::encoding::base64url(value.to_string().as_bytes());
    format!(
        "{}.{}.",
        encode(&json!({"alg": "none", "kid": KID})),
        encode(claims)
    )
}

/// Properly signed under the authority's key, with these words in the header besides.
pub(crate) fn under(authority: &FakeAuthority, more: Value, claims: &Value) -> String {
    let mut header = json!({"alg": "RS256", "kid": KID});
    for (name, value) in more.as_object().unwrap() {
        header[name] = value.clone();
    }
    let algorithm = header["alg"].as_str().unwrap().parse().unwrap();
    let encoded = |value: &Value| auth::encoding::base64url(value.to_string().as_bytes());
    let signed = format!("{}.{}", encoded(&header), encoded(claims));
    let signature = jsonwebtoken::crypto::sign(signed.as_bytes(), &authority.key, algorithm);
    format!("{signed}.{}", signature.unwrap())
}

pub(crate) fn hmac(authority: &FakeAuthority, claims: &Value) -> String {
    let header = Header {
        kid: Some(KID.to_owned()),
        ..Header::new(Algorithm::HS256)
    };
    let key = EncodingKey::from_secret(&authority.modulus);
    jsonwebtoken::encode(&header, claims, &key).unwrap()
}

pub(crate) fn tampered(token: &str) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let mut claims = part(token, 1);
    claims["preferred_username"] = json!("somebody@else.example");
    let payload = auth::encoding::base64url(claims.to_string().as_bytes());
    format!("{}.{payload}.{}", parts[0], parts[2])
}
