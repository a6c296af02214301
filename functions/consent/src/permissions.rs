//! What each application permission allows, in plain words: one sentence a role, written
//! once. A role that is not here is shown by its name, and Microsoft's page explains it.

/// A permission as the landing page lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Permission<'a> {
    pub(crate) role: &'a str,
    pub(crate) meaning: &'static str,
}

/// Source of the meanings: Microsoft's permission references of the Office 365 Management
/// APIs and of Microsoft Graph, in our words.
const MEANINGS: [(&str, &str); 12] = [
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
];

/// The permissions that are asked for, each with its meaning.
pub(crate) fn explained(roles: &[String]) -> Vec<Permission<'_>> {
    let meaning = |role: &str| {
        let known = MEANINGS.iter().find(|(name, _)| *name == role);
        known.map_or(
            "An application permission that Microsoft's page explains.",
            |(_, meaning)| *meaning,
        )
    };
    let permission = |role| Permission {
        role,
        meaning: meaning(role),
    };
    roles.iter().map(String::as_str).map(permission).collect()
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
        let roles = ["ActivityFeed.Read".to_owned(), "New.Role".to_owned()];
        let told = explained(&roles);
        assert!(told[0].meaning.contains("audit log"));
        assert!(told[1].meaning.contains("Microsoft's page"));
    }
}
