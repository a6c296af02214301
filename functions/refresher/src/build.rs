//! The function, built from its settings. `main` and the one-machine run share this.

use std::sync::Arc;

use auth::ports::{SecretError, TokenStore};
use auth::refresh::Refresh;
use auth::renew::Renewal;
use auth::watch::{Watch, WatchParts};
use aws::{RingSource, SealedTokens};
use entra::{CodeCredential, EntraClient, EntraParts, SigningKeys, TrustRoots};
use wiring::Platform;
use wiring::settings::RefresherSettings;

use crate::Refresher;

impl Refresher {
    /// Loads the certificate and the sealing ring, side by side; fails with one clear line.
    /// `roots`: as the settings name them.
    pub async fn build(
        settings: RefresherSettings,
        platform: &Platform,
        roots: TrustRoots,
    ) -> anyhow::Result<Self> {
        let clock = &platform.clock;
        let ring = RingSource {
            secrets: Arc::clone(&platform.secrets),
            name: settings.tokens.sealing_keys_secret_id,
        };
        let client_id = settings.tokens.entra.authority.client_id;
        let certificate = &settings.tokens.entra.certificate_secret_id;
        let secrets = Arc::clone(&platform.secrets);
        let (signing_keys, tokens) = tokio::join!(
            SigningKeys::load(secrets, certificate, Arc::clone(clock)),
            SealedTokens::load(platform.table.clone(), ring, client_id, Arc::clone(clock)),
        );
        let signing_keys = signing_keys.map_err(SecretError::from)?;
        let secret_max_age = settings.tokens.entra.secret_max_age;
        let tokens: Arc<dyn TokenStore> = Arc::new(tokens?.reading_ring_after(secret_max_age));
        let entra = EntraClient::new(EntraParts {
            config: settings.tokens.entra.authority,
            signing_keys: signing_keys.reading_again_after(secret_max_age),
            code_credential: CodeCredential::Assertion,
            roots,
            clock: Arc::clone(clock),
            random: Arc::clone(&platform.random),
            meter: platform.meter.clone(),
        })?;
        let watch = platform.meter.as_ref().map(|meter| {
            Watch::new(WatchParts {
                tokens: Arc::clone(&tokens),
                tenants: Arc::new(platform.table.clone()),
                schedule: settings.tokens.schedule,
                certificate: entra.signing_keys(),
                meter: Arc::clone(meter),
                clock: Arc::clone(clock),
            })
        });
        let renewal = Renewal {
            tenants: Arc::new(platform.table.clone()),
            tokens: Arc::clone(&tokens),
            issuer: Arc::new(entra),
            requirements: settings.tokens.entra.requirements,
            schedule: settings.tokens.schedule,
            clock: Arc::clone(clock),
            random: Arc::clone(&platform.random),
        };
        Ok(Self {
            refresh: Refresh {
                tokens,
                leases: Arc::new(platform.table.clone()),
                renewal: Arc::new(renewal),
                concurrency: settings.concurrency,
                clock: Arc::clone(clock),
            },
            watch,
            clock: Arc::clone(clock),
        })
    }
}
