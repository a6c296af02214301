//! What the application is registered for, and so what Microsoft's page asks for: one
//! `.default` is a consent to every registered permission of every API. The landing page
//! lists it, and what arrives is held against it.

use std::str::FromStr;

use crate::resource::Resource;
use crate::text::{hides, shown};

/// Longest name of a permission, in characters: Microsoft's have 60 at most.
const NAME_MAX: usize = 120;

/// A permission of the registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredPermission {
    /// The API that it is of; the first resource where the setting names none.
    pub resource: Option<Resource>,
    /// For instance `ActivityFeed.Read`.
    pub name: String,
}

/// `CONSENT_REGISTERED_PERMISSIONS`: all that is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredPermissions(Vec<RegisteredPermission>);

/// The setting is no list of permissions.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "holds {0}, which is no permission such as ActivityFeed.Read or \
     https://graph.microsoft.com/AuditLog.Read.All"
)]
pub struct InvalidPermissions(String);

impl RegisteredPermissions {
    /// In the order of the setting.
    pub fn list(&self) -> &[RegisteredPermission] {
        &self.0
    }

    /// Those of `roles`, out of a token for the first resource, that are not listed.
    pub fn without<'a>(&self, first: &Resource, roles: &'a [String]) -> Vec<&'a str> {
        let is_listed = |role: &str| {
            let mut of_first = self.0.iter().filter(|listed| listed.is_of(first));
            of_first.any(|listed| listed.name == role)
        };
        let roles = roles.iter().map(String::as_str);
        roles.filter(|role| !is_listed(role)).collect()
    }
}

impl RegisteredPermission {
    /// The hosts of the management API are names of one API, and a registration lists it once.
    fn is_of(&self, first: &Resource) -> bool {
        self.resource
            .as_ref()
            .is_none_or(|own| own == first || own.is_management_api() && first.is_management_api())
    }
}

impl FromStr for RegisteredPermission {
    type Err = InvalidPermissions;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidPermissions(shown(text).to_string());
        let (resource, name) = match text.rsplit_once('/') {
            Some((resource, name)) => (Some(resource), name),
            None => (None, text),
        };
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let is_name = !name.is_empty() && name.len() <= NAME_MAX && name.chars().all(is_of_name);
        if !is_name || hides(name) {
            return Err(invalid());
        }
        let resource = resource.map(str::parse).transpose();
        Ok(Self {
            resource: resource.map_err(|_| invalid())?,
            name: name.to_owned(),
        })
    }
}

impl FromStr for RegisteredPermissions {
    type Err = InvalidPermissions;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let entries = text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty());
        let list: Vec<_> = entries.map(str::parse).collect::<Result<_, _>>()?;
        if list.is_empty() {
            return Err(InvalidPermissions("no permission".to_owned()));
        }
        Ok(Self(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Cloud;

    const GRAPH: &str = "https://graph.microsoft.com";

    #[test]
    fn the_setting_is_a_list_of_permissions_with_or_without_their_api() {
        let long = "a".repeat(121);
        let rows = [
            ("ActivityFeed.Read", Some(1)),
            (" ActivityFeed.Read , ActivityFeed.ReadDlp ,", Some(2)),
            ("https://graph.microsoft.com/AuditLog.Read.All", Some(1)),
            ("https://manage.office.com//ActivityFeed.Read", Some(1)),
            ("openid,profile,User.Read", Some(3)),
            ("user_impersonation", Some(1)),
            ("", None),
            (" , ", None),
            ("Read the audit log", None),
            ("https://graph.microsoft.com/", None),
            ("http://graph.microsoft.com/User.Read", None),
            ("graph/User.Read", None),
            ("ActivityFeed.Read\nX", None),
            ("<script>", None),
            ("ActivityFeed.Read;ActivityFeed.ReadDlp", None),
            (long.as_str(), None),
        ];
        for (text, expected) in rows {
            let read = text.parse::<RegisteredPermissions>();
            assert_eq!(read.ok().map(|read| read.list().len()), expected, "{text}");
        }
    }

    #[test]
    fn what_arrives_is_held_against_the_list_of_its_api() {
        let management = Cloud::Public.management_resource();
        let gcc = Cloud::Gcc.management_resource();
        let graph: Resource = GRAPH.parse().unwrap();
        // The setting, the first resource, the token's roles, those that are not listed.
        let rows: [(&str, &Resource, &[&str], &[&str]); 11] = [
            ("A", &management, &["A"], &[]),
            ("A,B", &management, &["A"], &[]),
            ("A", &management, &["A", "B"], &["B"]),
            ("A", &management, &[], &[]),
            ("A", &management, &["a"], &["a"]),
            ("https://manage.office.com/A", &management, &["A"], &[]),
            ("https://manage.office.com/A", &gcc, &["A"], &[]),
            ("https://graph.microsoft.com/A", &management, &["A"], &["A"]),
            ("https://graph.microsoft.com/A", &graph, &["A"], &[]),
            (
                "https://manage.office.com/A",
                &graph,
                &["A", "B"],
                &["A", "B"],
            ),
            (
                "A, https://graph.microsoft.com/B",
                &management,
                &["B", "A"],
                &["B"],
            ),
        ];
        for (setting, first, roles, expected) in rows {
            let listed: RegisteredPermissions = setting.parse().unwrap();
            let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
            assert_eq!(
                listed.without(first, &roles),
                expected,
                "{setting} {roles:?}"
            );
        }
    }
}
