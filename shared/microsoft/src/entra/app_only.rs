//! App-only tokens (client credentials grant, RFC 6749 §4.4), in the form of today and in that
//! of 2016.

use async_trait::async_trait;
use auth::ports::{AuthorityError, IssuedToken, TokenIssuer};
use auth::protocol::TokenEndpoint;
use auth::{Cloud, Resource, TenantId};

use super::client::EntraClient;
use super::purpose::Purpose;

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
        let client_id = self.config.client_id.to_string();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", client_id.as_str()),
            (what.0, what.1.as_str()),
        ];
        let purpose = Purpose::AppOnly { tenant, resource };
        self.post_with_assertion(&url, &form, purpose)
            .await?
            .into_issued()
    }

    async fn home_of(&self, tenant: TenantId) -> Option<Cloud> {
        self.read_home(tenant).await
    }
}
