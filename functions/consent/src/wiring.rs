//! The function, built from its settings. `main` and the one-machine run share this.
//! It loads no sealing ring: this function faces the internet and stores no token.

use std::sync::Arc;

use anyhow::Context as _;
use auth::consent::{Binding, Consent, ConsentKeys, ConsentSettings};
use auth::ports::{DeployedSecret, Invites};
use auth::protocol::ConsentMode;
use auth::secret::ExposeSecret as _;
use aws::Platform;
use entra::{CodeCredential, EntraClient, EntraParts, SigningKeys, TrustRoots};
use lambda::settings::ConsentFunctionSettings;
use url::Url;

use crate::{ConsentFunction, Site};

impl ConsentFunction {
    /// Loads the certificate and the consent keys; fails with one clear line each.
    pub async fn build(
        settings: ConsentFunctionSettings,
        platform: &Platform,
    ) -> anyhow::Result<Self> {
        let (clock, random) = (&platform.clock, &platform.random);
        let signing_keys = SigningKeys::load(
            Arc::clone(&platform.secrets),
            &settings.entra.certificate_secret_id,
            Arc::clone(clock),
        )
        .await?;
        let keys = consent_keys(&settings, platform).await?;
        let credential = code_credential(&settings, platform).await?;
        let roots = TrustRoots::load(settings.entra.extra_ca_file.as_deref())?;
        let authority = settings.entra.authority;
        let (cloud, requirements) = (authority.cloud, settings.entra.requirements);
        let authority_origin = Url::parse(&authority.authority_for(cloud))?.origin();
        let entra = Arc::new(EntraClient::new(EntraParts {
            config: authority,
            signing_keys,
            code_credential: credential,
            roots,
            clock: Arc::clone(clock),
            random: Arc::clone(random),
            meter: platform.meter.clone(),
        })?);
        let site = Site {
            company: settings.company,
            roles: requirements.roles().to_vec(),
            open: settings.mode == ConsentMode::Open,
            flow: settings.flow,
        };
        let invites: Arc<dyn Invites> = Arc::new(platform.table.clone());
        let consent = Consent {
            settings: ConsentSettings {
                flow: settings.flow,
                mode: settings.mode,
                redirect_uri: settings.redirect_uri,
                cloud,
                admin_roles: settings.admin_roles,
                return_urls: settings.return_urls,
            },
            keys,
            authority: entra.clone(),
            binding: Binding {
                tenants: Arc::new(platform.table.clone()),
                invites: Arc::clone(&invites),
                issuer: entra,
                requirements,
                clock: Arc::clone(clock),
            },
            invites,
            single_use: Arc::new(platform.table.clone()),
            clock: Arc::clone(clock),
            random: Arc::clone(random),
        };
        let origins = [authority_origin.ascii_serialization()];
        Ok(Self::new(consent, site, &origins)?.metered(platform.meter.clone()))
    }
}

async fn consent_keys(
    settings: &ConsentFunctionSettings,
    platform: &Platform,
) -> anyhow::Result<ConsentKeys> {
    let name = &settings.keys_secret_id;
    let secret = platform.secrets.read(name).await;
    let secret = secret.map_err(|error| error.of(DeployedSecret::ConsentKeys))?;
    ConsentKeys::from_json(secret.expose_secret()).with_context(|| format!("secret {name}"))
}

/// The certificate's assertion, unless a client secret is asked for.
async fn code_credential(
    settings: &ConsentFunctionSettings,
    platform: &Platform,
) -> anyhow::Result<CodeCredential> {
    match &settings.client_secret_id {
        None => Ok(CodeCredential::Assertion),
        Some(name) => {
            let secret = platform.secrets.read(name).await?;
            Ok(CodeCredential::ClientSecret(secret))
        }
    }
}
