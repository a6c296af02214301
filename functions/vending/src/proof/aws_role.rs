//! The AWS role of a signed request, from `requestContext.authorizer.iam` alone: the
//! function URL (or an API with an IAM authorizer) has checked the signature and wrote it.
//! A client has no way to write there. Permission to invoke the function directly would be one,
//! which is why only the URL and the gateway have it.

use auth::caller::AwsRole;
use auth::text::{printable, shown};
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
    role(iam).map(Some).ok_or_else(|| not_a_role(iam))
}

/// The gateway has checked who signed: its own caller may read that.
fn not_a_role(iam: &Iam) -> ApiError {
    let signer = iam.user_arn.as_deref().unwrap_or("somebody without an ARN");
    refusal::unproven(&format!(
        "only IAM roles are taken, and {} signed this: assume a role and sign with its \
         credentials; users, root and federated identities are not taken",
        printable(&shown(signer).to_string())
    ))
}

fn iam(request: &Request) -> Option<&Iam> {
    match request.request_context_ref()? {
        RequestContext::ApiGatewayV2(context) => context.authorizer.as_ref()?.iam.as_ref(),
        _ => None,
    }
}

/// `arn:{partition}:sts::{account}:assumed-role/{name}/{session}` with the user id
/// `{role id}:{session}`. The session's name is the caller's choice and is dropped.
fn role(iam: &Iam) -> Option<AwsRole> {
    let arn: Vec<&str> = iam.user_arn.as_deref()?.splitn(6, ':').collect();
    let ["arn", _, "sts", "", account, resource] = arn[..] else {
        return None;
    };
    let path: Vec<&str> = resource.split('/').collect();
    let ["assumed-role", name, session] = path[..] else {
        return None;
    };
    let (id, of_session) = iam.user_id.as_deref()?.split_once(':')?;
    let agrees = iam.account_id.as_deref() == Some(account) && session == of_session;
    let role = AwsRole::new(account, name, id).ok();
    role.filter(|_| agrees)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iam(arn: &str, id: &str, account: &str) -> Iam {
        let mut iam = Iam::default();
        iam.user_arn = Some(arn.to_owned());
        iam.user_id = Some(id.to_owned());
        iam.account_id = Some(account.to_owned());
        iam
    }

    #[test]
    fn a_role_is_its_account_name_and_id_whatever_the_session_is_called() {
        let account = "123456789012";
        for session in ["s", "i-0abc", "a@b.example"] {
            let arn = format!("arn:aws:sts::{account}:assumed-role/collector/{session}");
            let found = role(&iam(&arn, &format!("AROAEXAMPLE:{session}"), account)).unwrap();
            assert_eq!(
                (found.account(), found.name(), found.id()),
                (account, "collector", "AROAEXAMPLE")
            );
        }
    }

    #[test]
    fn nothing_else_is_a_role() {
        let role_arn = "arn:aws:sts::123456789012:assumed-role/collector/s";
        let rows = [
            (
                "arn:aws:iam::123456789012:user/me",
                "AIDAEXAMPLE",
                "123456789012",
            ),
            (
                "arn:aws:iam::123456789012:root",
                "123456789012",
                "123456789012",
            ),
            (
                "arn:aws:sts::123456789012:federated-user/me",
                "123456789012:me",
                "123456789012",
            ),
            (
                "arn:aws:iam::123456789012:role/collector",
                "AROAEXAMPLE",
                "123456789012",
            ),
            (role_arn, "AROAEXAMPLE", "123456789012"),
            (role_arn, "AROAEXAMPLE:other", "123456789012"),
            (role_arn, "AIDAEXAMPLE:s", "123456789012"),
            (role_arn, "AROAEXAMPLE:s", "210987654321"),
            (
                "arn:aws:sts::12345:assumed-role/collector/s",
                "AROAEXAMPLE:s",
                "12345",
            ),
            (
                "arn:aws:sts::123456789012:assumed-role//s",
                "AROAEXAMPLE:s",
                "123456789012",
            ),
            (
                "arn:aws:sts::123456789012:assumed-role/a/b/s",
                "AROAEXAMPLE:s",
                "123456789012",
            ),
            ("assumed-role/collector/s", "AROAEXAMPLE:s", "123456789012"),
            ("", "", ""),
        ];
        for (arn, id, account) in rows {
            assert_eq!(role(&iam(arn, id, account)), None, "{arn} {id} {account}");
        }
        assert_eq!(role(&Iam::default()), None);
    }
}
