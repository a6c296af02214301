//! Who checks callers' tokens.

use std::sync::Arc;

use auth::ports::ClaimsRead;
use entra::{CallersParts, OidcCallers, TrustRoots};

use crate::platform::Platform;
use crate::settings::VendingSettings;

/// Checks tokens of the issuers that the settings list. `claims_read`: says which claims a
/// policy reads.
pub fn callers(
    settings: &VendingSettings,
    platform: &Platform,
    roots: &TrustRoots,
    claims_read: Arc<dyn ClaimsRead>,
) -> anyhow::Result<OidcCallers> {
    Ok(OidcCallers::new(CallersParts {
        allowed: &settings.issuers,
        roots,
        clock: Arc::clone(&platform.clock),
        claims_read,
        keys_max_age: settings.issuer_keys_max_age,
        token_max_life: settings.caller_token_max_life,
    })?)
}
