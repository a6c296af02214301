//! Identifiers, parsed at the edge: a value of these types may go into a URL, a
//! key of the table or a log line as it is. Nothing else may.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::text::{InvalidName, NAME_MAX, name};

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
