//! How the application is registered, as far as connecting a tenant depends on it (resource type
//! application, v1.0).

use auth::ports::KeysError;
use serde::Deserialize;

use super::answer::unavailable;

/// The properties that are asked for.
pub(super) const SELECTED: &str = "signInAudience,groupMembershipClaims,web";

/// How the application is registered.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// `signInAudience`: whose accounts may sign in.
    pub sign_in_audience: String,
    /// `groupMembershipClaims`: `DirectoryRole`, `All`, or several with commas.
    #[serde(default)]
    pub group_membership_claims: Option<String>,
    #[serde(default)]
    web: Web,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Web {
    #[serde(default)]
    redirect_uris: Vec<String>,
}

impl Registration {
    /// Fails closed: an answer that is not the application's says nothing of it.
    pub(super) fn read(body: &[u8]) -> Result<Self, KeysError> {
        serde_json::from_slice(body).map_err(|_| unavailable("its answer is not an application"))
    }

    /// Admins of every organisation can consent to it.
    pub fn is_multi_tenant(&self) -> bool {
        let audiences = ["AzureADMultipleOrgs", "AzureADandPersonalMicrosoftAccount"];
        audiences.contains(&self.sign_in_audience.as_str())
    }

    /// ID tokens carry the directory roles of who signs in (`wids`).
    pub fn shows_directory_roles(&self) -> bool {
        let claims = self.group_membership_claims.as_deref().unwrap_or_default();
        let mut claims = claims.split(',').map(str::trim);
        claims.any(|claim| ["DirectoryRole", "All"].contains(&claim))
    }

    /// The reply URL is registered, to the letter.
    pub fn knows(&self, redirect_uri: &str) -> bool {
        self.web.redirect_uris.iter().any(|uri| uri == redirect_uri)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_connecting_a_tenant_depends_on_is_read() {
        let web = r#""web":{"redirectUris":["https://broker.example/consent/callback"]}"#;
        let rows = [
            (
                format!(
                    r#"{{"signInAudience":"AzureADMultipleOrgs",
                        "groupMembershipClaims":"DirectoryRole",{web}}}"#
                ),
                Some([true, true, true]),
            ),
            (
                format!(
                    r#"{{"signInAudience":"AzureADandPersonalMicrosoftAccount",
                        "groupMembershipClaims":"SecurityGroup, DirectoryRole",{web}}}"#
                ),
                Some([true, true, true]),
            ),
            (
                r#"{"signInAudience":"AzureADMyOrg","groupMembershipClaims":"SecurityGroup",
                    "web":{"redirectUris":["https://broker.example/consent/callback/"]}}"#
                    .to_owned(),
                Some([false, false, false]),
            ),
            (
                r#"{"signInAudience":"AzureADMyOrg","groupMembershipClaims":null,"web":{}}"#
                    .to_owned(),
                Some([false, false, false]),
            ),
            (
                r#"{"signInAudience":"AzureADMultipleOrgs"}"#.to_owned(),
                Some([true, false, false]),
            ),
            (r#"{"value":[]}"#.to_owned(), None),
            ("<html>".to_owned(), None),
        ];
        for (body, expected) in rows {
            let read = Registration::read(body.as_bytes()).ok();
            let found = read.map(|registration| {
                [
                    registration.is_multi_tenant(),
                    registration.shows_directory_roles(),
                    registration.knows("https://broker.example/consent/callback"),
                ]
            });
            assert_eq!(found, expected, "{body}");
        }
    }
}
