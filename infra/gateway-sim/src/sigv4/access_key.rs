//! The access key of a run, and the role for which it stands. In AWS a caller assumes a
//! role and is given a temporary key (`ASIA…`) with a session token; here one permanent
//! key stands for one session of one role, so that there is nothing to assume.

use std::fmt;

use lambda_http::aws_lambda_events::apigw::{
    ApiGatewayRequestAuthorizer, ApiGatewayRequestAuthorizerIamDescription,
};
use secrecy::SecretString;

/// The session's name; in AWS the caller that assumes a role chooses it.
const SESSION: &str = "one-machine";

/// A key that signs requests for one region.
#[derive(Clone)]
pub struct AccessKey {
    /// `AKIA…`, 20 characters.
    pub id: String,
    /// 40 characters.
    pub secret: SecretString,
    /// The region that a signature must be for, as `us-east-1`.
    pub region: String,
    /// Who the holder is.
    pub role: AssumedRole,
}

/// The role for which a key stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssumedRole {
    /// The account, 12 digits.
    pub account: String,
    /// The role's name, without its path.
    pub name: String,
    /// The role's unique id, `AROA…`.
    pub id: String,
}

impl fmt::Debug for AccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessKey")
            .field("id", &self.id)
            .field("region", &self.region)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

impl AccessKey {
    /// `requestContext.authorizer` of a request that this key has signed.
    ///
    /// AWS writes `cognitoIdentity` and `principalOrgId` as null for a role outside of an
    /// organization. The event's type leaves the first one out, which JSON readers take
    /// alike.
    pub(crate) fn authorizer(&self) -> ApiGatewayRequestAuthorizer {
        let session = self.user_id();
        let mut iam = ApiGatewayRequestAuthorizerIamDescription::default();
        iam.access_key = Some(self.id.clone());
        iam.account_id = Some(self.role.account.clone());
        iam.caller_id = Some(session.clone());
        iam.user_arn = Some(self.arn());
        iam.user_id = Some(session);
        let mut authorizer = ApiGatewayRequestAuthorizer::default();
        authorizer.iam = Some(iam);
        authorizer
    }

    /// The ARN of the session.
    pub(crate) fn arn(&self) -> String {
        let AssumedRole { account, name, .. } = &self.role;
        format!("arn:aws:sts::{account}:assumed-role/{name}/{SESSION}")
    }

    /// The role's id and the session's name.
    pub(crate) fn user_id(&self) -> String {
        format!("{}:{SESSION}", self.role.id)
    }
}
