//! Identifiers, parsed at the edge: a value of these types may go into a URL, a
//! key of the table or a log line as it is. Nothing else may.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use url::Url;
use uuid::Uuid;

use crate::cloud::Cloud;
use crate::text::{InvalidName, NAME_MAX, name};

/// The longest App ID URI that is taken for a resource, in bytes.
const RESOURCE_MAX_BYTES: usize = 256;

/// The hosts of Microsoft Graph, one for each authority, DoD's besides (Microsoft's page on
/// national clouds): names of one application.
const GRAPH: [&str; 4] = [
    "https://graph.microsoft.com",
    "https://graph.microsoft.us",
    "https://dod-graph.microsoft.us",
    "https://microsoftgraph.chinacloudapi.cn",
];

/// Why a text is not the identifier that it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIdentifier {
    /// Not a GUID in its 36-character form.
    #[error("not a GUID such as 41463f53-8812-40f4-890f-865bf6e35190")]
    NotAGuid,
    /// Not an `https` App ID URI.
    #[error("not a resource such as https://manage.office.com")]
    NotAResource,
    /// Not a name as [`name()`] has it.
    #[error("not a customer account: {0}")]
    NotACustomer(InvalidName),
}

/// Only the hyphenated form: Entra prints no other, and one spelling per tenant
/// keeps one key per tenant in the table.
pub(crate) fn parse_guid(text: &str) -> Result<Uuid, InvalidIdentifier> {
    if text.len() != 36 {
        return Err(InvalidIdentifier::NotAGuid);
    }
    Uuid::try_parse(text).map_err(|_| InvalidIdentifier::NotAGuid)
}

/// A customer's Entra ID tenant (directory) ID. Printed in lower case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TenantId(Uuid);

impl TenantId {
    /// The tenant of personal Microsoft accounts (reference: OpenID Connect on the
    /// Microsoft identity platform). It is no customer of anybody.
    pub const CONSUMERS: TenantId =
        TenantId(Uuid::from_u128(0x9188040d_6c67_4c5b_b112_36a304b66dad));

    /// The 16 bytes of the GUID.
    pub fn as_bytes(&self) -> &[u8; 16] {
        self.0.as_bytes()
    }
}

impl FromStr for TenantId {
    type Err = InvalidIdentifier;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_guid(text).map(TenantId)
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// Our application (client) ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ClientId(Uuid);

impl FromStr for ClientId {
    type Err = InvalidIdentifier;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_guid(text).map(ClientId)
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

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
            uri if GRAPH.contains(&uri) => Some("00000003-0000-0000-c000-000000000000"),
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

/// The account of our own customer to which a tenant is bound, by its name: as [`name()`]
/// has it, so that every spelling of it is this account. In open mode a tenant is bound to
/// itself: the account's name is then the tenant's ID.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Customer(String);

impl Customer {
    /// The account's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The account of a row. One whose name an earlier rule let pass is listed under it, and
    /// can be moved; it equals no account that is named today. `None` where there is no name:
    /// policies know a tenant that is not connected by that.
    pub fn stored(text: &str) -> Option<Self> {
        let earlier = || (!text.is_empty()).then(|| Customer(text.to_owned()));
        text.parse().ok().or_else(earlier)
    }

    /// The account of a tenant that is bound to itself.
    pub fn itself(tenant: TenantId) -> Self {
        Customer(tenant.to_string())
    }
}

impl FromStr for Customer {
    type Err = InvalidIdentifier;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let name = name(text, NAME_MAX).map_err(InvalidIdentifier::NotACustomer)?;
        Ok(Customer(name))
    }
}

impl<'de> Deserialize<'de> for Customer {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Customer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GUID: &str = "41463f53-8812-40f4-890f-865bf6e35190";

    #[test]
    fn a_tenant_is_a_hyphenated_guid_and_prints_in_lower_case() {
        let upper: TenantId = GUID.to_uppercase().parse().unwrap();
        assert_eq!(upper.to_string(), GUID);
    }

    #[test]
    fn nothing_else_is_a_tenant() {
        let refused = [
            "",
            "common",
            "contoso.onmicrosoft.com",
            "41463f53881240f4890f865bf6e35190",
            "{41463f53-8812-40f4-890f-865bf6e35190}",
            "41463f53-8812-40f4-890f-865bf6e3519g",
            "41463f53-8812-40f4-890f-865bf6e35190/..",
            "../41463f53-8812-40f4-890f-865bf6e351",
            "41463f53-8812-40f4-890f-865bf6e35190 ",
        ];
        for text in refused {
            assert_eq!(
                text.parse::<TenantId>(),
                Err(InvalidIdentifier::NotAGuid),
                "{text}"
            );
        }
    }

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

    #[test]
    fn every_spelling_of_a_customer_is_one_account() {
        let customer: Customer = "Café GmbH".parse().unwrap();
        for text in [" Café GmbH\n", "Cafe\u{301} GmbH", "\u{a0}Cafe\u{301} GmbH"] {
            assert_eq!(text.parse(), Ok(customer.clone()), "{text:?}");
            let json = serde_json::json!(text);
            assert_eq!(serde_json::from_value::<Customer>(json).unwrap(), customer);
            assert_eq!(Customer::stored(text).unwrap(), customer);
        }
    }

    #[test]
    fn a_customer_is_printable_and_short() {
        assert!("x".repeat(200).parse::<Customer>().is_ok());
        for text in [
            "",
            "a\nb",
            "a\u{202e}b",
            "a\u{200b}b",
            "a\u{2028}b",
            &"x".repeat(201),
        ] {
            assert!(text.parse::<Customer>().is_err());
            let stored = Customer::stored(text).map(|customer| customer.0);
            let earlier = (!text.is_empty()).then(|| text.to_owned());
            assert_eq!(stored, earlier, "as an earlier rule let it pass");
        }
    }
}
