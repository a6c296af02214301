//! The APIs that tokens are for, parsed at the edge; what callers call them is in
//! `resource_name.rs`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::cloud::Cloud;
use crate::identifiers::InvalidIdentifier;

/// The longest App ID URI that is taken for a resource, in bytes.
const RESOURCE_MAX_BYTES: usize = 256;

/// The API that a token is for, as its App ID URI without a trailing slash:
/// `https://manage.office.com`. The v2 scope is this with `/.default`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Resource(String);

impl Resource {
    /// The App ID URI.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The scope that asks for this resource's application permissions (v2 endpoint).
    pub fn default_scope(&self) -> String {
        format!("{}/.default", self.0)
    }

    /// Whether an `aud` claim means this resource. Tokens of version 1 carry the App
    /// ID URI with or without a slash at its end, or the resource's own GUID, which we
    /// know of the APIs that we are made for.
    pub fn is_audience(&self, aud: &str) -> bool {
        aud.trim_end_matches('/') == self.0 || self.application_id() == Some(aud)
    }

    /// Whether this is the management API, by its name in any cloud: all of them are names of
    /// one application (reference §1.1).
    pub fn is_management_api(&self) -> bool {
        let names = Cloud::ALL.map(Cloud::management_api);
        names.contains(&self.0.as_str())
    }

    /// The application ID of a Microsoft API.
    fn application_id(&self) -> Option<&'static str> {
        match self.0.as_str() {
            uri if Cloud::ALL.map(Cloud::graph).contains(&uri) => {
                Some("00000003-0000-0000-c000-000000000000")
            }
            _ if self.is_management_api() => Some("c5393580-f805-4401-95e8-94b7a6ef2fc2"),
            _ => None,
        }
    }
}

impl FromStr for Resource {
    type Err = InvalidIdentifier;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = InvalidIdentifier::NotAResource;
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.len() > RESOURCE_MAX_BYTES || !printable {
            return Err(invalid);
        }
        let url = Url::parse(text).map_err(|_| invalid.clone())?;
        let plain = url.scheme() == "https"
            && url.host_str().is_some()
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        if !plain {
            return Err(invalid);
        }
        // What is written is read again: escapes make a text longer.
        let written = url.as_str().trim_end_matches('/');
        match written.len() <= RESOURCE_MAX_BYTES {
            true => Ok(Resource(written.to_owned())),
            false => Err(invalid),
        }
    }
}

impl TryFrom<String> for Resource {
    type Error = InvalidIdentifier;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl<'de> Deserialize<'de> for Resource {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Cloud {
    /// [`management_api`](Self::management_api) as a resource.
    pub fn management_resource(self) -> Resource {
        // The five constants above are resources; a test of `cloud.rs` parses each of them.
        self.management_api()
            .parse()
            .unwrap_or_else(|_| unreachable!("a constant that is no resource"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_loses_its_trailing_slash() {
        let resource: Resource = "https://manage.office.com/".parse().unwrap();
        assert_eq!(resource.as_str(), "https://manage.office.com");
        let scope = "https://manage.office.com/.default";
        assert_eq!(resource.default_scope(), scope);
    }

    #[test]
    fn refuses_what_is_not_a_resource() {
        let long = format!("https://manage.office.com/{}", "x".repeat(300));
        let longer_when_written = format!("https://manage.office.com/{}", ">".repeat(100));
        let refused = [
            "",
            "manage.office.com",
            "http://manage.office.com",
            "https://user@manage.office.com",
            "https://manage.office.com?x=1",
            "https://manage.office.com#x",
            "https://manage.office.com https://graph.microsoft.com",
            "https://manage.öffice.com",
            long.as_str(),
            longer_when_written.as_str(),
        ];
        for text in refused {
            assert!(text.parse::<Resource>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_audience_may_be_the_uri_or_a_guid() {
        let resource: Resource = "https://manage.office.com".parse().unwrap();
        assert!(resource.is_audience("https://manage.office.com"));
        assert!(resource.is_audience("https://manage.office.com/"));
        assert!(resource.is_audience("c5393580-f805-4401-95e8-94b7a6ef2fc2"));
        assert!(!resource.is_audience("https://graph.microsoft.com"));
        assert!(!resource.is_audience("00000003-0000-0000-c000-000000000000"));
    }
}
