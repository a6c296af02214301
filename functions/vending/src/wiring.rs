//! The function, built from its settings. `main` and the one-machine run share this:
//! what differs between them is the platform.

use std::sync::Arc;

use auth::caller::KeyProof;
use auth::invite::{InviteSettings, Inviting};
use auth::ports::TokenStore;
use auth::renew::Renewal;
use auth::vend::{Vend, VendParts};
use aws::{Platform, RingSource, SealedTokens};
use entra::{CodeCredential, EntraClient, EntraParts, OidcCallers, SigningKeys, TrustRoots};
use lambda::settings::VendingSettings;
use policy::Policies;

use crate::Vending;

impl Vending {
    /// Loads the certificate and the sealing ring; fails with one clear line each.
    pub async fn build(settings: VendingSettings, platform: &Platform) -> anyhow::Result<Self> {
        let clock = &platform.clock;
        let ring = RingSource {
            secrets: Arc::clone(&platform.secrets),
            name: settings.tokens.sealing_keys_secret_id,
        };
        let authority = &settings.tokens.entra.authority;
        let (client_id, authority) = (
            authority.client_id,
            authority.authority_for(authority.cloud),
        );
        let (signing_keys, tokens) = tokio::try_join!(
            load(platform, &settings.tokens.entra.certificate_secret_id),
            open_tokens(platform, ring, client_id),
        )?;
        let roots = TrustRoots::load(settings.tokens.entra.extra_ca_file.as_deref())?;
        let entra = EntraClient::new(EntraParts {
            config: settings.tokens.entra.authority,
            signing_keys,
            code_credential: CodeCredential::Assertion,
            roots: roots.clone(),
            clock: Arc::clone(clock),
            random: Arc::clone(&platform.random),
            meter: platform.meter.clone(),
        })?;
        let renewal = Arc::new(Renewal {
            tenants: Arc::new(platform.table.clone()),
            tokens: Arc::clone(&tokens),
            issuer: Arc::new(entra),
            requirements: settings.tokens.entra.requirements,
            schedule: settings.tokens.schedule,
            clock: Arc::clone(clock),
            random: Arc::clone(&platform.random),
        });
        Ok(Self {
            vend: Vend::new(VendParts {
                tokens,
                renewal,
                leases: Arc::new(platform.table.clone()),
                pause: Arc::clone(&platform.pause),
                clock: Arc::clone(clock),
                random: Arc::clone(&platform.random),
                max_state_age: settings.state_max_age,
            }),
            tenants: Arc::new(platform.table.clone()),
            proof: Arc::new(OidcCallers::new(
                &settings.issuers,
                &roots,
                Arc::clone(clock),
            )?),
            authorizer: Arc::new(Policies::new(
                Arc::new(platform.table.clone()),
                Arc::clone(clock),
            )),
            authority,
            keys: Arc::new(KeyProof::new(
                Arc::new(platform.table.clone()),
                Arc::clone(clock),
                settings.state_max_age,
            )),
            inviting: settings
                .invites
                .map(|settings| inviting(settings, platform)),
            clock: Arc::clone(clock),
            meter: platform.meter.clone(),
        })
    }
}

fn inviting(settings: InviteSettings, platform: &Platform) -> Inviting {
    Inviting {
        settings,
        invites: Arc::new(platform.table.clone()),
        tenants: Arc::new(platform.table.clone()),
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
    }
}

async fn load(platform: &Platform, secret: &str) -> anyhow::Result<SigningKeys> {
    let (secrets, clock) = (Arc::clone(&platform.secrets), Arc::clone(&platform.clock));
    Ok(SigningKeys::load(secrets, secret, clock).await?)
}

async fn open_tokens(
    platform: &Platform,
    ring: RingSource,
    client_id: auth::ClientId,
) -> anyhow::Result<Arc<dyn TokenStore>> {
    let clock = Arc::clone(&platform.clock);
    let tokens = SealedTokens::load(platform.table.clone(), ring, client_id, clock).await?;
    Ok(Arc::new(tokens))
}
