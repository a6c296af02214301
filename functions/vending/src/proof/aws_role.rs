//! The AWS role of a signed request, from `requestContext.authorizer.iam` alone: the
//! function URL (or an API with an IAM authorizer) has checked the signature and wrote it.
//! A client has no way to write there. Permission to invoke the function directly would be one,
//! which is why only the URL and the gateway have it.

use std::borrow::Cow;

use auth::caller::{AwsIdentity, AwsRole};
use lambda::answer::ApiError;
use lambda_http::aws_lambda_events::apigw::ApiGatewayRequestAuthorizerIamDescription as Iam;
use lambda_http::request::RequestContext;
use lambda_http::{Request, RequestExt as _};

use crate::refusal;

/// The role that signed; none where nothing was signed. Fails closed: a signature of
/// anything but a role is refused, and never passed over for another proof.
pub(super) fn of(request: &Request) -> Result<Option<AwsRole>, ApiError> {
    let Some(iam) = iam(request) else {
        return Ok(None);
    };
    let identity = AwsIdentity {
        account: text(&iam.account_id),
        arn: text(&iam.user_arn),
        user_id: text(&iam.user_id),
    };
    // The gateway has checked who signed: its own caller may read that.
    let session = identity.role_session();
    let session = session.map_err(|error| refusal::unproven(&error.to_string()))?;
    Ok(Some(session.role))
}

fn text(field: &Option<String>) -> Cow<'_, str> {
    field.as_deref().unwrap_or_default().into()
}

fn iam(request: &Request) -> Option<&Iam> {
    match request.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => context.authorizer.as_ref()?.iam.as_ref(),
        _ => None,
    }
}
