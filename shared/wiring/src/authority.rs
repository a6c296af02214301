//! Entra ID: its pages, and its token endpoint, asked with the certificate that the settings
//! name.

use std::sync::Arc;

use auth::ports::{ConsentPages, SecretError, SignerVersions, TokenIssuer};
use microsoft::{
    CodeCredential, EntraClient, EntraParts, KeysInSecret, SignInPages, SigningKeys, TrustRoots,
};

use crate::platform::Platform;
use crate::settings::{EntraSettings, SigningSettings};

/// The sign-in and consent pages: addresses alone, for a function that asks Entra ID nothing.
pub fn sign_in_pages(settings: &EntraSettings) -> Arc<dyn ConsentPages> {
    Arc::new(SignInPages {
        config: settings.authority.clone(),
    })
}

/// For callers that ask for app-only tokens and for nothing else.
pub async fn token_issuer(
    settings: &SigningSettings,
    platform: &Platform,
    roots: TrustRoots,
) -> anyhow::Result<Arc<dyn TokenIssuer>> {
    let keys = signing_keys(settings, platform).await?;
    let by = (keys, CodeCredential::Assertion);
    Ok(Arc::new(client(&settings.entra, platform, roots, by)?))
}

/// Asks with these keys, and redeems codes with this credential.
pub(crate) fn client(
    settings: &EntraSettings,
    platform: &Platform,
    roots: TrustRoots,
    (signing_keys, code_credential): (SigningKeys, CodeCredential),
) -> anyhow::Result<EntraClient> {
    Ok(EntraClient::new(EntraParts {
        config: settings.authority.clone(),
        signing_keys,
        code_credential,
        roots,
        clock: Arc::clone(&platform.clock),
        random: Arc::clone(&platform.random),
        meter: platform.meter.clone(),
    })?)
}

/// The certificate, as it is at the start.
pub(crate) async fn signing_keys(
    settings: &SigningSettings,
    platform: &Platform,
) -> Result<SigningKeys, SecretError> {
    let (versions, clock) = (versions(settings, platform), Arc::clone(&platform.clock));
    let keys = SigningKeys::load(versions, clock).await?;
    Ok(keys.reading_again_after(settings.entra.secret_max_age))
}

/// Where the key is: in the certificate's secret.
fn versions(settings: &SigningSettings, platform: &Platform) -> Arc<dyn SignerVersions> {
    let (secrets, clock) = (Arc::clone(&platform.secrets), Arc::clone(&platform.clock));
    Arc::new(KeysInSecret::new(
        secrets,
        &settings.certificate_secret_id,
        clock,
    ))
}
