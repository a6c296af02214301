//! Simulated customer tenants and the people in them.
//!
//! Made at the first start and kept: an admin (Global Administrator) and a
//! plain user in each. There are no other people, so signing in means choosing one.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::platform::{RandomnessFailed, random_uuid};

/// Names of the first tenants; later ones are numbered.
const NAMES: [(&str, &str); 6] = [
    ("Contoso", "contoso"),
    ("Fabrikam", "fabrikam"),
    ("Northwind Traders", "northwind"),
    ("Adventure Works", "adventureworks"),
    ("Litware", "litware"),
    ("Tailspin Toys", "tailspin"),
];

/// A customer's directory.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Tenant {
    pub(crate) tenant_id: Uuid,
    pub(crate) display_name: String,
    /// The verified domain; accepted in a path in place of the GUID.
    pub(crate) domain: String,
    pub(crate) people: Vec<Person>,
}

/// A person who can sign in.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) upn: String,
    pub(crate) object_id: Uuid,
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    pub(crate) role: Role,
}

/// The one directory role that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    GlobalAdministrator,
    User,
}

impl Tenant {
    /// The `number`th tenant, counted from 0.
    pub(crate) fn make(number: usize) -> Result<Self, RandomnessFailed> {
        let (display_name, label) = NAMES.get(number).map_or_else(
            || {
                let label = format!("customer{}", number + 1);
                (format!("Customer {}", number + 1), label)
            },
            |(name, label)| ((*name).to_owned(), (*label).to_owned()),
        );
        let domain = format!("{label}.onmicrosoft.com");
        Ok(Self {
            tenant_id: random_uuid()?,
            display_name,
            people: vec![
                Person::make(
                    "admin",
                    &domain,
                    ["Alex", "Admin"],
                    Role::GlobalAdministrator,
                )?,
                Person::make("user", &domain, ["Uma", "User"], Role::User)?,
            ],
            domain,
        })
    }

    /// The person who signs in under this name.
    pub(crate) fn person(&self, upn: &str) -> Option<&Person> {
        self.people
            .iter()
            .find(|person| person.upn.eq_ignore_ascii_case(upn))
    }

    /// The name of the first person in that role.
    pub(crate) fn first(&self, role: Role) -> &str {
        self.people
            .iter()
            .find(|person| person.role == role)
            .map_or("", |person| &person.upn)
    }
}

impl Person {
    fn make(
        local_part: &str,
        domain: &str,
        [given_name, family_name]: [&str; 2],
        role: Role,
    ) -> Result<Self, RandomnessFailed> {
        Ok(Self {
            upn: format!("{local_part}@{domain}"),
            object_id: random_uuid()?,
            given_name: given_name.to_owned(),
            family_name: family_name.to_owned(),
            role,
        })
    }

    pub(crate) fn is_admin(&self) -> bool {
        self.role == Role::GlobalAdministrator
    }

    /// The `name` claim.
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }
}
