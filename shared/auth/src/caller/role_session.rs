//! Who signed a request, as AWS says it, and the role that this makes. One rule for the
//! function URL's event and for the answer of STS.

use std::borrow::Cow;

use super::AwsRole;
use crate::text::{printable, shown};

/// What AWS says of who signed a request: the function URL in its event, STS in its answer.
/// Each text as AWS wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsIdentity<'a> {
    /// The account, 12 digits.
    pub account: Cow<'a, str>,
    /// `arn:{partition}:sts::{account}:assumed-role/{name}/{session}` for a role.
    pub arn: Cow<'a, str>,
    /// `{role id}:{session}` for a role.
    pub user_id: Cow<'a, str>,
}

/// A session of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleSession<'a> {
    /// The role.
    pub role: AwsRole,
    /// The partition of AWS in which its account is.
    pub partition: &'a str,
    /// The session's name. The caller chose it: it is no part of who the caller is.
    pub name: &'a str,
}

/// Who signed a request that STS was asked about. What is there besides the role is evidence
/// for the audit log, and no part of who the caller is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedBy {
    /// The role.
    pub role: AwsRole,
    /// The session's name, which the caller chose.
    pub session: String,
    /// The access key, by which CloudTrail finds the session.
    pub access_key_id: String,
}

/// Who signed is no session of a role. The text may be shown to the signer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "only IAM roles are taken, and {} signed this: assume a role and sign with its \
     credentials; users, root and federated identities are not taken",
    printable(&shown(.0).to_string())
)]
pub struct NotARole(String);

impl AwsIdentity<'_> {
    /// The session of a role. Fails closed: nothing else is one, and its three texts have to
    /// agree with each other.
    pub fn role_session(&self) -> Result<RoleSession<'_>, NotARole> {
        self.session().ok_or_else(|| {
            NotARole(match &*self.arn {
                "" => "somebody without an ARN".to_owned(),
                arn => arn.to_owned(),
            })
        })
    }

    fn session(&self) -> Option<RoleSession<'_>> {
        let arn: Vec<&str> = self.arn.splitn(6, ':').collect();
        let ["arn", partition, "sts", "", account, resource] = arn[..] else {
            return None;
        };
        let path: Vec<&str> = resource.split('/').collect();
        let ["assumed-role", name, session] = path[..] else {
            return None;
        };
        let (id, of_session) = self.user_id.split_once(':')?;
        let agrees = self.account == account && session == of_session;
        let role = AwsRole::new(account, name, id).ok().filter(|_| agrees)?;
        Some(RoleSession {
            role,
            partition,
            name: session,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity<'a>(arn: &'a str, user_id: &'a str, account: &'a str) -> AwsIdentity<'a> {
        AwsIdentity {
            account: account.into(),
            arn: arn.into(),
            user_id: user_id.into(),
        }
    }

    #[test]
    fn a_role_is_its_account_name_and_id_whatever_the_session_is_called() {
        let account = "123456789012";
        for session in ["s", "i-0abc", "a@b.example"] {
            let arn = format!("arn:aws:sts::{account}:assumed-role/collector/{session}");
            let user_id = format!("AROAEXAMPLE:{session}");
            let found = identity(&arn, &user_id, account);
            let found = found.role_session().unwrap();
            assert_eq!(
                (found.role.account(), found.role.name(), found.role.id()),
                (account, "collector", "AROAEXAMPLE")
            );
            assert_eq!((found.partition, found.name), ("aws", session));
        }
    }

    #[test]
    fn nothing_else_is_a_role() {
        let account = "123456789012";
        let role_arn = "arn:aws:sts::123456789012:assumed-role/collector/s";
        let role_id = "AROAEXAMPLE:s";
        let rows = [
            ("arn:aws:iam::123456789012:user/me", "AIDAEXAMPLE", account),
            ("arn:aws:iam::123456789012:root", account, account),
            (
                "arn:aws:sts::123456789012:federated-user/me",
                "123456789012:me",
                account,
            ),
            (
                "arn:aws:iam::123456789012:role/collector",
                "AROAEXAMPLE",
                account,
            ),
            (role_arn, "AROAEXAMPLE", account),
            (role_arn, "AROAEXAMPLE:other", account),
            (role_arn, "AIDAEXAMPLE:s", account),
            (role_arn, role_id, "210987654321"),
            (
                "arn:aws:sts::12345:assumed-role/collector/s",
                role_id,
                "12345",
            ),
            (
                "arn:aws:sts::123456789012:assumed-role//s",
                role_id,
                account,
            ),
            (
                "arn:aws:sts::123456789012:assumed-role/a/b/s",
                role_id,
                account,
            ),
            (
                "arn:aws:sts:us-east-1:123456789012:assumed-role/collector/s",
                role_id,
                account,
            ),
            ("assumed-role/collector/s", role_id, account),
            ("", "", ""),
        ];
        for (arn, id, account) in rows {
            let identity = identity(arn, id, account);
            assert!(identity.role_session().is_err(), "{arn} {id} {account}");
        }
        let refused = identity("arn:aws:iam::123456789012:user/me", "AIDA", account);
        let said = refused.role_session().unwrap_err().to_string();
        assert!(
            said.contains("only IAM roles") && said.contains("user/me"),
            "{said}"
        );
    }
}
