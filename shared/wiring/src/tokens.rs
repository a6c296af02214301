//! The sealed tokens, and what renews them.

use std::sync::Arc;

use auth::ports::{SecretError, TokenIssuer, TokenStore};
use auth::renew::Renewal;
use aws::{RingSource, SealedTokens};
use microsoft::TrustRoots;

use crate::authority::token_issuer;
use crate::platform::Platform;
use crate::settings::{RenewalSettings, TokenSettings};

/// The sealed tokens of the table. Reads the sealing ring.
pub async fn sealed_tokens(
    settings: &TokenSettings,
    platform: &Platform,
) -> Result<Arc<dyn TokenStore>, SecretError> {
    let ring = RingSource {
        secrets: Arc::clone(&platform.secrets),
        name: settings.sealing_keys_secret_id.clone(),
    };
    let client_id = settings.entra.authority.client_id;
    let (table, clock) = (platform.store.table().clone(), Arc::clone(&platform.clock));
    let tokens = SealedTokens::load(table, ring, client_id, clock).await?;
    let max_age = settings.entra.secret_max_age;
    Ok(Arc::new(tokens.reading_ring_after(max_age)))
}

/// Renewals as the refresher's, for the operator: the ring is read first, then the
/// certificate.
pub async fn renewal(
    settings: &RenewalSettings,
    platform: &Platform,
    roots: TrustRoots,
) -> anyhow::Result<Renewal> {
    let tokens = sealed_tokens(&settings.tokens, platform).await?;
    let issuer = token_issuer(&settings.signing(), platform, roots).await?;
    Ok(renewal_of(&settings.tokens, platform, tokens, issuer))
}

/// Renewals of these tokens at this issuer.
pub(crate) fn renewal_of(
    settings: &TokenSettings,
    platform: &Platform,
    tokens: Arc<dyn TokenStore>,
    issuer: Arc<dyn TokenIssuer>,
) -> Renewal {
    Renewal {
        tenants: Arc::clone(&platform.store.tenants),
        tokens,
        issuer,
        requirements: settings.entra.requirements.clone(),
        schedule: settings.schedule,
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
    }
}
