//! The client to Entra ID: what it is built from. What it asks for is in the files beside it.

use std::sync::Arc;

use auth::Cloud;
use auth::ports::{Clock, Meter, Random};
use auth::protocol::AuthorityConfig;
use auth::secret::SecretString;
use url::Url;

use super::place::endpoint;
use super::signing_keys::SigningKeys;
use crate::http::{Http, HttpError};
use crate::oidc::issuer_keys::{ExpectedIssuer, IssuerKeys};
use crate::trust::TrustRoots;

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
    pub(super) signing_keys: Arc<SigningKeys>,
    pub(crate) code_credential: CodeCredential,
    pub(crate) clock: Arc<dyn Clock>,
    pub(super) random: Arc<dyn Random>,
    pub(super) meter: Option<Arc<dyn Meter>>,
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
}
