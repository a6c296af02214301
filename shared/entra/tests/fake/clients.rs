//! Clients of an authority, as a test needs them.

use std::sync::Arc;

use auth::ports::{Clock, HeldClock, HeldRandom};
use auth::protocol::{AssertionForm, AuthorityConfig, TokenEndpoint};
use entra::{CodeCredential, EntraClient, EntraParts, SigningKeys, TrustRoots};

use super::platform::HeldSecrets;
use super::{CLIENT, NOW};

const TODAY: (TokenEndpoint, AssertionForm) = (TokenEndpoint::V2, AssertionForm::Ps256);

/// A client of the authority at `base_url`, which signs with what `secrets` hold.
pub async fn client(
    base_url: &str,
    secrets: &Arc<HeldSecrets>,
    endpoint: TokenEndpoint,
    form: AssertionForm,
) -> EntraClient {
    let protocol = (endpoint, form);
    let clock = Arc::new(HeldClock::at(NOW));
    built(
        base_url,
        secrets,
        protocol,
        CodeCredential::Assertion,
        clock,
    )
    .await
}

/// The same in the form of today, by another clock.
pub async fn client_by(
    clock: Arc<dyn Clock>,
    base_url: &str,
    secrets: &Arc<HeldSecrets>,
) -> EntraClient {
    built(base_url, secrets, TODAY, CodeCredential::Assertion, clock).await
}

/// The same in the form of today, which redeems codes with this credential.
pub async fn redeeming(
    base_url: &str,
    secrets: &Arc<HeldSecrets>,
    credential: CodeCredential,
) -> EntraClient {
    let clock = Arc::new(HeldClock::at(NOW));
    built(base_url, secrets, TODAY, credential, clock).await
}

async fn built(
    base_url: &str,
    secrets: &Arc<HeldSecrets>,
    (token_endpoint, assertion): (TokenEndpoint, AssertionForm),
    credential: CodeCredential,
    clock: Arc<dyn Clock>,
) -> EntraClient {
    let config = AuthorityConfig {
        client_id: CLIENT.parse().unwrap(),
        cloud: auth::Cloud::Public,
        authority: Some(base_url.parse().unwrap()),
        token_endpoint,
        assertion,
    };
    let keys = SigningKeys::load(Arc::clone(secrets) as _, "certificate", clock.clone());
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
