//! The client to Graph. Each request is made with one key: its token, asked for in the home
//! tenant of the application, and its proof. A token goes to the one host that it is for.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use auth::encoding::base64_standard;
use auth::ports::{
    ApplicationKeys, AssertionSigner, AuthorityError, Clock, KeysError, Random, RegisteredKey,
    SecretError, SignerVersions, SigningError, TokenIssuer as _,
};
use auth::protocol::AuthorityConfig;
use auth::token::AccessToken;
use auth::{Resource, TenantId};
use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use url::Url;

use super::answer;
use super::proof::{Proof, Rolling};
use super::registration::{Registration, SELECTED};
use crate::entra::client::{CodeCredential, EntraClient, EntraParts};
use crate::entra::signing_keys::SigningKeys;
use crate::http::{Answer, Http, HttpError};
use crate::trust::TrustRoots;

/// What a client is built from.
pub struct GraphParts {
    /// The registration and its authority.
    pub config: AuthorityConfig,
    /// The tenant that the registration is in.
    pub home: TenantId,
    /// Where Graph is asked, in place of its cloud's own host.
    pub url: Option<Url>,
    /// CAs to trust besides the system's.
    pub roots: TrustRoots,
    /// When a proof is made.
    pub clock: Arc<dyn Clock>,
    /// Identifiers of assertions.
    pub random: Arc<dyn Random>,
}

/// The client to Graph of one registration.
pub struct GraphClient {
    parts: GraphParts,
    http: Http,
    resource: Resource,
    /// The application object's ID, once it was read.
    object_id: OnceLock<String>,
}

/// One key and no other: a request by it is not repeated with another one.
struct OneKey(Arc<dyn AssertionSigner>);

#[async_trait]
impl SignerVersions for OneKey {
    async fn current(&self) -> Result<Arc<dyn AssertionSigner>, SecretError> {
        Ok(Arc::clone(&self.0))
    }

    async fn previous(&self) -> Result<Option<Arc<dyn AssertionSigner>>, SecretError> {
        Ok(None)
    }
}

impl GraphClient {
    /// Makes no request.
    pub fn new(parts: GraphParts) -> Result<Self, HttpError> {
        let resource = parts.config.cloud.graph().parse();
        Ok(Self {
            http: parts.roots.client(parts.url.as_ref())?,
            resource: match resource {
                Ok(resource) => resource,
                Err(_) => unreachable!("the hosts of Graph are App ID URIs"),
            },
            parts,
            object_id: OnceLock::new(),
        })
    }

    async fn token(&self, key: Arc<dyn AssertionSigner>) -> Result<AccessToken, KeysError> {
        let parts = &self.parts;
        let versions = SigningKeys::load(Arc::new(OneKey(key)), Arc::clone(&parts.clock));
        let entra = EntraClient::new(EntraParts {
            config: parts.config.clone(),
            signing_keys: versions.await.map_err(not_built)?,
            code_credential: CodeCredential::Assertion,
            roots: parts.roots.clone(),
            clock: Arc::clone(&parts.clock),
            random: Arc::clone(&parts.random),
            // A rotation is too seldom for a figure.
            meter: None,
        });
        let entra = entra.map_err(not_built)?;
        let cloud = parts.config.cloud;
        let issued = entra
            .app_only_token(parts.home, cloud, &self.resource)
            .await;
        issued
            .map(|issued| issued.access_token)
            .map_err(|error: AuthorityError| KeysError::NoToken(error))
    }

    /// The application, addressed by its client ID, or something of it by its object ID.
    fn address(&self, path: &str) -> Result<Url, KeysError> {
        let base = self.parts.url.as_ref().map(Url::as_str);
        let base = base.unwrap_or(self.parts.config.cloud.graph());
        let url = format!("{}/v1.0/{path}", base.trim_end_matches('/'));
        Url::parse(&url).map_err(not_built)
    }

    async fn ask(
        &self,
        path: &str,
        token: &AccessToken,
        repeatable: bool,
        make: impl Fn(&Client, Url) -> RequestBuilder,
    ) -> Result<Answer, KeysError> {
        let url = self.address(path)?;
        let make = |client: &Client| make(client, url.clone()).bearer_auth(token.expose());
        let answer = self.http.send(&url, repeatable, make).await;
        answer::accepted(answer)
    }

    async fn read(&self, token: &AccessToken) -> Result<answer::Application, KeysError> {
        let client_id = self.parts.config.client_id;
        let path = format!("applications(appId='{client_id}')?$select=id,keyCredentials");
        let answer = self.ask(&path, token, true, Client::get).await?;
        let application = answer::Application::read(&answer.body)?;
        let _known_before = self.object_id.set(application.id.clone());
        Ok(application)
    }

    /// How the application is registered, asked for by `by`.
    pub async fn registration(
        &self,
        by: Arc<dyn AssertionSigner>,
    ) -> Result<Registration, KeysError> {
        let token = self.token(by).await?;
        let client_id = self.parts.config.client_id;
        let path = format!("applications(appId='{client_id}')?$select={SELECTED}");
        let answer = self.ask(&path, &token, true, Client::get).await?;
        Registration::read(&answer.body)
    }

    /// A change of the application's keys, proven by `key`.
    async fn roll(
        &self,
        key: Arc<dyn AssertionSigner>,
        rolling: Rolling,
        mut body: Value,
    ) -> Result<Answer, KeysError> {
        let token = self.token(Arc::clone(&key)).await?;
        let object_id = match self.object_id.get() {
            Some(id) => id.clone(),
            None => self.read(&token).await?.id,
        };
        let proof = Proof {
            object_id: &object_id,
            rolling,
            issued_at: self.parts.clock.now(),
        };
        let proof = proof.signed_by(&*key).await.map_err(not_signed)?;
        body["proof"] = json!(proof);
        let path = format!("applications/{object_id}/{}", rolling.operation());
        let text = body.to_string();
        self.ask(&path, &token, false, |client, url| {
            let request = client.post(url).header("content-type", "application/json");
            request.body(text.clone())
        })
        .await
    }
}

#[async_trait]
impl ApplicationKeys for GraphClient {
    async fn registered(
        &self,
        by: Arc<dyn AssertionSigner>,
    ) -> Result<Vec<RegisteredKey>, KeysError> {
        let token = self.token(by).await?;
        Ok(self.read(&token).await?.keys)
    }

    async fn add(&self, by: Arc<dyn AssertionSigner>, der: &[u8]) -> Result<(), KeysError> {
        let key = json!({
            "type": "AsymmetricX509Cert",
            "usage": "Verify",
            "key": base64_standard(der),
        });
        let body = json!({"keyCredential": key, "passwordCredential": null});
        self.roll(by, Rolling::Add, body).await.map(drop)
    }

    async fn remove(&self, by: Arc<dyn AssertionSigner>, key_id: &str) -> Result<(), KeysError> {
        let removed = self
            .roll(by, Rolling::Remove, json!({"keyId": key_id}))
            .await;
        match removed {
            // The application was just asked for its object ID: it is the credential that is gone.
            Err(KeysError::Refused(code)) if answer::is_not_found(&code) => Ok(()),
            other => other.map(drop),
        }
    }

    async fn proves(&self, key: Arc<dyn AssertionSigner>) -> Result<(), KeysError> {
        self.token(key).await.map(drop)
    }
}

fn not_signed(error: SigningError) -> KeysError {
    KeysError::NoToken(auth::Cause::from(error).into())
}

/// Something of this machine, which another try may mend.
fn not_built(error: impl std::fmt::Display) -> KeysError {
    KeysError::Unavailable {
        reason: error.to_string(),
        retry_after: None,
    }
}
