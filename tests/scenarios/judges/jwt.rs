//! A look into a JWT, unverified: what a party wrote, not whether it is true.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// Header (0) or claims (1).
pub(super) fn part(token: &str, index: usize) -> Value {
    let part = URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap());
    serde_json::from_slice(&part.unwrap()).unwrap()
}

/// The names of an object's members, in alphabetical order.
pub(super) fn names(object: &Value) -> Vec<String> {
    let mut names: Vec<String> = object.as_object().unwrap().keys().cloned().collect();
    names.sort_unstable();
    names
}
