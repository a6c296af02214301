//! What the commands on tokens stand on: the sealed tokens, Entra ID, renewing and
//! vending, wired as in the functions.

use std::sync::Arc;
use std::time::Duration;

use auth::ports::{TokenIssuer, TokenStore};
use auth::renew::Renewal;
use auth::vend::{Vend, VendParts};
use aws::{RingSource, SealedTokens};
use entra::{CodeCredential, EntraClient, EntraParts, SigningKeys, TrustRoots};
use wiring::Platform;
use wiring::settings::{EntraSettings, TokenSettings};

/// The sealed tokens of the table.
pub(crate) async fn open_tokens(
    settings: &TokenSettings,
    platform: &Platform,
) -> anyhow::Result<Arc<dyn TokenStore>> {
    let ring = RingSource {
        secrets: Arc::clone(&platform.secrets),
        name: settings.sealing_keys_secret_id.clone(),
    };
    let client_id = settings.entra.authority.client_id;
    let (table, clock) = (platform.table.clone(), Arc::clone(&platform.clock));
    Ok(Arc::new(
        SealedTokens::load(table, ring, client_id, clock).await?,
    ))
}

/// Entra ID's token endpoint, asked with the certificate of this place.
pub(crate) async fn issuer(
    settings: &EntraSettings,
    platform: &Platform,
) -> anyhow::Result<Arc<dyn TokenIssuer>> {
    let certificate = &settings.certificate_secret_id;
    let (secrets, clock) = (Arc::clone(&platform.secrets), Arc::clone(&platform.clock));
    Ok(Arc::new(EntraClient::new(EntraParts {
        meter: None,
        config: settings.authority.clone(),
        signing_keys: SigningKeys::load(secrets, certificate, clock).await?,
        code_credential: CodeCredential::Assertion,
        roots: TrustRoots::load(settings.extra_ca_file.as_deref())?,
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
    })?))
}

/// Renewals as the refresher's.
pub(crate) async fn renewal(
    settings: &TokenSettings,
    platform: &Platform,
) -> anyhow::Result<Renewal> {
    Ok(Renewal {
        tenants: Arc::new(platform.table.clone()),
        tokens: open_tokens(settings, platform).await?,
        issuer: issuer(&settings.entra, platform).await?,
        requirements: settings.entra.requirements.clone(),
        schedule: settings.schedule,
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
    })
}

/// The vending use case.
pub(crate) async fn vend(settings: &TokenSettings, platform: &Platform) -> anyhow::Result<Vend> {
    let renewal = Arc::new(renewal(settings, platform).await?);
    Ok(Vend::new(VendParts {
        tokens: Arc::clone(&renewal.tokens),
        renewal,
        leases: Arc::new(platform.table.clone()),
        pause: Arc::clone(&platform.pause),
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
        // A command vends once: there is nothing to remember.
        max_state_age: Duration::ZERO,
    }))
}
