//! Who asks: our own clients of Entra ID, of callers' issuers and of AWS, as the functions
//! have them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use auth::caller::{AllowedIssuer, ClaimNames};
use auth::encoding::base64url;
use auth::ports::{
    AuthorityError, CallerProof as _, ClaimsRead, CodeRedeemer as _, CodeRedemption, HeldIssuers,
    ProofError, SecretError, SecretSource, StoreError, TokenIssuer as _,
};
use auth::protocol::{AssertionForm, AuthorityConfig, ConsentFlow, TokenEndpoint};
use auth::secret::{ExposeSecret as _, SecretString};
use auth::{Cloud, TenantId};
use aws::{Endpoint, SystemClock, SystemRandom};
use microsoft::{
    CallersParts, CodeCredential, EntraClient, EntraParts, KeysInSecret, OidcCallers, SigningKeys,
    TrustRoots,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::places::{Authority, TRUSTED};

const ISSUER: &str = "https://issuer.example";
const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
const CLIENT: &str = "2d4d11a2-f814-46a7-890a-274a72a7309e";

/// Everything that asks needs.
pub(crate) struct Parties {
    pub(crate) trusted: Authority,
    directory: TempDir,
    secrets: Arc<Held>,
}

struct Held(SecretString);

#[async_trait::async_trait]
impl SecretSource for Held {
    async fn read(&self, _: &str) -> Result<SecretString, SecretError> {
        Ok(self.0.clone())
    }
}

struct ReadsNothing;

#[async_trait::async_trait]
impl ClaimsRead for ReadsNothing {
    async fn claims_read(&self) -> Arc<ClaimNames> {
        Arc::default()
    }
}

impl Parties {
    pub(crate) fn new() -> Self {
        let clock = auth::ports::Clock::now(&SystemClock);
        let made = microsoft::certificate::create("transport", 1, clock).unwrap();
        let key = made.private_key_pem.expose_secret();
        let secret = json!({"certificate": made.certificate_pem, "private_key": key});
        let parties = Self {
            trusted: Authority::named(TRUSTED),
            directory: tempfile::tempdir().unwrap(),
            secrets: Arc::new(Held(secret.to_string().into())),
        };
        std::fs::write(parties.ca_file(), &parties.trusted.pem).unwrap();
        parties
    }

    fn ca_file(&self) -> PathBuf {
        self.directory.path().join("extra.pem")
    }

    /// Whoever is silent is waited for no longer than a moment; all others for as long as a
    /// busy machine takes.
    fn roots(&self, patience: Duration) -> TrustRoots {
        let roots = TrustRoots::load(Some(&self.ca_file())).unwrap();
        roots.waiting(Duration::from_secs(10), patience)
    }

    async fn client(&self, url: &str, patience: Duration) -> EntraClient {
        let clock = Arc::new(SystemClock);
        let versions = KeysInSecret::new(self.secrets.clone(), "certificate", clock.clone());
        let keys = SigningKeys::load(Arc::new(versions), clock.clone());
        EntraClient::new(EntraParts {
            config: AuthorityConfig {
                client_id: CLIENT.parse().unwrap(),
                cloud: Cloud::Public,
                authority: Some(url.parse().unwrap()),
                token_endpoint: TokenEndpoint::V2,
                assertion: AssertionForm::Ps256,
            },
            signing_keys: keys.await.unwrap(),
            code_credential: CodeCredential::Assertion,
            roots: self.roots(patience),
            clock,
            random: Arc::new(SystemRandom),
            meter: None,
        })
        .unwrap()
    }

    /// The token endpoint.
    pub(crate) async fn token(&self, url: &str, patience: Duration) -> AuthorityError {
        let tenant: TenantId = TENANT.parse().unwrap();
        let resource = Cloud::Public.management_resource();
        let client = self.client(url, patience).await;
        let asked = client.app_only_token(tenant, Cloud::Public, &resource);
        asked.await.unwrap_err()
    }

    /// Discovery, of an authority whose token endpoint has just answered.
    pub(crate) async fn discovery(&self, url: &str, patience: Duration) -> AuthorityError {
        let client = self.client(url, patience).await;
        let redemption = CodeRedemption {
            flow: ConsentFlow::V2,
            tenant: None,
            resource: &Cloud::Public.management_resource(),
            redirect_uri: "https://broker.example/consent/callback",
            unverified_code: &"the-code".to_owned().into(),
            code_verifier: &"the-verifier".to_owned().into(),
            nonce: "nonce",
        };
        client.redeem(redemption).await.unwrap_err()
    }

    /// What that token endpoint answers.
    pub(crate) fn id_token_answer() -> String {
        json!({"id_token": token(&json!({})), "expires_in": 1}).to_string()
    }

    /// An issuer of callers' tokens.
    pub(crate) async fn issuer(&self, url: &str, patience: Duration) -> ProofError {
        let allowed = [AllowedIssuer {
            issuer: ISSUER.to_owned(),
            audience: "vending".to_owned(),
            configuration_url: format!("{url}/.well-known/openid-configuration")
                .parse()
                .unwrap(),
            private: true,
        }];
        let callers = OidcCallers::new(CallersParts {
            issuers: Arc::new(HeldIssuers::of(&allowed)),
            roots: self.roots(patience),
            clock: Arc::new(SystemClock),
            claims_read: Arc::new(ReadsNothing),
            keys_max_age: Duration::from_secs(900),
            token_max_life: Duration::from_secs(900),
        });
        let token = token(&json!({"iss": ISSUER}));
        callers.unwrap().verify(&token).await.unwrap_err()
    }

    /// DynamoDB.
    pub(crate) async fn table(&self, url: &str) -> StoreError {
        let connection = aws::connect(&self.endpoint(url)).await;
        let table = connection.table("tokens", Arc::new(SystemRandom));
        table.ping().await.unwrap_err()
    }

    /// Secrets Manager.
    pub(crate) async fn secret(&self, url: &str) -> SecretError {
        let connection = aws::connect(&self.endpoint(url)).await;
        connection.secrets().read("ring").await.unwrap_err()
    }

    fn endpoint(&self, url: &str) -> Endpoint {
        match url.starts_with("https:") {
            false => Endpoint::Local(url.to_owned()),
            true => Endpoint::LocalTls {
                url: url.to_owned(),
                ca_pem: self.trusted.pem.clone(),
            },
        }
    }
}

/// With a signature that is no one's: the keys are looked for first.
fn token(claims: &Value) -> String {
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": "1"}).to_string();
    let part = |text: &str| base64url(text.as_bytes());
    format!(
        "{}.{}.{}",
        part(&header),
        part(&claims.to_string()),
        part("signature")
    )
}
