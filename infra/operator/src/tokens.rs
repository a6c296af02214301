//! What the commands on tokens stand on: the settings, the sealed tokens, and the
//! vending use case, wired as in the vending function.

use std::sync::Arc;
use std::time::Duration;

use auth::ports::TokenStore;
use auth::renew::Renewal;
use auth::settings::TokenSettings;
use auth::vend::{Vend, VendParts};
use aws::{Platform, RingSource, SealedTokens};
use entra::{CodeCredential, EntraClient, EntraParts, SigningKeys, TrustRoots};

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

/// The vending use case.
pub(crate) async fn vend(settings: TokenSettings, platform: &Platform) -> anyhow::Result<Vend> {
    let tokens = open_tokens(&settings, platform).await?;
    let certificate = &settings.entra.certificate_secret_id;
    let (secrets, clock) = (Arc::clone(&platform.secrets), Arc::clone(&platform.clock));
    let roots = TrustRoots::load(settings.entra.extra_ca_file.as_deref())?;
    let entra = EntraClient::new(EntraParts {
        config: settings.entra.authority,
        signing_keys: SigningKeys::load(secrets, certificate, clock).await?,
        code_credential: CodeCredential::Assertion,
        roots,
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
    })?;
    let renewal = Arc::new(Renewal {
        tenants: Arc::new(platform.table.clone()),
        tokens: Arc::clone(&tokens),
        issuer: Arc::new(entra),
        requirements: settings.entra.requirements,
        schedule: settings.schedule,
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
    });
    Ok(Vend::new(VendParts {
        tokens,
        renewal,
        leases: Arc::new(platform.table.clone()),
        pause: Arc::clone(&platform.pause),
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
        // A command vends once: there is nothing to remember.
        max_state_age: Duration::ZERO,
    }))
}
