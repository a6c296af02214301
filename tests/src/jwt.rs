//! A JWT in its parts, taken apart and put together. Nothing is verified: what a party
//! wrote, not whether it is true.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// The payload.
pub fn claims(token: &str) -> Value {
    part(token, 1)
}

/// Header (0) or claims (1).
pub fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).expect("a JWT has three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// A JWT of these parts (RFC 7515 §7.1).
pub fn compact(header: &Value, claims: &Value, signature: &str) -> String {
    format!("{}.{signature}", message(header, claims))
}

/// A JWT with the signature that `sign` makes.
pub fn signed(header: &Value, claims: &Value, sign: impl FnOnce(&[u8]) -> String) -> String {
    let signature = sign(message(header, claims).as_bytes());
    compact(header, claims, &signature)
}

fn message(header: &Value, claims: &Value) -> String {
    let encode = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encode(header), encode(claims))
}
