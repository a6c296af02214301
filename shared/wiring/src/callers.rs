//! Who checks what callers prove themselves with, and by which list of issuers.

use std::sync::Arc;

use auth::issuers::Issuers;
use auth::ports::{ClaimsRead, IssuerSource, IssuersInForce};
use auth::role_proof::{RoleProof, RoleProofParts};
use aws::Sts;
use microsoft::{CallersParts, OidcCallers, TrustRoots};

use crate::platform::Platform;
use crate::settings::VendingSettings;

/// The issuers that hold: the stored list over that of the settings.
pub fn issuers(settings: &VendingSettings, platform: &Platform) -> Issuers {
    let source: Arc<dyn IssuerSource> = platform.store.issuers.clone();
    let clock = Arc::clone(&platform.clock);
    Issuers::new(source, settings.issuers.clone(), clock)
        .with_max_age(settings.policy_max_age)
        .with_unread_max_age(settings.policy_unread_max_age)
}

/// What is asked about a caller's token.
pub struct Asked {
    /// Which issuers' tokens are taken.
    pub issuers: Arc<dyn IssuersInForce>,
    /// Which claims a policy reads.
    pub claims_read: Arc<dyn ClaimsRead>,
}

/// Checks callers' tokens.
pub fn callers(
    settings: &VendingSettings,
    platform: &Platform,
    roots: &TrustRoots,
    asked: Asked,
) -> anyhow::Result<OidcCallers> {
    Ok(OidcCallers::new(CallersParts {
        issuers: asked.issuers,
        roots: roots.clone(),
        clock: Arc::clone(&platform.clock),
        claims_read: asked.claims_read,
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
