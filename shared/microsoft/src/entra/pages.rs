//! Entra ID's sign-in and consent pages: their URLs, and what an error means that comes back
//! from them. It makes no request and holds no key.

use auth::ports::{AuthorityError, ConsentPages, SignInRequest};
use auth::protocol::{AuthorityConfig, ConsentFlow};
use auth::{Resource, TenantId};
use url::Url;

use super::callback_error::callback_error;
use super::place::{endpoint, tenant_or_alias};

/// The pages of one registration's authority.
#[derive(Debug, Clone)]
pub struct SignInPages {
    /// The registration and its authority.
    pub config: AuthorityConfig,
}

impl ConsentPages for SignInPages {
    fn sign_in_url(&self, request: &SignInRequest<'_>) -> Url {
        let place = tenant_or_alias(request.tenant, request.flow);
        let (path, prompt) = match request.flow {
            ConsentFlow::V1 => (format!("{place}/oauth2/authorize"), "admin_consent"),
            ConsentFlow::V2 => (format!("{place}/oauth2/v2.0/authorize"), "select_account"),
        };
        let mut url = endpoint(&self.config, self.config.cloud, &path);
        let client_id = self.config.client_id.to_string();
        let mut query = url.query_pairs_mut();
        query.append_pair("response_type", "code");
        match request.flow {
            ConsentFlow::V1 => query.append_pair("resource", request.resource.as_str()),
            ConsentFlow::V2 => query
                .append_pair("scope", "openid profile")
                .append_pair("response_mode", "query"),
        };
        query
            .append_pair("client_id", &client_id)
            .append_pair("redirect_uri", request.redirect_uri)
            .append_pair("state", request.state)
            .append_pair("nonce", request.nonce)
            .append_pair("code_challenge", request.code_challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("prompt", prompt);
        drop(query);
        url
    }

    fn admin_consent_url(
        &self,
        tenant: TenantId,
        resource: &Resource,
        redirect_uri: &str,
        state: &str,
    ) -> Url {
        // One `.default` asks for all that is registered, of all APIs; several in one request
        // are undocumented.
        let path = format!("{tenant}/v2.0/adminconsent");
        let mut url = endpoint(&self.config, self.config.cloud, &path);
        url.query_pairs_mut()
            .append_pair("client_id", &self.config.client_id.to_string())
            .append_pair("scope", &resource.default_scope())
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", state);
        url
    }

    fn callback_error(&self, error: &str, unverified_description: Option<&str>) -> AuthorityError {
        callback_error(error, unverified_description)
    }
}
