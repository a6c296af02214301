//! Clients of an authority, and what they are asked for.

use std::sync::Arc;

use auth::ports::{
    AuthorityError, Clock, CodeRedeemer as _, CodeRedemption, HeldClock, HeldRandom, IssuedToken,
    SignedIn, SignerVersions, TokenIssuer as _,
};
use auth::protocol::{AssertionForm, AuthorityConfig, ConsentFlow, TokenEndpoint};
use auth::{Cloud, TenantId};
use microsoft::{CodeCredential, EntraClient, EntraParts, SigningKeys, TrustRoots};

use super::platform::HeldSecrets;
use super::remote::Signing;
use super::{CLIENT, NONCE, NOW, TENANT};

const TODAY: (TokenEndpoint, AssertionForm) = (TokenEndpoint::V2, AssertionForm::Ps256);

/// A client in the form of today of the authority at `base_url`, which signs with what
/// `secrets` hold.
pub(crate) async fn client(base_url: &str, secrets: &Arc<HeldSecrets>) -> EntraClient {
    client_of(TODAY, base_url, secrets).await
}

/// The same in another form.
pub(crate) async fn client_of(
    protocol: (TokenEndpoint, AssertionForm),
    base_url: &str,
    secrets: &Arc<HeldSecrets>,
) -> EntraClient {
    let clock = Arc::new(HeldClock::at(NOW));
    let versions = Signing::Here.versions(secrets, clock);
    client_signing_in(protocol, base_url, versions).await
}

/// A client in the form of today, by another clock and with keys that are kept there.
pub(crate) async fn client_by(
    clock: Arc<dyn Clock>,
    base_url: &str,
    versions: Arc<dyn SignerVersions>,
) -> EntraClient {
    built(base_url, versions, TODAY, CodeCredential::Assertion, clock).await
}

/// A client in the form of today, with these keys.
pub(crate) async fn client_signing(
    base_url: &str,
    versions: Arc<dyn SignerVersions>,
) -> EntraClient {
    client_signing_in(TODAY, base_url, versions).await
}

/// The same in another form.
pub(crate) async fn client_signing_in(
    protocol: (TokenEndpoint, AssertionForm),
    base_url: &str,
    versions: Arc<dyn SignerVersions>,
) -> EntraClient {
    let clock = Arc::new(HeldClock::at(NOW));
    let credential = CodeCredential::Assertion;
    built(base_url, versions, protocol, credential, clock).await
}

/// A client in the form of today, which redeems codes with this credential.
pub(crate) async fn redeeming(
    base_url: &str,
    secrets: &Arc<HeldSecrets>,
    credential: CodeCredential,
) -> EntraClient {
    let clock = Arc::new(HeldClock::at(NOW));
    let versions = Signing::Here.versions(secrets, clock.clone());
    built(base_url, versions, TODAY, credential, clock).await
}

async fn built(
    base_url: &str,
    versions: Arc<dyn SignerVersions>,
    (token_endpoint, assertion): (TokenEndpoint, AssertionForm),
    credential: CodeCredential,
    clock: Arc<dyn Clock>,
) -> EntraClient {
    let config = AuthorityConfig {
        client_id: CLIENT.parse().unwrap(),
        cloud: Cloud::Public,
        authority: Some(base_url.parse().unwrap()),
        token_endpoint,
        assertion,
    };
    let keys = SigningKeys::load(versions, clock.clone());
    EntraClient::new(EntraParts {
        meter: None,
        config,
        signing_keys: keys.await.unwrap(),
        code_credential: credential,
        roots: TrustRoots::default(),
        clock,
        random: Arc::new(HeldRandom::counting()),
    })
    .unwrap()
}

/// Asks for an app-only token of the tenant.
pub(crate) async fn ask(client: &EntraClient) -> Result<IssuedToken, AuthorityError> {
    ask_for(client, TENANT.parse().unwrap()).await
}

/// The same of another one.
pub(crate) async fn ask_for(
    client: &EntraClient,
    tenant: TenantId,
) -> Result<IssuedToken, AuthorityError> {
    let resource = Cloud::Public.management_resource();
    client
        .app_only_token(tenant, Cloud::Public, &resource)
        .await
}

/// Redeems the code of a sign-in.
pub(crate) async fn redeem(
    client: &EntraClient,
    flow: ConsentFlow,
) -> Result<SignedIn, AuthorityError> {
    let redemption = CodeRedemption {
        flow,
        tenant: None,
        resource: &Cloud::Public.management_resource(),
        redirect_uri: "https://broker.example/consent/callback",
        unverified_code: &"the-code".to_owned().into(),
        code_verifier: &"the-verifier".to_owned().into(),
        nonce: NONCE,
    };
    client.redeem(redemption).await
}
