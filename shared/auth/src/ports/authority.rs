//! Entra ID, as the use cases see it.

use std::time::Duration;

use async_trait::async_trait;
use url::Url;

use crate::cause::Cause;
use crate::cloud::Cloud;
use crate::identifiers::TenantId;
use crate::protocol::ConsentFlow;
use crate::resource::Resource;
use crate::secret::SecretString;
use crate::sign_in::PersonId;
use crate::token::AccessToken;

/// Why Entra ID gave no token. The cause says whose fault it is and whether it passes.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{cause}")]
pub struct AuthorityError {
    /// What it means.
    pub cause: Cause,
    /// How long Entra ID asks to be left alone.
    pub retry_after: Option<Duration>,
    /// Entra ID's own id of the exchange, for a support case. Not a secret.
    pub correlation_id: Option<String>,
}

impl From<Cause> for AuthorityError {
    fn from(cause: Cause) -> Self {
        Self {
            cause,
            retry_after: None,
            correlation_id: None,
        }
    }
}

/// A fresh app-only token, not yet checked against what we need.
#[derive(Debug, Clone)]
pub struct IssuedToken {
    /// The token.
    pub access_token: AccessToken,
    /// Its life from the moment of the request.
    pub expires_in: Duration,
    /// When Entra ID wants it renewed, if it said so.
    pub refresh_in: Option<Duration>,
}

/// Gives out app-only tokens (client credentials grant, RFC 6749 §4.4, with a client
/// assertion, RFC 7523 §2.2), and says which cloud's API they are for.
///
/// Failure policy: the adapter retries once on a fresh connection, once with a fresh
/// assertion, and no more; back-off over minutes is the caller's business.
#[async_trait]
pub trait TokenIssuer: Send + Sync {
    /// Asks for a token of `tenant` for `resource`.
    async fn app_only_token(
        &self,
        tenant: TenantId,
        cloud: Cloud,
        resource: &Resource,
    ) -> Result<IssuedToken, AuthorityError>;

    /// The cloud that `tenant` lives in, as its own metadata say it: asked once, for some
    /// seconds. `None` where they say nothing or cannot be read; nothing follows from that.
    async fn home_of(&self, _: TenantId) -> Option<Cloud> {
        None
    }
}

/// What the admin's browser is sent to the authority with.
#[derive(Debug, Clone)]
pub struct SignInRequest<'a> {
    /// Which flow.
    pub flow: ConsentFlow,
    /// Only this tenant may sign in; any organisation where none is named.
    pub tenant: Option<TenantId>,
    /// The resource that the v1 flow asks for.
    pub resource: &'a Resource,
    /// The registered reply URL.
    pub redirect_uri: &'a str,
    /// The `state` parameter.
    pub state: &'a str,
    /// The PKCE challenge (RFC 7636, S256).
    pub code_challenge: &'a str,
    /// The OpenID Connect nonce.
    pub nonce: &'a str,
}

/// An authorization code to be redeemed, with everything that it is bound to.
pub struct CodeRedemption<'a> {
    /// The flow that the code came from.
    pub flow: ConsentFlow,
    /// The tenant that the sign-in was limited to, if any.
    pub tenant: Option<TenantId>,
    /// The resource of the v1 flow.
    pub resource: &'a Resource,
    /// The reply URL that the code was sent to.
    pub redirect_uri: &'a str,
    /// The code, as the browser brought it.
    pub unverified_code: &'a SecretString,
    /// The PKCE verifier.
    pub code_verifier: &'a SecretString,
    /// The nonce that the ID token must carry.
    pub nonce: &'a str,
}

/// Who signed in, from a token that the token endpoint gave us and whose signature,
/// audience, issuer, client and nonce were checked. Never from a query parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedIn {
    /// The tenant (`tid`).
    pub tenant: TenantId,
    /// The person's object ID in that tenant (`oid`), where the token says it.
    pub person: Option<PersonId>,
    /// The person's sign-in name, for display only.
    pub username: Option<String>,
    /// Directory role template ids of the person (`wids`); `None` where the token has no
    /// such claim, which is not the same as an empty one.
    pub directory_roles: Option<Vec<String>>,
    /// Delegated permissions of the token (`scp`): of the resource in the v1 flow, none
    /// in the v2 flow, whose sign-in asks for none.
    pub delegated_scopes: Vec<String>,
}

/// The authority's pages: where a browser is sent, and what an error means that it brings
/// back. Makes no request.
pub trait ConsentPages: Send + Sync {
    /// Where the admin signs in.
    fn sign_in_url(&self, request: &SignInRequest<'_>) -> Url;

    /// Where the admin of `tenant` grants every permission that is registered, of every API
    /// (v2 flow). `resource` is one of these.
    fn admin_consent_url(
        &self,
        tenant: TenantId,
        resource: &Resource,
        redirect_uri: &str,
        state: &str,
    ) -> Url;

    /// What an error in a callback means (`error`, `error_description`). The text comes
    /// through the browser and is not to be believed: it chooses a page.
    fn callback_error(&self, error: &str, unverified_description: Option<&str>) -> AuthorityError;
}

/// Redeems authorization codes.
///
/// Failure policy: a code is redeemed once; nothing is retried after an answer.
#[async_trait]
pub trait CodeRedeemer: Send + Sync {
    /// Redeems a code and says who signed in.
    async fn redeem(&self, redemption: CodeRedemption<'_>) -> Result<SignedIn, AuthorityError>;
}
