//! Success bodies: v1 writes numbers as strings, v2.0 as numbers.

use serde_json::{Value, json};

use crate::claims::Validity;
use crate::platform::{RandomnessFailed, random_text};

/// Above this life a client is told when to refresh (seconds).
const LONG_LIVED: u64 = 7200;

/// The tokens of a code redemption.
pub(super) struct Issued {
    pub(super) access_token: String,
    pub(super) id_token: Option<String>,
    pub(super) refresh_token: Option<String>,
    pub(super) scope: String,
}

pub(super) fn app_only_v1(token: &str, resource: &str, validity: Validity) -> Value {
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

pub(super) fn app_only_v2(token: &str, validity: Validity) -> Value {
    let mut body = json!({
        "token_type": "Bearer",
        "expires_in": validity.life,
        "ext_expires_in": validity.life,
        "access_token": token,
    });
    add_refresh_in(&mut body, validity);
    body
}

pub(super) fn code_v1(issued: &Issued, resource: &str, validity: Validity) -> Value {
    json!({
        "token_type": "Bearer",
        "scope": issued.scope,
        "expires_in": validity.life.to_string(),
        "ext_expires_in": "0",
        "expires_on": validity.expires_on().to_string(),
        "not_before": validity.not_before().to_string(),
        "resource": resource,
        "access_token": issued.access_token,
        "refresh_token": issued.refresh_token,
        "id_token": issued.id_token,
    })
}

pub(super) fn code_v2(issued: &Issued, validity: Validity) -> Value {
    let mut body = json!({
        "token_type": "Bearer",
        "scope": issued.scope,
        "expires_in": validity.life,
        "ext_expires_in": validity.life,
        "access_token": issued.access_token,
    });
    if let Some(token) = &issued.refresh_token {
        body["refresh_token"] = json!(token);
    }
    if let Some(token) = &issued.id_token {
        body["id_token"] = json!(token);
    }
    add_refresh_in(&mut body, validity);
    body
}

/// An opaque text of a realistic length. Assumption `no-refresh-grant`: it is
/// not redeemable.
pub(super) fn refresh_token() -> Result<String, RandomnessFailed> {
    Ok(format!("1.{}", random_text::<660>()?))
}

fn add_refresh_in(body: &mut Value, validity: Validity) {
    if validity.life > LONG_LIVED {
        body["refresh_in"] = json!(validity.life / 2);
    }
}
