//! Who checks what callers prove themselves with.

use std::sync::Arc;

use auth::ports::ClaimsRead;
use auth::role_proof::{RoleProof, RoleProofParts};
use aws::Sts;
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

/// Checks signed `GetCallerIdentity` requests; `None` where the settings take none.
pub fn roles(
    settings: &VendingSettings,
    platform: &Platform,
    roots: &TrustRoots,
) -> anyhow::Result<Option<RoleProof>> {
    let Some(identity) = &settings.identity else {
        return Ok(None);
    };
    let client = match &identity.endpoint {
        Some(url) => roots.http_client_at(url)?,
        None => roots.http_client()?,
    };
    Ok(Some(RoleProof::new(RoleProofParts {
        identities: Arc::new(Sts::new(client, identity.endpoint.clone())),
        rules: identity.rules.clone(),
        clock: Arc::clone(&platform.clock),
    })))
}
