//! The function, built from its settings. It loads neither a certificate nor a sealing ring:
//! this function faces the internet, asks Entra ID nothing and stores no token.

use std::sync::Arc;

use auth::consent::{Consent, ConsentKeys, ConsentSettings, Limits};
use auth::on_demand::Remote;
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
            settings, platform, ..
        } = basis;
        let keys = consent_keys(&settings, &platform).await?;
        let site = Site::of(&settings);
        let Platform {
            store,
            clock,
            random,
            on_demand,
            meter,
            ..
        } = platform;
        let consent = Consent {
            keys,
            pages: wiring::sign_in_pages(&settings.entra),
            connector: Arc::new(Remote(on_demand.consent)),
            tenants: store.tenants,
            requirements: settings.entra.requirements,
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
