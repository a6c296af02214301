//! What hands out tokens.

use std::sync::Arc;
use std::time::Duration;

use auth::renew::Renewal;
use auth::vend::{Vend, VendParts};
use entra::TrustRoots;

use crate::authority::{client, signing_keys, signing_keys_later};
use crate::platform::Platform;
use crate::settings::VendingSettings;
use crate::tokens::{renewal_of, sealed_tokens};

/// Loads the certificate and the sealing ring, side by side. Without the ring it fails. A
/// certificate that cannot be had is reported in the log and looked for later: the tokens of
/// the table are handed out without it.
pub async fn vend(
    settings: &VendingSettings,
    platform: &Platform,
    roots: TrustRoots,
) -> anyhow::Result<Vend> {
    let of_tokens = &settings.tokens;
    let (keys, tokens) = tokio::join!(
        signing_keys(&of_tokens.entra, platform),
        sealed_tokens(of_tokens, platform),
    );
    let tokens = tokens?;
    let keys = keys.unwrap_or_else(|error| signing_keys_later(&of_tokens.entra, platform, &error));
    let entra = client(&of_tokens.entra, platform, roots, keys)?;
    let renewal = renewal_of(of_tokens, platform, tokens, Arc::new(entra));
    Ok(vend_by(renewal, platform, settings.state_max_age))
}

/// Hands out the tokens of `renewal`. `max_state_age`: for so long a tenant's state is
/// remembered.
pub fn vend_by(renewal: Renewal, platform: &Platform, max_state_age: Duration) -> Vend {
    Vend::new(VendParts {
        tokens: Arc::clone(&renewal.tokens),
        renewal: Arc::new(renewal),
        leases: Arc::clone(&platform.store.leases),
        pause: Arc::clone(&platform.pause),
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
        max_state_age,
    })
}
