//! What the refresher does on demand: it redeems codes, binds tenants and renews one token at
//! a time.

use std::sync::Arc;

use auth::consent::Binding;
use auth::on_demand::{ConnectLimits, ConnectOnDemand, ConnectSettings, OnDemand, RenewOnDemand};
use auth::ports::SecretError;
use microsoft::{CodeCredential, EntraClient, TrustRoots};

use crate::authority::{client, signing_keys};
use crate::platform::Platform;
use crate::settings::OnDemandSettings;
use crate::tokens::{renewal_of, sealed_tokens};

/// Loads the certificate, the sealing ring and a client secret where one is asked for, side by
/// side; without one of them it fails.
pub async fn on_demand(
    settings: &OnDemandSettings,
    platform: &Platform,
    roots: TrustRoots,
) -> anyhow::Result<OnDemand> {
    let (of_tokens, signing) = (&settings.renewal.tokens, settings.renewal.signing());
    let (keys, tokens, credential) = tokio::join!(
        signing_keys(&signing, platform),
        sealed_tokens(of_tokens, platform),
        code_credential(settings, platform),
    );
    let entra = client(&of_tokens.entra, platform, roots, (keys?, credential?))?;
    let entra = Arc::new(entra);
    let renewal = renewal_of(of_tokens, platform, tokens?, Arc::clone(&entra) as _);
    Ok(OnDemand {
        connector: Arc::new(connector(settings, platform, entra)),
        renewer: Arc::new(RenewOnDemand::new(Arc::new(renewal))),
    })
}

fn connector(
    settings: &OnDemandSettings,
    platform: &Platform,
    entra: Arc<EntraClient>,
) -> ConnectOnDemand {
    let of_entra = &settings.renewal.tokens.entra;
    let store = &platform.store;
    ConnectOnDemand {
        settings: ConnectSettings {
            flow: settings.flow,
            mode: settings.mode,
            redirect_uri: settings.redirect_uri.clone(),
            cloud: of_entra.authority.cloud,
            admin_roles: settings.admin_roles.clone(),
        },
        codes: Arc::clone(&entra) as _,
        binding: Binding {
            tenants: Arc::clone(&store.tenants),
            invites: Arc::clone(&store.invites),
            issuer: entra,
            requirements: of_entra.requirements.clone(),
            clock: Arc::clone(&platform.clock),
        },
        sign_ins: Arc::clone(&store.sign_ins),
        limits: ConnectLimits::default(),
        random: Arc::clone(&platform.random),
    }
}

/// The certificate's assertion, unless a client secret is asked for.
async fn code_credential(
    settings: &OnDemandSettings,
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
