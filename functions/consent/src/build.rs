//! The function, built from its settings. It loads no sealing ring: this function faces the
//! internet and stores no token.

use std::sync::Arc;

use auth::consent::{Binding, Consent, ConsentKeys, ConsentSettings, Limits};
use auth::ports::{DeployedSecret, SecretError};
use auth::secret::ExposeSecret as _;
use lambda::function::{Ahead, Function};
use lambda::pages::PageHeaders;
use wiring::settings::ConsentFunctionSettings;
use wiring::{Basis, Platform};

use crate::{ConsentFunction, Site, pages};

impl Function for ConsentFunction {
    const NAME: &'static str = "consent";
    type Settings = ConsentFunctionSettings;

    async fn build(basis: Basis<ConsentFunctionSettings>, _ahead: Ahead) -> anyhow::Result<Self> {
        let Basis {
            settings,
            platform,
            roots,
        } = basis;
        let (entra, keys) = tokio::join!(
            wiring::consent_authority(&settings, &platform, roots),
            consent_keys(&settings, &platform),
        );
        let (entra, keys) = (entra?, keys?);
        let site = Site::of(&settings);
        let Platform {
            store,
            clock,
            random,
            meter,
            ..
        } = platform;
        let consent = Consent {
            keys,
            authority: entra.clone(),
            binding: Binding {
                tenants: store.tenants,
                invites: Arc::clone(&store.invites),
                issuer: entra,
                requirements: settings.entra.requirements,
                clock: Arc::clone(&clock),
            },
            invites: store.invites,
            single_use: store.single_use,
            limits: Limits::default(),
            clock,
            random,
            settings: ConsentSettings {
                flow: settings.flow,
                mode: settings.mode,
                redirect_uri: settings.redirect_uri,
                cloud: settings.entra.authority.cloud,
                registered: settings.registered,
                admin_roles: settings.admin_roles,
                return_urls: settings.return_urls,
            },
        };
        Ok(Self {
            consent,
            site,
            headers: PageHeaders::new(pages::STYLE),
            meter,
        })
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
