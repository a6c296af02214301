//! The function, built from its settings. `main` and the one-machine run share this.
//! It loads no sealing ring: this function faces the internet and stores no token.

use std::sync::Arc;

use auth::consent::{Binding, Consent, ConsentKeys, ConsentSettings, Limits};
use auth::ports::{DeployedSecret, Invites, SecretError};
use auth::protocol::ConsentMode;
use auth::secret::ExposeSecret as _;
use entra::{CodeCredential, EntraClient, EntraParts, SigningKeys, TrustRoots};
use lambda::pages::PageHeaders;
use wiring::Platform;
use wiring::settings::ConsentFunctionSettings;

use crate::{ConsentFunction, Site, pages};

impl ConsentFunction {
    /// Loads the certificate and the consent keys, side by side; fails with one clear line.
    /// `roots`: as the settings name them.
    pub async fn build(
        settings: ConsentFunctionSettings,
        platform: &Platform,
        roots: TrustRoots,
    ) -> anyhow::Result<Self> {
        let (clock, random) = (&platform.clock, &platform.random);
        let site = site(&settings);
        let (signing_keys, keys, credential) = tokio::join!(
            SigningKeys::load(
                Arc::clone(&platform.secrets),
                &settings.entra.certificate_secret_id,
                Arc::clone(clock),
            ),
            consent_keys(&settings, platform),
            code_credential(&settings, platform),
        );
        let signing_keys = signing_keys.map_err(SecretError::from)?;
        let (keys, credential) = (keys?, credential?);
        let authority = settings.entra.authority;
        let (cloud, requirements) = (authority.cloud, settings.entra.requirements);
        let entra = Arc::new(EntraClient::new(EntraParts {
            config: authority,
            signing_keys: signing_keys.reading_again_after(settings.entra.secret_max_age),
            code_credential: credential,
            roots,
            clock: Arc::clone(clock),
            random: Arc::clone(random),
            meter: platform.meter.clone(),
        })?);
        let invites: Arc<dyn Invites> = Arc::new(platform.table.clone());
        let consent = Consent {
            settings: ConsentSettings {
                flow: settings.flow,
                mode: settings.mode,
                redirect_uri: settings.redirect_uri,
                cloud,
                registered: settings.registered,
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
            limits: Limits::default(),
            clock: Arc::clone(clock),
            random: Arc::clone(random),
        };
        Ok(Self {
            consent,
            site,
            headers: PageHeaders::new(pages::STYLE),
            meter: platform.meter.clone(),
        })
    }
}

/// What the pages have in common; needs no secret.
pub(crate) fn site(settings: &ConsentFunctionSettings) -> Site {
    Site {
        company: settings.company.clone(),
        registered: settings.registered.clone(),
        requirements: settings.entra.requirements.clone(),
        cloud: settings.entra.authority.cloud,
        origin: settings.redirect_uri.origin(),
        open: settings.mode == ConsentMode::Open,
        flow: settings.flow,
    }
}

async fn consent_keys(
    settings: &ConsentFunctionSettings,
    platform: &Platform,
) -> Result<ConsentKeys, SecretError> {
    let name = &settings.keys_secret_id;
    let secret = platform.secrets.read(name).await;
    let keys = secret.and_then(|secret| {
        ConsentKeys::from_json(secret.expose_secret())
            .map_err(|error| SecretError::unusable(name, error))
    });
    keys.map_err(|error| error.of(DeployedSecret::ConsentKeys))
}

/// The certificate's assertion, unless a client secret is asked for.
async fn code_credential(
    settings: &ConsentFunctionSettings,
    platform: &Platform,
) -> Result<CodeCredential, SecretError> {
    match &settings.client_secret_id {
        None => Ok(CodeCredential::Assertion),
        Some(name) => {
            let secret = platform.secrets.read(name).await?;
            Ok(CodeCredential::ClientSecret(secret))
        }
    }
}
