//! npm's `oidc-provider`, a certified OpenID provider, judges our client assertion: it
//! takes the request that our client makes for an app-only token, header, payload,
//! signature and form, under the public key that Node reads out of the certificate.
//! Each refusal is quoted in the provider's own words (`lib/shared/jwt_client_auth.js`,
//! `lib/helpers/jwt.js`), so that the right check is known to have refused.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use auth::ports::{AuthorityError, Clock as _, IssuedToken, TokenIssuer as _};
use auth::protocol::{AssertionForm, AuthorityConfig, TokenEndpoint};
use auth::secret::ExposeSecret as _;
use auth::{Cloud, TenantId};
use aws::{SecretFiles, SystemClock, SystemRandom};
use microsoft::certificate::create;
use microsoft::{CodeCredential, EntraClient, EntraParts, KeysInSecret, SigningKeys, TrustRoots};
use reqwest::{Client, header};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::broker::SCOPE;
use tests::clock::OffsetClock;
use tests::judge::{Judge, installed};
use tests::jwt::part;
use tests::recorder::Arrived;
use tests::{Microphone, Recorder};

const CLIENT_ID: &str = "a6099727-6b7b-482c-b509-1df309acc563";
const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
const SECRET: &str = "certificate";
const OTHER_TENANT: &str = "67cb0334-e242-4783-8028-0f39132fb5ad";

/// The provider, with a recorder in front of it.
struct Provider {
    judge: Judge,
    recorder: Recorder,
    /// The one that it knows.
    own: Certificate,
}

/// Which client asks; the default is the one that is registered.
struct Asking<'a> {
    form: AssertionForm,
    certificate: &'a Certificate,
    client_id: &'a str,
    /// How far its clock is off, in seconds.
    clock_off: i64,
}

/// A certificate as the functions find it: a secret, here in a file of its own.
struct Certificate {
    directory: TempDir,
    /// PEM, without the key.
    public: String,
}

impl Certificate {
    fn fresh() -> Self {
        let created = create("Judged", 1, SystemClock.now()).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let secret = json!({
            "certificate": created.certificate_pem,
            "private_key": created.private_key_pem.expose_secret(),
        });
        let path = directory.path().join(SECRET);
        std::fs::write(&path, secret.to_string()).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        Self {
            directory,
            public: created.certificate_pem,
        }
    }

    async fn signing_keys(&self) -> SigningKeys {
        let secrets = Arc::new(SecretFiles::new(self.directory.path()));
        let clock = Arc::new(SystemClock);
        let versions = KeysInSecret::new(secrets, SECRET, clock.clone());
        SigningKeys::load(Arc::new(versions), clock).await.unwrap()
    }
}

impl Provider {
    async fn start() -> Self {
        let own = Certificate::fresh();
        let modules = installed("JUDGES_NODE_MODULES");
        let variables = [("NODE_MODULES", modules.as_str())];
        let mut judge =
            Judge::start(&installed("JUDGES_NODE"), "oidc_provider.mjs", &variables).await;
        let microphone = Microphone::bind().await;
        let settings = json!({
            "origin": microphone.url,
            "tenants": [TENANT, OTHER_TENANT],
            "client_id": CLIENT_ID,
            "certificate": own.public,
        });
        judge.tell(&settings).await;
        let port = judge.hear().await["port"].as_u64().unwrap();
        Self {
            judge,
            recorder: microphone.in_front_of(u16::try_from(port).unwrap()),
            own,
        }
    }

    /// The client that is registered.
    fn registered(&self, form: AssertionForm) -> Asking<'_> {
        Asking {
            form,
            certificate: &self.own,
            client_id: CLIENT_ID,
            clock_off: 0,
        }
    }

    /// Our client, as the functions build it.
    async fn client(&self, asking: &Asking<'_>) -> EntraClient {
        let config = AuthorityConfig {
            client_id: asking.client_id.parse().unwrap(),
            cloud: Cloud::Public,
            authority: Some(self.recorder.url.parse().unwrap()),
            token_endpoint: TokenEndpoint::V2,
            assertion: asking.form,
        };
        EntraClient::new(EntraParts {
            meter: None,
            config,
            signing_keys: asking.certificate.signing_keys().await,
            code_credential: CodeCredential::Assertion,
            roots: TrustRoots::default(),
            clock: Arc::new(OffsetClock::by(asking.clock_off)),
            random: Arc::new(SystemRandom),
        })
        .unwrap()
    }

    /// What the provider said of the request that was just made.
    async fn verdict(&mut self) -> Value {
        self.judge.hear().await
    }

    async fn grants(&mut self, client: &EntraClient, tenant: &str) -> IssuedToken {
        let issued = ask(client, tenant).await;
        let verdict = self.verdict().await;
        assert_eq!(verdict["granted"], true, "{verdict}");
        assert_eq!(verdict["tenant"], tenant);
        assert_eq!(verdict["scope"], SCOPE);
        issued.unwrap()
    }

    async fn refuses(&mut self, row: &str, client: &EntraClient, reason: &str) {
        let refused = ask(client, TENANT).await;
        let verdict = self.verdict().await;
        println!("{row}: {verdict}");
        assert_eq!(verdict["granted"], false, "{row}: {verdict}");
        assert_eq!(verdict["detail"], reason, "{row}");
        assert!(refused.is_err(), "{row}");
    }

    /// The last request, as it arrived.
    fn last(&self) -> Arrived {
        self.recorder.requests().pop().unwrap()
    }

    /// Sends a recorded body to a tenant's token endpoint; gives status and answer.
    async fn send_again(&self, request: &Arrived, tenant: &str) -> (u16, Value) {
        let url = format!("{}/{tenant}/oauth2/v2.0/token", self.recorder.url);
        let client = Client::builder().no_proxy().build().unwrap();
        let form = request.header("content-type").unwrap();
        let sent = client.post(url).header(header::CONTENT_TYPE, form);
        let answer = sent.body(request.body.clone()).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

async fn ask(client: &EntraClient, tenant: &str) -> Result<IssuedToken, AuthorityError> {
    let tenant: TenantId = tenant.parse().unwrap();
    let resource = Cloud::Public.management_resource();
    client
        .app_only_token(tenant, Cloud::Public, &resource)
        .await
}

#[tokio::test]
async fn our_request_is_granted_in_either_form_of_the_assertion() {
    let mut provider = Provider::start().await;
    for form in [AssertionForm::Ps256, AssertionForm::Rs256] {
        let client = provider.client(&provider.registered(form)).await;
        let issued = provider.grants(&client, TENANT).await;
        assert_eq!(issued.expires_in.as_secs(), 3599);
        assert!(!issued.access_token.expose().is_empty());
        let assertion = provider.last().field("client_assertion");
        println!("{form:?}: granted, {}", part(&assertion, 0));
    }
    // The requests are those of our client and nobody else's.
    assert_eq!(provider.recorder.requests().len(), 2);
}

/// 15 s are the provider's own tolerance; `nbf` lies 30 s back.
#[tokio::test]
async fn a_clock_that_is_a_little_wrong_does_no_harm() {
    let mut provider = Provider::start().await;
    for clock_off in [-540, 25] {
        let client = provider
            .client(&Asking {
                clock_off,
                ..provider.registered(AssertionForm::Ps256)
            })
            .await;
        provider.grants(&client, TENANT).await;
    }
}

#[tokio::test]
async fn an_assertion_of_another_key_client_or_time_is_refused() {
    let mut provider = Provider::start().await;
    let other = Certificate::fresh();
    let elsewhere = "2d4d11a2-f814-46a7-890a-274a72a7309e";
    // Which certificate, which client, how far its clock is off.
    let rows = [
        (
            "another key",
            Some(&other),
            CLIENT_ID,
            0,
            "signature verification failed",
        ),
        ("another client", None, elsewhere, 0, "client not found"),
        ("over", None, CLIENT_ID, -3600, "jwt expired"),
        ("not begun", None, CLIENT_ID, 3600, "jwt not active yet"),
    ];
    for (row, certificate, client_id, clock_off, reason) in rows {
        for form in [AssertionForm::Ps256, AssertionForm::Rs256] {
            let asking = Asking {
                form,
                certificate: certificate.unwrap_or(&provider.own),
                client_id,
                clock_off,
            };
            let client = provider.client(&asking).await;
            provider.refuses(row, &client, reason).await;
        }
    }
}

#[tokio::test]
async fn an_assertion_is_taken_once() {
    let mut provider = Provider::start().await;
    let asking = provider.registered(AssertionForm::Ps256);
    let client = provider.client(&asking).await;
    provider.grants(&client, TENANT).await;
    let request = provider.last();
    let (status, answer) = provider.send_again(&request, TENANT).await;
    refused(
        &mut provider,
        "replayed",
        (status, answer),
        "client assertion tokens must only be used once",
    )
    .await;
    // A fresh one is taken again.
    provider.grants(&client, TENANT).await;
}

#[tokio::test]
async fn an_assertion_for_one_tenant_is_not_taken_at_another() {
    let mut provider = Provider::start().await;
    let asking = provider.registered(AssertionForm::Ps256);
    let client = provider.client(&asking).await;
    provider.grants(&client, OTHER_TENANT).await;
    let request = provider.last();
    let answer = provider.send_again(&request, TENANT).await;
    let reason =
        "audience (aud) must equal the endpoint url, issuer identifier or token endpoint url";
    refused(&mut provider, "another audience", answer, reason).await;
}

async fn refused(provider: &mut Provider, row: &str, answer: (u16, Value), reason: &str) {
    let verdict = provider.verdict().await;
    println!("{row}: {verdict}");
    let (status, body) = answer;
    assert_eq!(
        (status, &body["error"]),
        (401, &json!("invalid_client")),
        "{row}"
    );
    assert_eq!(body["error_description"], "client authentication failed");
    assert_eq!(verdict["detail"], reason, "{row}");
}
