//! What the landing page says that Microsoft will ask for: each permission in plain words,
//! one sentence each, written once. One that is not here is shown by its name, and
//! Microsoft's page explains it.

use auth::Resource;
use auth::consent::RegisteredPermissions;
use auth::requirements::Requirements;

/// A permission as the landing page lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Permission<'a> {
    pub(crate) meaning: &'static str,
    /// Its name; `None` for all that is registered of an API.
    pub(crate) name: Option<&'a str>,
    /// The API; `None` for the one that everything is about.
    pub(crate) api: Option<String>,
}

/// Source of the meanings: Microsoft's permission references of the Office 365 Management
/// APIs and of Microsoft Graph, in our words.
const MEANINGS: [(&str, &str); 17] = [
    (
        "ActivityFeed.Read",
        "Read your organisation's audit log: who did what in Microsoft 365, and when.",
    ),
    (
        "ActivityFeed.ReadDlp",
        "Read the findings of data loss prevention, with the sensitive text that they quote.",
    ),
    (
        "ServiceHealth.Read",
        "Read the state of the Microsoft services that your organisation uses, and Microsoft's \
         messages about them.",
    ),
    (
        "AuditLog.Read.All",
        "Read sign-ins and directory audits of your organisation.",
    ),
    (
        "Directory.Read.All",
        "Read users, groups, devices and applications of your organisation's directory.",
    ),
    (
        "Reports.Read.All",
        "Read how much each Microsoft 365 service is used in your organisation.",
    ),
    (
        "SecurityAlert.Read.All",
        "Read the security alerts of your organisation.",
    ),
    (
        "SecurityEvents.Read.All",
        "Read the security events and the secure score of your organisation.",
    ),
    (
        "SecurityIncident.Read.All",
        "Read the security incidents of your organisation.",
    ),
    (
        "User.Read.All",
        "Read the profiles of all people in your organisation.",
    ),
    (
        "Group.Read.All",
        "Read all groups of your organisation, with their members and their conversations.",
    ),
    (
        "Policy.Read.All",
        "Read your organisation's policies, such as Conditional Access.",
    ),
    ("openid", "Learn who signs in (Microsoft: \"Sign you in\")."),
    (
        "profile",
        "Read the name of the person who signs in (Microsoft: \"View your basic profile\").",
    ),
    ("email", "Read the mail address of the person who signs in."),
    (
        "offline_access",
        "Keep the access of the person who signs in when that person is away.",
    ),
    ("User.Read", "Read the profile of the person who signs in."),
];

/// Of an API whose permissions are not listed.
const ALL_OF_AN_API: &str = "What else is registered, for another Microsoft API:";

/// What is registered, as far as it is known: all of it by the setting, else what is required
/// and the names of the further APIs.
pub(crate) fn listed<'a>(
    registered: Option<&'a RegisteredPermissions>,
    requirements: &'a Requirements,
    further: &[Resource],
) -> Vec<Permission<'a>> {
    if let Some(registered) = registered {
        let entries = registered.list().iter();
        return entries
            .map(|entry| permission(&entry.name, entry.resource.as_ref()))
            .collect();
    }
    let required = requirements.roles().iter();
    let required = required.map(|role| permission(role, None));
    let further = further.iter().map(|api| Permission {
        meaning: ALL_OF_AN_API,
        name: None,
        api: Some(api.to_string()),
    });
    required.chain(further).collect()
}

fn permission<'a>(name: &'a str, api: Option<&Resource>) -> Permission<'a> {
    let known = MEANINGS.iter().find(|(known, _)| *known == name);
    Permission {
        meaning: known.map_or("A permission that Microsoft's page explains.", |known| {
            known.1
        }),
        name: Some(name),
        api: api.map(Resource::to_string),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_told_once_in_a_whole_sentence() {
        for (index, (role, meaning)) in MEANINGS.iter().enumerate() {
            assert!(meaning.ends_with('.'), "{role}");
            let twice = MEANINGS[..index].iter().any(|(other, _)| other == role);
            assert!(!twice, "{role}");
        }
    }

    #[test]
    fn the_page_lists_what_is_registered_or_what_is_required_and_the_further_apis() {
        let graph: Resource = "https://graph.microsoft.com".parse().unwrap();
        let required = |roles: &[&str]| {
            let roles = roles.iter().map(|&role| role.to_owned()).collect();
            Requirements::new(None, roles)
        };
        let g = "https://graph.microsoft.com";
        // The setting, the required roles, whether Graph is kept too, and what is listed.
        type Listed<'a> = &'a [(&'a str, Option<&'a str>)];
        let rows: [(Option<&str>, &[&str], bool, Listed<'_>); 10] = [
            (
                None,
                &["ActivityFeed.Read"],
                false,
                &[("ActivityFeed.Read", None)],
            ),
            (None, &["A", "B"], false, &[("A", None), ("B", None)]),
            (None, &["A"], true, &[("A", None), ("", Some(g))]),
            (None, &[], false, &[]),
            (Some("A"), &["A"], false, &[("A", None)]),
            (Some("A,B"), &["A"], false, &[("A", None), ("B", None)]),
            (Some("A,B"), &["A"], true, &[("A", None), ("B", None)]),
            (
                Some("A,https://graph.microsoft.com/B"),
                &["A"],
                true,
                &[("A", None), ("B", Some(g))],
            ),
            (
                Some("openid,A"),
                &["A"],
                false,
                &[("openid", None), ("A", None)],
            ),
            (Some("B,A"), &["A"], false, &[("B", None), ("A", None)]),
        ];
        for (setting, roles, kept, expected) in rows {
            let registered = setting.map(|text| text.parse::<RegisteredPermissions>().unwrap());
            let further = if kept {
                vec![graph.clone()]
            } else {
                Vec::new()
            };
            let requirements = required(roles);
            let shown = listed(registered.as_ref(), &requirements, &further);
            let shown: Vec<_> = shown
                .iter()
                .map(|one| (one.name.unwrap_or_default(), one.api.as_deref()))
                .collect();
            assert_eq!(shown, expected, "{setting:?} {roles:?} {kept}");
        }
    }

    #[test]
    fn a_permission_that_is_not_known_is_left_to_microsofts_page() {
        assert!(
            permission("ActivityFeed.Read", None)
                .meaning
                .contains("audit log")
        );
        assert!(
            permission("New.Role", None)
                .meaning
                .contains("Microsoft's page")
        );
    }
}
