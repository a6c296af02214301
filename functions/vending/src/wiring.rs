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
    /// Loads the certificate and the sealing ring, side by side. Without the ring it fails, in
    /// one clear line. A certificate that cannot be had is told in the log and looked for
    /// later: the tokens of the table are handed out without it.
    pub async fn build(settings: VendingSettings, platform: &Platform) -> anyhow::Result<Self> {
        let clock = &platform.clock;
        let roots = TrustRoots::load(settings.tokens.entra.extra_ca_file.as_deref())?;
        let ring = RingSource {
            secrets: Arc::clone(&platform.secrets),
            name: settings.tokens.sealing_keys_secret_id,
        };
        let authority = &settings.tokens.entra.authority;
        let (client_id, authority) = (
            authority.client_id,
            authority.authority_for(authority.cloud),
        );
        let certificate = &settings.tokens.entra.certificate_secret_id;
        let (signing_keys, tokens, client) = tokio::join!(
            SigningKeys::load(
                Arc::clone(&platform.secrets),
                certificate,
                Arc::clone(clock)
            ),
            SealedTokens::load(platform.table.clone(), ring, client_id, Arc::clone(clock)),
            roots.prepare(settings.tokens.entra.authority.authority.as_ref()),
        );
        client?;
        let tokens: Arc<dyn TokenStore> =
            Arc::new(tokens?.reading_ring_after(settings.tokens.secret_max_age));
        let signing_keys = signing_keys.unwrap_or_else(|error| {
            let (secrets, clock) = (Arc::clone(&platform.secrets), Arc::clone(clock));
            SigningKeys::without_one_yet(secrets, certificate, clock, &error)
        });
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
            authorizer: Arc::new(
                Policies::new(Arc::new(platform.table.clone()), Arc::clone(clock))
                    .with_max_age(settings.policy_max_age),
            ),
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
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
    }
}
