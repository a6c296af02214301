//! The redemption of a sign-in's code, and the check of who signed in.

use async_trait::async_trait;
use auth::TenantId;
use auth::cause::{Cause, CauseCode};
use auth::ports::{AuthorityError, CodeRedeemer, CodeRedemption, SignedIn};
use auth::protocol::ConsentFlow;
use auth::secret::{ExposeSecret, SecretString};

use super::aadsts::CODE_OF_ANOTHER_TENANT;
use super::answer::TokenAnswer;
use super::client::{CodeCredential, EntraClient};
use super::place::tenant_or_alias;
use super::purpose::Purpose;
use crate::oidc::identity_token::{
    TokenRefused, check_access_token, check_id_token, unverified_nonce,
};

#[async_trait]
impl CodeRedeemer for EntraClient {
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
