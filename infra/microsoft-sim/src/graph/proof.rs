//! The proof of possession (Microsoft: "Generating proof of possession tokens for rolling
//! keys"): a JWT that one of the application's certificates signed, for one audience, by the
//! application's **object** ID, for ten minutes at most. Which key signed is found as of any
//! client assertion; the rest of an assertion's claims is not asked for.

use serde_json::Value;

use super::application::object_id;
use super::errors::{BAD_PROOF, Refused};
use crate::assertion::{self, SKEW};
use crate::directory::applications::Application;

/// Microsoft names this audience although it is the older Azure AD Graph's.
const AUDIENCE: &str = "00000002-0000-0000-c000-000000000000";
/// `exp` − `nbf`.
const LONGEST: f64 = 600.0;

/// Accepts the proof, or refuses. `now`: by Graph's clock.
pub(super) fn check(proof: Option<&str>, of: &Application, now: u64) -> Result<(), Refused> {
    let claims = proof.and_then(|proof| assertion::signed_claims(proof, of, now));
    let holds = claims.is_some_and(|claims| {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let time = |name: &str| claims.get(name).and_then(assertion::numeric_date);
        let object_id = object_id(of.client_id()).to_string();
        text("aud") == Some(AUDIENCE)
            && text("iss") == Some(object_id.as_str())
            && is_in_time(time("nbf"), time("exp"), now as f64)
    });
    holds
        .then_some(())
        .ok_or_else(|| Refused::by(BAD_PROOF, "Access Token missing or malformed."))
}

/// Assumption `proof-with-skew`.
fn is_in_time(not_before: Option<f64>, expires_at: Option<f64>, now: f64) -> bool {
    let (Some(not_before), Some(expires_at)) = (not_before, expires_at) else {
        return false;
    };
    expires_at - not_before <= LONGEST && now + SKEW >= not_before && now - SKEW < expires_at
}
