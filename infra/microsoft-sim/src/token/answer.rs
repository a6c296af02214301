//! Success bodies: v1 writes numbers as strings, v2.0 as numbers.

use serde_json::{Value, json};

use crate::claims::Validity;
use crate::platform::{RandomnessFailed, random_text};

/// Above this life a client is asked to refresh early (seconds).
const LONG_LIVED: u64 = 7200;

pub(super) fn v1(token: &str, resource: &str, validity: Validity) -> Value {
    json!({
        "token_type": "Bearer",
        "expires_in": validity.life.to_string(),
        // Assumption `v1-ext-expires-in`.
        "ext_expires_in": "0",
        "expires_on": validity.expires_on().to_string(),
        "not_before": validity.not_before().to_string(),
        "resource": resource,
        "access_token": token,
    })
}

pub(super) fn v2(token: &str, validity: Validity) -> Value {
    let mut body = json!({
        "token_type": "Bearer",
        "expires_in": validity.life,
        "ext_expires_in": validity.life,
        "access_token": token,
    });
    if validity.life > LONG_LIVED {
        body["refresh_in"] = json!(validity.life / 2);
    }
    body
}

/// An opaque text of a realistic length. Assumption `no-refresh-grant`: it is
/// not redeemable.
pub(super) fn refresh_token() -> Result<String, RandomnessFailed> {
    Ok(format!("1.{}", random_text::<660>()?))
}
