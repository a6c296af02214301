//! Entra ID, asked with the certificate that the settings name.

use std::sync::Arc;

use auth::ports::{SecretError, SignerVersions, TokenIssuer};
use entra::{CodeCredential, EntraClient, EntraParts, KeysInSecret, SigningKeys, TrustRoots};

use crate::platform::Platform;
use crate::settings::{ConsentFunctionSettings, EntraSettings};

/// For callers that ask for app-only tokens and for nothing else.
pub async fn token_issuer(
    settings: &EntraSettings,
    platform: &Platform,
    roots: TrustRoots,
) -> anyhow::Result<Arc<dyn TokenIssuer>> {
    let keys = signing_keys(settings, platform).await?;
    Ok(Arc::new(client(settings, platform, roots, keys)?))
}

/// For the consent pages: it redeems codes too. The certificate and a client secret, where
/// one is asked for, are read side by side.
pub async fn consent_authority(
    settings: &ConsentFunctionSettings,
    platform: &Platform,
    roots: TrustRoots,
) -> anyhow::Result<Arc<EntraClient>> {
    let (keys, code_credential) = tokio::join!(
        signing_keys(&settings.entra, platform),
        code_credential(settings, platform),
    );
    Ok(Arc::new(EntraClient::new(EntraParts {
        code_credential: code_credential?,
        ..parts(&settings.entra, platform, roots, keys?)
    })?))
}

/// Asks with these keys.
pub(crate) fn client(
    settings: &EntraSettings,
    platform: &Platform,
    roots: TrustRoots,
    keys: SigningKeys,
) -> anyhow::Result<EntraClient> {
    Ok(EntraClient::new(parts(settings, platform, roots, keys))?)
}

/// The certificate, as it is at the start.
pub(crate) async fn signing_keys(
    settings: &EntraSettings,
    platform: &Platform,
) -> Result<SigningKeys, SecretError> {
    let (versions, clock) = (versions(settings, platform), Arc::clone(&platform.clock));
    let keys = SigningKeys::load(versions, clock).await?;
    Ok(keys.reading_again_after(settings.secret_max_age))
}

/// For a function that has something to do without a certificate too: `error` says why there is none,
/// and it is looked for when it is needed.
pub(crate) fn signing_keys_later(
    settings: &EntraSettings,
    platform: &Platform,
    error: &SecretError,
) -> SigningKeys {
    let (versions, clock) = (versions(settings, platform), Arc::clone(&platform.clock));
    SigningKeys::without_one_yet(versions, clock, error)
        .reading_again_after(settings.secret_max_age)
}

/// Where the key is: in the certificate's secret.
fn versions(settings: &EntraSettings, platform: &Platform) -> Arc<dyn SignerVersions> {
    let (secrets, clock) = (Arc::clone(&platform.secrets), Arc::clone(&platform.clock));
    Arc::new(KeysInSecret::new(
        secrets,
        &settings.certificate_secret_id,
        clock,
    ))
}

fn parts(
    settings: &EntraSettings,
    platform: &Platform,
    roots: TrustRoots,
    signing_keys: SigningKeys,
) -> EntraParts {
    EntraParts {
        config: settings.authority.clone(),
        signing_keys,
        code_credential: CodeCredential::Assertion,
        roots,
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
        meter: platform.meter.clone(),
    }
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
