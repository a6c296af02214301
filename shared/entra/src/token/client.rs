//! Entra ID's token endpoint: app-only tokens with a client assertion.

use std::sync::Arc;

use async_trait::async_trait;
use auth::cause::{Cause, CauseCode};
use auth::ports::{AuthorityError, Clock, IssuedToken, Meter, Random, TokenIssuer};
use auth::protocol::{AuthorityConfig, TokenEndpoint};
use auth::secret::{ExposeSecret, SecretString};
use auth::{Cloud, Resource, TenantId};
use url::Url;

use super::aadsts::{ASSERTION_OUT_OF_TIME, other_key_may_help};
use super::answer::TokenAnswer;
use super::assertion;
use super::place::endpoint;
use super::signing_keys::SigningKeys;
use super::timed::timed;
use crate::certificate::SigningKey;
use crate::http::{Answer, Http, HttpError};
use crate::oidc::issuer_keys::{ExpectedIssuer, IssuerKeys};
use crate::trust::TrustRoots;

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

/// Whether a request may be sent again when no answer came.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Arrives {
    /// A code is redeemed once.
    Once,
    /// A token more does no harm.
    PerhapsTwice,
}

/// The client to one registration's authority.
pub struct EntraClient {
    pub(crate) config: AuthorityConfig,
    pub(crate) http: Http,
    signing_keys: Arc<SigningKeys>,
    pub(crate) code_credential: CodeCredential,
    pub(crate) clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    meter: Option<Arc<dyn Meter>>,
    pub(crate) keys_v1: IssuerKeys,
    pub(crate) keys_v2: IssuerKeys,
}

/// What a client is built from.
pub struct EntraParts {
    /// The registration and its authority.
    pub config: AuthorityConfig,
    /// What assertions are signed with.
    pub signing_keys: SigningKeys,
    /// What the code is redeemed with.
    pub code_credential: CodeCredential,
    /// CAs to trust besides the system's.
    pub roots: TrustRoots,
    /// When an assertion is made, and how old keys are.
    pub clock: Arc<dyn Clock>,
    /// Identifiers of assertions.
    pub random: Arc<dyn Random>,
    /// Where it is told how long the token endpoint takes.
    pub meter: Option<Arc<dyn Meter>>,
}

impl EntraClient {
    /// Makes no request.
    pub fn new(parts: EntraParts) -> Result<Self, HttpError> {
        let EntraParts {
            config,
            signing_keys,
            code_credential,
            roots,
            clock,
            random,
            meter,
        } = parts;
        let http = roots.client(config.authority.as_ref())?;
        let keys = |path: &str| {
            let url = endpoint(&config, config.cloud, path);
            IssuerKeys::new(http.clone(), url, ExpectedIssuer::Template, clock.clone())
        };
        Ok(Self {
            keys_v1: keys("common/.well-known/openid-configuration"),
            keys_v2: keys("organizations/v2.0/.well-known/openid-configuration"),
            http,
            config,
            signing_keys: Arc::new(signing_keys),
            code_credential,
            clock,
            random,
            meter,
        })
    }

    /// The keys that sign.
    pub fn signing_keys(&self) -> Arc<SigningKeys> {
        Arc::clone(&self.signing_keys)
    }

    /// A URL of the authority of `cloud`.
    pub(crate) fn endpoint(&self, cloud: Cloud, path: &str) -> Url {
        endpoint(&self.config, cloud, path)
    }

    /// Posts `form` with a fresh assertion, and once more where that can mend a refusal
    /// of the assertion: with the other version of the certificate. One that came too late
    /// is first followed by another fresh one.
    pub(crate) async fn post_with_assertion(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        arrives: Arrives,
    ) -> Result<TokenAnswer, AuthorityError> {
        let key = self.signing_keys.signing().await;
        let key = key.ok_or_else(without_a_key)?;
        let mut answer = self.post_signed(url, form, &key, arrives).await;
        if is_out_of_time(&answer) {
            // It waited (a frozen function); a fresh one is in time, unless the clock is
            // wrong.
            answer = self.post_signed(url, form, &key, arrives).await;
        }
        if !is_about_the_key(&answer) {
            return answer;
        }
        let Some(other) = self.signing_keys.other_than(&key).await else {
            return answer;
        };
        let by_other = self.post_with_other_key(url, form, other, arrives).await;
        // Where neither will do, the one that signs is what the operator has to look at.
        let refused = |error: &AuthorityError| error.cause.code == CauseCode::CredentialRefused;
        match by_other.as_ref().is_err_and(refused) || is_about_the_key(&by_other) {
            true => answer,
            false => by_other,
        }
    }

    async fn post_with_other_key(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        other: Arc<SigningKey>,
        arrives: Arrives,
    ) -> Result<TokenAnswer, AuthorityError> {
        let outcome = self.post_signed(url, form, &other, arrives).await;
        if outcome.is_ok() {
            self.signing_keys.prefer(other);
        }
        outcome
    }

    async fn post_signed(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        key: &SigningKey,
        arrives: Arrives,
    ) -> Result<TokenAnswer, AuthorityError> {
        let assertion = self.assertion(key, url)?;
        let proof = [
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", assertion.expose_secret()),
        ];
        let form = [form, &proof].concat();
        let posted = self.post(url, &form, arrives);
        let meter = self.meter.as_deref();
        TokenAnswer::read(timed(url, self.clock.as_ref(), meter, posted).await)
    }

    async fn post(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        arrives: Arrives,
    ) -> Result<Answer, HttpError> {
        match arrives {
            Arrives::Once => self.http.post_form(url, form).await,
            Arrives::PerhapsTwice => self.http.post_form_retrying(url, form).await,
        }
    }

    fn assertion(&self, key: &SigningKey, token_url: &Url) -> Result<SecretString, AuthorityError> {
        assertion::sign(
            key,
            self.config.assertion,
            self.config.client_id,
            token_url.as_str(),
            self.clock.now(),
            self.random.as_ref(),
        )
        .map_err(|_| Cause::new(CauseCode::BrokerUnavailable).into())
    }
}

fn number<T>(answer: &Result<T, AuthorityError>) -> Option<u32> {
    answer
        .as_ref()
        .err()
        .and_then(|refused| refused.cause.aadsts)
}

fn is_out_of_time<T>(answer: &Result<T, AuthorityError>) -> bool {
    number(answer) == Some(ASSERTION_OUT_OF_TIME)
}

/// Whether the key that signed was refused, and another one may pass.
fn is_about_the_key<T>(answer: &Result<T, AuthorityError>) -> bool {
    number(answer).is_some_and(other_key_may_help)
}

fn without_a_key() -> Cause {
    CauseCode::BrokerUnavailable.into()
}

#[async_trait]
impl TokenIssuer for EntraClient {
    async fn ready(&self) -> Result<(), Cause> {
        let key = self.signing_keys.signing().await;
        key.map(|_| ()).ok_or_else(without_a_key)
    }

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
        let client_id = self.config.client_id.to_string();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id.as_str()),
            (what.0, what.1.as_str()),
        ];
        self.post_with_assertion(&url, &form, Arrives::PerhapsTwice)
            .await?
            .into_issued()
    }

    async fn home_of(&self, tenant: TenantId) -> Option<Cloud> {
        self.read_home(tenant).await
    }
}
