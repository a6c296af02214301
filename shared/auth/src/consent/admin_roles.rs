//! Who counts as an admin: the directory roles whose holders can grant a resource's
//! application permissions, by the role template ids of the `wids` claim.
//!
//! Source: Microsoft's list of built-in roles. Application Administrators can grant any
//! application permission but Microsoft Graph's.

use std::str::FromStr;

use uuid::Uuid;

use crate::resource::Resource;
use crate::text::shown;

const GLOBAL_ADMINISTRATOR: Uuid = Uuid::from_u128(0x62e90394_69f5_4237_9190_012177145e10);
const PRIVILEGED_ROLE_ADMINISTRATOR: Uuid = Uuid::from_u128(0xe8611ab8_c189_46e8_94e1_60213ab1f814);
const APPLICATION_ADMINISTRATOR: Uuid = Uuid::from_u128(0x9b895d92_2cd3_44c7_9d02_a6ac2d5ea5c3);
const CLOUD_APPLICATION_ADMINISTRATOR: Uuid =
    Uuid::from_u128(0x158c047a_c907_4556_b7ef_446551a6b5f7);

/// What Entra ID puts into the `wids` of app-only tokens: no role at all.
const NO_ROLE: Uuid = Uuid::from_u128(0x0997a1d0_0d1d_4acb_b408_d5ca73121e90);

/// The one resource whose application permissions an Application Administrator cannot
/// grant.
const GRAPH: &str = "https://graph.microsoft.com";

/// `CONSENT_ADMIN_ROLES`, or the default of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminRoles(Vec<Uuid>);

/// The setting is no list of GUIDs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("holds {0}, which is no role template ID such as 62e90394-69f5-4237-9190-012177145e10")]
pub struct InvalidAdminRoles(String);

impl AdminRoles {
    /// The roles that can grant the application permissions of all `resources`.
    pub fn of(resources: &[Resource]) -> Self {
        let mut roles = vec![GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR];
        if resources.iter().all(|resource| resource.as_str() != GRAPH) {
            roles.extend([APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR]);
        }
        Self(roles)
    }

    /// Whether one of a person's `wids` is such a role.
    pub fn include_one_of(&self, wids: &[String]) -> bool {
        let parsed = wids.iter().filter_map(|id| Uuid::try_parse(id).ok());
        parsed.into_iter().any(|id| self.0.contains(&id))
    }
}

impl FromStr for AdminRoles {
    type Err = InvalidAdminRoles;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let roles = text.split(',').map(str::trim).filter(|id| !id.is_empty());
        let roles: Vec<Uuid> = roles
            .map(|id| role(id).ok_or_else(|| InvalidAdminRoles(shown(id).to_string())))
            .collect::<Result<_, _>>()?;
        match roles.is_empty() {
            true => Err(InvalidAdminRoles("no role".to_owned())),
            false => Ok(Self(roles)),
        }
    }
}

/// Fails closed because a tenant could be bound by whatever carries [`NO_ROLE`], if it
/// counted as an admin's role.
fn role(id: &str) -> Option<Uuid> {
    Uuid::try_parse(id).ok().filter(|id| *id != NO_ROLE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Cloud;

    fn holds(resource: &Resource, role: Uuid) -> bool {
        AdminRoles::of(std::slice::from_ref(resource))
            .include_one_of(&["x".to_owned(), role.to_string().to_uppercase()])
    }

    #[test]
    fn application_administrators_grant_everything_but_graph() {
        let graph: Resource = GRAPH.parse().unwrap();
        let management = Cloud::Public.management_resource();
        for role in [GLOBAL_ADMINISTRATOR, PRIVILEGED_ROLE_ADMINISTRATOR] {
            assert!(holds(&graph, role) && holds(&management, role));
        }
        for role in [APPLICATION_ADMINISTRATOR, CLOUD_APPLICATION_ADMINISTRATOR] {
            assert!(!holds(&graph, role) && holds(&management, role));
        }
        assert!(!AdminRoles::of(std::slice::from_ref(&management)).include_one_of(&[]));
        let both = AdminRoles::of(&[management, graph]);
        assert!(!both.include_one_of(&[APPLICATION_ADMINISTRATOR.to_string()]));
    }

    #[test]
    fn the_setting_is_a_list_of_guids() {
        let roles: AdminRoles = " 62E90394-69f5-4237-9190-012177145e10 ,".parse().unwrap();
        assert!(roles.include_one_of(&[GLOBAL_ADMINISTRATOR.to_string()]));
        assert!(!roles.include_one_of(&[APPLICATION_ADMINISTRATOR.to_string()]));
        for text in ["", ",", "Global Administrator"] {
            assert!(text.parse::<AdminRoles>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_app_only_tokens_carry_is_never_an_admins_role() {
        let graph: Resource = GRAPH.parse().unwrap();
        let clouds = [
            Cloud::Public,
            Cloud::Gcc,
            Cloud::GccHigh,
            Cloud::Dod,
            Cloud::China,
        ];
        for resource in clouds
            .map(|cloud| cloud.management_resource())
            .into_iter()
            .chain([graph])
        {
            assert!(!holds(&resource, NO_ROLE), "{resource}");
        }
        let other = PRIVILEGED_ROLE_ADMINISTRATOR;
        for text in [
            NO_ROLE.to_string(),
            NO_ROLE.simple().to_string(),
            NO_ROLE.braced().to_string(),
            NO_ROLE.urn().to_string(),
            NO_ROLE.to_string().to_uppercase(),
            format!("{NO_ROLE},{other}"),
            format!("{other}, {NO_ROLE}"),
        ] {
            let refused = text.parse::<AdminRoles>();
            assert!(refused.is_err(), "{text}");
        }
    }
}
