//! Entra ID's sign-in and consent pages: their URLs, the redemption of the code, and
//! the check of who signed in.

use async_trait::async_trait;
use auth::cause::{Cause, CauseCode};
use auth::ports::{AuthorityError, CodeRedemption, ConsentAuthority, SignInRequest, SignedIn};
use auth::protocol::ConsentFlow;
use auth::secret::{ExposeSecret, SecretString};
use auth::{Resource, TenantId};
use url::Url;

use super::aadsts::CODE_OF_ANOTHER_TENANT;
use super::answer::TokenAnswer;
use super::callback_error::callback_error;
use super::client::{CodeCredential, EntraClient};
use super::purpose::Purpose;
use crate::oidc::identity_token::{
    TokenRefused, check_access_token, check_id_token, unverified_nonce,
};

#[async_trait]
impl ConsentAuthority for EntraClient {
    fn sign_in_url(&self, request: &SignInRequest<'_>) -> Url {
        let place = tenant_or_alias(request.tenant, request.flow);
        let (path, prompt) = match request.flow {
            ConsentFlow::V1 => (format!("{place}/oauth2/authorize"), "admin_consent"),
            ConsentFlow::V2 => (format!("{place}/oauth2/v2.0/authorize"), "select_account"),
        };
        let mut url = self.endpoint(self.config.cloud, &path);
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
        let mut url = self.endpoint(self.config.cloud, &path);
        url.query_pairs_mut()
            .append_pair("client_id", &self.config.client_id.to_string())
            .append_pair("scope", &resource.default_scope())
            .append_pair("redirect_uri", redirect_uri)
            .append_pair("state", state);
        url
    }

    async fn redeem(&self, redemption: CodeRedemption<'_>) -> Result<SignedIn, AuthorityError> {
        let redeemed = self.redeem_code(&redemption).await;
        let answer = redeemed.map_err(|error| of_another_tenant(error, redemption.tenant))?;
        let checked = match redemption.flow {
            ConsentFlow::V2 => self.check_v2(&answer, &redemption).await,
            ConsentFlow::V1 => self.check_v1(&answer, &redemption).await,
        };
        checked.map_err(|refused| {
            tracing::warn!(
                event = "sign_in_token_refused", check = %refused,
                "the token of a sign-in did not pass its checks"
            );
            match refused {
                TokenRefused::KeysUnavailable(why) => Cause::new(why.cause()).into(),
                _ => Cause::new(CauseCode::TokenInvalid).into(),
            }
        })
    }

    fn callback_error(&self, error: &str, unverified_description: Option<&str>) -> AuthorityError {
        callback_error(error, unverified_description)
    }
}

impl EntraClient {
    /// Redeems the code at the place that it was made for (else AADSTS700005). Never
    /// sent twice: a code is redeemed once.
    async fn redeem_code(
        &self,
        redemption: &CodeRedemption<'_>,
    ) -> Result<TokenAnswer, AuthorityError> {
        let place = tenant_or_alias(redemption.tenant, redemption.flow);
        let path = match redemption.flow {
            ConsentFlow::V1 => format!("{place}/oauth2/token"),
            ConsentFlow::V2 => format!("{place}/oauth2/v2.0/token"),
        };
        let url = self.endpoint(self.config.cloud, &path);
        let client_id = self.config.client_id.to_string();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("client_id", client_id.as_str()),
            ("code", redemption.unverified_code.expose_secret()),
            ("redirect_uri", redemption.redirect_uri),
            ("code_verifier", redemption.code_verifier.expose_secret()),
        ];
        if redemption.flow == ConsentFlow::V1 {
            form.push(("resource", redemption.resource.as_str()));
        }
        match &self.code_credential {
            CodeCredential::ClientSecret(secret) => {
                form.push(("client_secret", secret.expose_secret()));
                TokenAnswer::read(self.http.post_form(&url, &form).await)
            }
            // Assumption: a client that is not proven uses no code up, so that another
            // assertion may try. If it does, the admin starts again, as without it.
            CodeCredential::Assertion => {
                let tenant = redemption.tenant;
                self.post_with_assertion(&url, &form, Purpose::Code { tenant })
                    .await
            }
        }
    }

    async fn check_v2(
        &self,
        answer: &TokenAnswer,
        redemption: &CodeRedemption<'_>,
    ) -> Result<SignedIn, TokenRefused> {
        check_id_token(
            text(answer.id_token.as_ref())?,
            &self.keys_v2,
            self.config.client_id,
            redemption.nonce,
            self.clock.as_ref(),
        )
        .await
    }

    async fn check_v1(
        &self,
        answer: &TokenAnswer,
        redemption: &CodeRedemption<'_>,
    ) -> Result<SignedIn, TokenRefused> {
        if let Some(id_token) = &answer.id_token
            && unverified_nonce(id_token.expose_secret())
                .is_some_and(|nonce| nonce != redemption.nonce)
        {
            return Err(TokenRefused::Nonce);
        }
        check_access_token(
            text(answer.access_token.as_ref())?,
            &self.keys_v1,
            self.config.client_id,
            redemption.resource,
            self.clock.as_ref(),
        )
        .await
    }
}

/// A code that was made at another tenant's page than the one that the person was sent to:
/// somebody changed the address, and no request of ours is at fault.
fn of_another_tenant(error: AuthorityError, sent_to: Option<TenantId>) -> AuthorityError {
    match (error.cause.aadsts, sent_to) {
        (Some(CODE_OF_ANOTHER_TENANT), Some(_)) => AuthorityError {
            cause: Cause::with_aadsts(CauseCode::InviteForAnotherTenant, CODE_OF_ANOTHER_TENANT),
            ..error
        },
        _ => error,
    }
}

fn text(token: Option<&SecretString>) -> Result<&str, TokenRefused> {
    token
        .map(ExposeSecret::expose_secret)
        .ok_or(TokenRefused::Form)
}

/// Where somebody signs in: the tenant that is expected, else any organisation (v2),
/// or, as the page of 2016 prints it, `common` (v1).
fn tenant_or_alias(tenant: Option<TenantId>, flow: ConsentFlow) -> String {
    match (tenant, flow) {
        (Some(tenant), _) => tenant.to_string(),
        (None, ConsentFlow::V1) => "common".to_owned(),
        (None, ConsentFlow::V2) => "organizations".to_owned(),
    }
}
