//! The resources (APIs) that exist in every simulated tenant.
//!
//! A resource is found by any of its identifier URIs, with or without a closing
//! slash, or by its application ID. Grants are kept under the application ID:
//! the four hosts of the management API are names of one resource.

use uuid::Uuid;

/// An API that can be asked for.
#[derive(Debug)]
pub(crate) struct Resource {
    /// Application ID: the key under which grants are kept.
    pub(crate) app_id: Uuid,
    /// `servicePrincipalNames` that are URLs.
    identifiers: &'static [&'static str],
    /// Application roles; the delegated scopes have the same names.
    permissions: &'static [&'static str],
}

/// Microsoft Graph, which v2.0 sign-ins without any other resource are for.
pub(crate) const GRAPH: Resource = Resource {
    app_id: Uuid::from_u128(0x0000_0003_0000_0000_c000_0000_0000_0000),
    identifiers: &["https://graph.microsoft.com"],
    permissions: &[
        "Application.Read.All",
        "Application.ReadWrite.All",
        "Application.ReadWrite.OwnedBy",
        "AuditLog.Read.All",
        "Directory.Read.All",
        "Reports.Read.All",
        "SecurityEvents.Read.All",
        "User.Read",
        "User.Read.All",
        // Delegated only; who registers them spares the admin the question at the sign-in.
        "email",
        "offline_access",
        "openid",
        "profile",
    ],
};

/// What the consent pages call a permission, in Microsoft's words; for those that are not
/// here the name has to do. Assumption `names-of-permissions`.
const DISPLAY_NAMES: [(&str, &str); 11] = [
    ("openid", "Sign you in"),
    ("profile", "View your basic profile"),
    ("email", "View your email address"),
    (
        "offline_access",
        "Maintain access to data you have given it access to",
    ),
    (
        "ActivityFeed.Read",
        "Read activity data for your organization",
    ),
    (
        "ActivityFeed.ReadDlp",
        "Read DLP policy events including detected sensitive data",
    ),
    (
        "ServiceHealth.Read",
        "Read service health information for your organization",
    ),
    ("AuditLog.Read.All", "Read all audit log data"),
    ("Directory.Read.All", "Read directory data"),
    ("Reports.Read.All", "Read all usage reports"),
    ("User.Read", "Sign you in and read your profile"),
];

/// What the consent pages call this permission.
pub(crate) fn display_name(permission: &str) -> Option<&'static str> {
    let known = DISPLAY_NAMES.iter().find(|(name, _)| *name == permission);
    known.map(|(_, shown)| *shown)
}

/// The Office 365 Management APIs, one host per plan. `ActivityReports.Read`
/// and `ThreatIntelligence.Read` are gone: requiring them breaks consent.
const MANAGEMENT: Resource = Resource {
    app_id: Uuid::from_u128(0xc539_3580_f805_4401_95e8_94b7_a6ef_2fc2),
    identifiers: &[
        "https://manage.office.com",
        "https://manage-gcc.office.com",
        "https://manage.office365.us",
        "https://manage.protection.apps.mil",
    ],
    permissions: &[
        "ActivityFeed.Read",
        "ActivityFeed.ReadDlp",
        "ServiceHealth.Read",
    ],
};

static RESOURCES: [Resource; 2] = [MANAGEMENT, GRAPH];

impl Resource {
    /// The resource that a request or a registration names.
    pub(crate) fn find(identifier: &str) -> Option<&'static Self> {
        let name = identifier.strip_suffix('/').unwrap_or(identifier);
        let app_id = Uuid::try_parse(name).ok();
        RESOURCES.iter().find(|resource| {
            Some(resource.app_id) == app_id
                || resource
                    .identifiers
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(name))
        })
    }

    /// Whether it is the management API, by whichever of its names it was found.
    pub(crate) fn is_management(&self) -> bool {
        self.app_id == MANAGEMENT.app_id
    }

    /// Whether it is Microsoft Graph, by whichever of its names it was found.
    pub(crate) fn is_graph(&self) -> bool {
        self.app_id == GRAPH.app_id
    }

    /// Whether the resource has such a role and scope today.
    pub(crate) fn offers(&self, permission: &str) -> bool {
        self.permissions.contains(&permission)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_management_api_is_one_resource() {
        for name in [
            "https://manage.office.com",
            "https://manage.office.com/",
            "https://manage-gcc.office.com",
            "https://manage.office365.us",
            "https://manage.protection.apps.mil",
            "c5393580-f805-4401-95e8-94b7a6ef2fc2",
        ] {
            assert_eq!(Resource::find(name).unwrap().app_id, MANAGEMENT.app_id);
        }
        assert!(Resource::find("https://manage.example").is_none());
    }
}
