//! Entra ID's token endpoint: app-only tokens with a client assertion.

use std::sync::Arc;

use async_trait::async_trait;
use auth::caller::is_loopback;
use auth::cause::{Cause, CauseCode};
use auth::ports::{
    AuthorityError, Clock, IssuedToken, Random, SecretError, SecretSource, TokenIssuer,
};
use auth::protocol::{AuthorityConfig, TokenEndpoint};
use auth::secret::{ExposeSecret, SecretString};
use auth::{Cloud, Resource, TenantId};
use url::Url;

use crate::answer::TokenAnswer;
use crate::assertion;
use crate::certificate::{CertificateError, SigningKey};
use crate::http::{Http, HttpError};
use crate::keys::{ExpectedIssuer, IssuerKeys};

/// RFC 7523 §2.2.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What the code is redeemed with.
#[derive(Debug, Clone)]
pub enum CodeCredential {
    /// The certificate's assertion: nothing more to lose. The default.
    Assertion,
    /// A client secret, as the page of 2016 does it.
    ClientSecret(SecretString),
}

/// The client to one registration's authority.
pub struct EntraClient {
    pub(crate) config: AuthorityConfig,
    pub(crate) http: Http,
    signing_key: Arc<SigningKey>,
    pub(crate) code_credential: CodeCredential,
    pub(crate) clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    pub(crate) keys_v1: IssuerKeys,
    pub(crate) keys_v2: IssuerKeys,
}

/// Why the client cannot start. Every variant is one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The certificate's secret cannot be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// What it holds will not do.
    #[error("secret {name}: {reason}")]
    Certificate {
        /// The secret's name.
        name: String,
        /// What is wrong with it.
        reason: CertificateError,
    },
    /// No HTTP client.
    #[error(transparent)]
    Http(#[from] HttpError),
}

/// Reads and checks the certificate called `secret_id`: done once, at start.
pub async fn load_signing_key(
    secrets: &dyn SecretSource,
    secret_id: &str,
    clock: &dyn Clock,
) -> Result<Arc<SigningKey>, StartError> {
    let secret = secrets.read(secret_id).await?;
    let key = SigningKey::from_secret(&secret, clock.now());
    key.map(Arc::new).map_err(|reason| StartError::Certificate {
        name: secret_id.to_owned(),
        reason,
    })
}

impl EntraClient {
    /// A client that signs with `signing_key`. Makes no request.
    pub fn new(
        config: AuthorityConfig,
        signing_key: Arc<SigningKey>,
        code_credential: CodeCredential,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Result<Self, HttpError> {
        let http = Http::new(config.authority.as_ref().is_some_and(is_loopback))?;
        let keys = |path: &str| {
            let url = endpoint(&config, config.cloud, path);
            IssuerKeys::new(http.clone(), url, ExpectedIssuer::Template, clock.clone())
        };
        Ok(Self {
            keys_v1: keys("common/.well-known/openid-configuration"),
            keys_v2: keys("organizations/v2.0/.well-known/openid-configuration"),
            http,
            config,
            signing_key,
            code_credential,
            clock,
            random,
        })
    }

    /// A URL of the authority of `cloud`.
    pub(crate) fn endpoint(&self, cloud: Cloud, path: &str) -> Url {
        endpoint(&self.config, cloud, path)
    }

    /// A fresh assertion for a token endpoint.
    pub(crate) fn assertion(&self, token_url: &Url) -> Result<SecretString, AuthorityError> {
        assertion::sign(
            &self.signing_key,
            self.config.assertion,
            self.config.client_id,
            token_url.as_str(),
            self.clock.now(),
            self.random.as_ref(),
        )
        .map_err(|_| Cause::new(CauseCode::BrokerUnavailable).into())
    }
}

/// The form fields of an assertion.
pub(crate) fn assertion_fields(assertion: &SecretString) -> [(&'static str, &str); 2] {
    [
        ("client_assertion_type", ASSERTION_TYPE),
        ("client_assertion", assertion.expose_secret()),
    ]
}

/// Joins a path to an authority. The parts of a path are ours and a tenant's GUID, so
/// that nothing a person typed ever gets into a URL.
fn endpoint(config: &AuthorityConfig, cloud: Cloud, path: &str) -> Url {
    let text = format!("{}/{path}", config.authority_for(cloud));
    match Url::parse(&text) {
        Ok(url) => url,
        Err(_) => unreachable!("a path of ours behind a URL that was parsed"),
    }
}

#[async_trait]
impl TokenIssuer for EntraClient {
    async fn app_only_token(
        &self,
        tenant: TenantId,
        cloud: Cloud,
        resource: &Resource,
    ) -> Result<IssuedToken, AuthorityError> {
        let (path, what) = match self.config.token_endpoint {
            TokenEndpoint::V2 => (
                format!("{tenant}/oauth2/v2.0/token"),
                ("scope", resource.default_scope()),
            ),
            TokenEndpoint::V1 => (
                format!("{tenant}/oauth2/token"),
                ("resource", resource.as_str().to_owned()),
            ),
        };
        let url = self.endpoint(cloud, &path);
        let what = (what.0, what.1.as_str());
        match self.client_credentials(&url, what).await {
            // An assertion that waited (a frozen function) may be out of its time: a
            // fresh one is not, unless the clock is wrong.
            Err(error) if error.cause.code == CauseCode::ClockSkew => {
                self.client_credentials(&url, what).await
            }
            outcome => outcome,
        }
    }
}

impl EntraClient {
    /// One request with an assertion of its own.
    async fn client_credentials(
        &self,
        url: &Url,
        what: (&str, &str),
    ) -> Result<IssuedToken, AuthorityError> {
        let assertion = self.assertion(url)?;
        let client_id = self.config.client_id.to_string();
        let [assertion_type, assertion] = assertion_fields(&assertion);
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id.as_str()),
            what,
            assertion_type,
            assertion,
        ];
        let answer = self.http.post_form_retrying(url, &form).await;
        TokenAnswer::read(answer)?.into_issued()
    }
}
