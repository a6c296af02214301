//! A role of AWS IAM as a principal. The assumed-role ARN has lost the role's path and
//! carries a session name that the caller chose, so that neither is part of it.

/// The longest name of a role (IAM User Guide, "IAM and AWS STS quotas"), in characters.
const NAME_MAX: usize = 64;
/// Unique ids of roles begin so (IAM User Guide, "Unique identifiers").
const ID_PREFIX: &str = "AROA";
/// The longest unique id (IAM API reference, `RoleId`), in characters.
const ID_MAX: usize = 128;

/// A role. The only way to make one is [`new`](Self::new), which checks each part: the
/// vending function and the operator's `policy explain` cannot differ in what a role is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsRole {
    account: String,
    name: String,
    id: String,
}

/// The part of a role that cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRole {
    /// The account.
    #[error("not an AWS account: 12 digits")]
    Account,
    /// The name.
    #[error("not a role's name: 1 to 64 of letters, digits and _+=,.@-")]
    Name,
    /// The unique id.
    #[error("not a role's unique id: AROA and more capital letters and digits")]
    Id,
}

impl AwsRole {
    /// A role from its account, its name without its path, and its unique id.
    pub fn new(account: &str, name: &str, id: &str) -> Result<Self, InvalidRole> {
        let checks = [
            (Self::is_account(account), InvalidRole::Account),
            (Self::is_name(name), InvalidRole::Name),
            (Self::is_id(id), InvalidRole::Id),
        ];
        if let Some((_, wrong)) = checks.into_iter().find(|(fits, _)| !fits) {
            return Err(wrong);
        }
        Ok(Self {
            account: account.to_owned(),
            name: name.to_owned(),
            id: id.to_owned(),
        })
    }

    /// The account, 12 digits.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The role's name, without its path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The role's unique id (`AROA…`): a role that is deleted and made again under the same
    /// name has another one.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether a text can be an account.
    pub fn is_account(text: &str) -> bool {
        text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Whether a text can be a role's name.
    pub fn is_name(text: &str) -> bool {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
        (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(allowed)
    }

    /// Whether a text can be a role's unique id.
    pub fn is_id(text: &str) -> bool {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let rest = text.strip_prefix(ID_PREFIX);
        text.len() <= ID_MAX
            && rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(allowed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_has_an_account_a_name_and_an_id_in_their_forms() {
        let (account, name, id) = ("111122223333", "audit-collector", "AROAEXAMPLE0001");
        let long = "x".repeat(65);
        let rows = [
            (account, name, id, None),
            (account, "A_b+c=d,e.f@g-h", "AROA1", None),
            ("", name, id, Some(InvalidRole::Account)),
            ("1111", name, id, Some(InvalidRole::Account)),
            ("1111222233334", name, id, Some(InvalidRole::Account)),
            ("11112222333x", name, id, Some(InvalidRole::Account)),
            ("111122223333/a", name, id, Some(InvalidRole::Account)),
            (account, "", id, Some(InvalidRole::Name)),
            (account, "a/b", id, Some(InvalidRole::Name)),
            (account, "a b", id, Some(InvalidRole::Name)),
            (account, "ä", id, Some(InvalidRole::Name)),
            (account, &long, id, Some(InvalidRole::Name)),
            (account, name, "", Some(InvalidRole::Id)),
            (account, name, "AROA", Some(InvalidRole::Id)),
            (account, name, "AIDAEXAMPLE", Some(InvalidRole::Id)),
            (account, name, "AROAexample", Some(InvalidRole::Id)),
            (account, name, "AROA:1", Some(InvalidRole::Id)),
        ];
        for (account, name, id, wrong) in rows {
            let made = AwsRole::new(account, name, id);
            assert_eq!(made.err(), wrong, "{account} {name} {id}");
        }
    }
}
