//! What a caller calls an API: its App ID URI or its application's ID, with or without a
//! slash at the end. Entra ID takes each of them. Policies, the table and tokens know the
//! [`Resource`] alone: a name becomes one by what is kept
//! ([`Requirements::meant_by`](crate::requirements::Requirements::meant_by)).

use std::str::FromStr;

use uuid::Uuid;

use crate::identifiers::{InvalidIdentifier, parse_guid};
use crate::resource::Resource;

/// A name of an API, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResourceName {
    /// Its App ID URI.
    Uri(Resource),
    /// The ID of its application.
    Application(Uuid),
}

impl ResourceName {
    /// The name in a v2 scope; only `{name}/.default` holds one.
    pub fn from_default_scope(scope: &str) -> Result<Self, InvalidIdentifier> {
        scope
            .strip_suffix("/.default")
            .ok_or(InvalidIdentifier::NotAResource)?
            .parse()
    }

    /// Whether it is a name of this resource.
    pub fn means(&self, resource: &Resource) -> bool {
        match self {
            Self::Uri(uri) => uri == resource,
            Self::Application(id) => resource.is_audience(&id.to_string()),
        }
    }

    /// Whether both can be names of one resource.
    pub fn agrees_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Uri(uri), name) | (name, Self::Uri(uri)) => name.means(uri),
            (Self::Application(one), Self::Application(other)) => one == other,
        }
    }
}

impl FromStr for ResourceName {
    type Err = InvalidIdentifier;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match parse_guid(text.trim_end_matches('/')) {
            Ok(id) => Ok(Self::Application(id)),
            Err(_) => text.parse().map(Self::Uri),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANAGE: &str = "https://manage.office.com";
    const MANAGE_ID: &str = "c5393580-f805-4401-95e8-94b7a6ef2fc2";

    #[test]
    fn a_name_is_a_uri_or_a_guid_with_or_without_a_slash() {
        let rows = [
            (MANAGE, true),
            ("https://manage.office.com/", true),
            ("HTTPS://MANAGE.OFFICE.COM", true),
            (MANAGE_ID, true),
            ("c5393580-f805-4401-95e8-94b7a6ef2fc2/", true),
            ("C5393580-F805-4401-95E8-94B7A6EF2FC2", true),
            ("https://manage-gcc.office.com", false),
            ("https://graph.microsoft.com", false),
            ("00000003-0000-0000-c000-000000000000", false),
            ("https://manage.office.com/ActivityFeed.Read", false),
        ];
        let resource = MANAGE.parse().unwrap();
        for (text, expected) in rows {
            let name: ResourceName = text.parse().unwrap();
            assert_eq!(name.means(&resource), expected, "{text}");
            let scope = format!("{text}/.default");
            assert_eq!(ResourceName::from_default_scope(&scope), Ok(name), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_a_name() {
        let refused = [
            "",
            "/",
            "openid",
            "User.Read",
            "manage.office.com",
            "http://manage.office.com",
            "c5393580f805440195e894b7a6ef2fc2",
            "{c5393580-f805-4401-95e8-94b7a6ef2fc2}",
            "api://c5393580-f805-4401-95e8-94b7a6ef2fc2",
            "spn:c5393580-f805-4401-95e8-94b7a6ef2fc2",
            "c5393580-f805-4401-95e8-94b7a6ef2fc2/x",
        ];
        for text in refused {
            assert!(text.parse::<ResourceName>().is_err(), "{text}");
        }
        for scope in [MANAGE, MANAGE_ID, "https://graph.microsoft.com/User.Read"] {
            assert!(ResourceName::from_default_scope(scope).is_err(), "{scope}");
        }
    }

    #[test]
    fn names_agree_where_one_resource_can_have_both() {
        let rows = [
            (MANAGE, MANAGE, true),
            (MANAGE, MANAGE_ID, true),
            (MANAGE_ID, "https://manage-gcc.office.com", true),
            (MANAGE_ID, MANAGE_ID, true),
            (MANAGE, "https://manage-gcc.office.com", false),
            (MANAGE_ID, "https://graph.microsoft.com", false),
            (MANAGE_ID, "00000003-0000-0000-c000-000000000000", false),
        ];
        for (one, other, expected) in rows {
            let names: [ResourceName; 2] = [one, other].map(|text| text.parse().unwrap());
            assert_eq!(names[0].agrees_with(&names[1]), expected, "{one} {other}");
            assert_eq!(names[1].agrees_with(&names[0]), expected, "{other} {one}");
        }
    }
}
