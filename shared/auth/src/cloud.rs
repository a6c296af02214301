//! Microsoft's clouds. The authority host and the management API's host belong
//! together: a token for the API host of one cloud is not given out by the
//! authority of another. An application registration exists in one cloud only.
//!
//! Source: Microsoft's pages on national clouds and the Office 365 Management
//! Activity API reference, as collected in the project's protocol notes (§1.1).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A Microsoft cloud, as `ENTRA_CLOUD` names it.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// Commercial and Enterprise plans.
    #[default]
    Public,
    /// US Government Community Cloud (moderate): the public directory, its own API host.
    Gcc,
    /// US Government Community Cloud High.
    GccHigh,
    /// US Department of Defense.
    Dod,
    /// China, operated by 21Vianet.
    China,
}

impl Cloud {
    /// Every cloud, in the order of the documentation.
    pub const ALL: [Cloud; 5] = [
        Cloud::Public,
        Cloud::Gcc,
        Cloud::GccHigh,
        Cloud::Dod,
        Cloud::China,
    ];

    /// The name in settings, in the table and in answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Cloud::Public => "public",
            Cloud::Gcc => "gcc",
            Cloud::GccHigh => "gcc-high",
            Cloud::Dod => "dod",
            Cloud::China => "china",
        }
    }

    /// The authority's base URL, without a trailing slash.
    pub fn authority(self) -> &'static str {
        match self {
            Cloud::Public | Cloud::Gcc => "https://login.microsoftonline.com",
            Cloud::GccHigh | Cloud::Dod => "https://login.microsoftonline.us",
            Cloud::China => "https://login.partner.microsoftonline.cn",
        }
    }

    /// Where a tenant lives that has been looked up at the authority of `asked`: by the
    /// members `tenant_region_scope` and `tenant_region_sub_scope` of its discovery document.
    /// `None` where they say nothing that is known: nothing follows from that.
    ///
    /// Assumption: commercial tenants have a region and no sub-scope. Recorded documents show
    /// it and no page of Microsoft's does; a document without a region says nothing either,
    /// so that members which are no longer sent move no tenant.
    pub fn of_region(asked: Cloud, scope: Option<&str>, sub_scope: Option<&str>) -> Option<Cloud> {
        match sub_scope {
            Some("GCC") => Some(Cloud::Gcc),
            Some("DODCON") => Some(Cloud::GccHigh),
            Some("DOD") => Some(Cloud::Dod),
            None | Some("") if scope.is_some_and(|scope| !scope.is_empty()) => asked
                .shares_authority_with(Cloud::Public)
                .then_some(Cloud::Public),
            _ => None,
        }
    }

    /// Whether tenants of both sign in at the same authority, so that one registration
    /// serves both.
    pub fn shares_authority_with(self, other: Cloud) -> bool {
        self.authority() == other.authority()
    }

    /// The App ID URI of the Office 365 Management APIs in this cloud.
    pub fn management_api(self) -> &'static str {
        match self {
            Cloud::Public => "https://manage.office.com",
            Cloud::Gcc => "https://manage-gcc.office.com",
            Cloud::GccHigh => "https://manage.office365.us",
            Cloud::Dod => "https://manage.protection.apps.mil",
            // ASSUMPTION: Microsoft documents no management API host for China; this
            // one circulates. An operator there sets ENTRA_RESOURCES to be sure.
            Cloud::China => "https://manage.office365.cn",
        }
    }
}

impl Cloud {
    /// The base URL of Microsoft Graph, which is also the name of its API (Microsoft's page on
    /// national clouds).
    pub fn graph(self) -> &'static str {
        match self {
            Cloud::Public | Cloud::Gcc => "https://graph.microsoft.com",
            Cloud::GccHigh => "https://graph.microsoft.us",
            Cloud::Dod => "https://dod-graph.microsoft.us",
            Cloud::China => "https://microsoftgraph.chinacloudapi.cn",
        }
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no cloud.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a cloud: one of public, gcc, gcc-high, dod, china")]
pub struct UnknownCloud;

impl FromStr for Cloud {
    type Err = UnknownCloud;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Cloud::ALL
            .into_iter()
            .find(|cloud| cloud.as_str() == text)
            .ok_or(UnknownCloud)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cloud_has_its_own_api_host_and_comes_back_from_its_name() {
        let mut hosts: Vec<_> = Cloud::ALL.map(Cloud::management_resource).to_vec();
        hosts.sort();
        hosts.dedup();
        assert_eq!(hosts.len(), Cloud::ALL.len());
        for cloud in Cloud::ALL {
            assert_eq!(cloud.as_str().parse(), Ok(cloud));
        }
    }

    #[test]
    fn where_a_tenant_lives_follows_from_its_region() {
        use Cloud as C;
        // The cloud whose authority was asked, scope and sub-scope, where the tenant lives.
        let rows = [
            (C::Public, Some("NA"), Some("GCC"), Some(C::Gcc)),
            (C::Public, Some("NA"), None, Some(C::Public)),
            (C::Public, Some("EU"), Some(""), Some(C::Public)),
            (C::Public, Some("USGov"), Some("DODCON"), Some(C::GccHigh)),
            (C::Public, Some("USGov"), Some("DOD"), Some(C::Dod)),
            (C::Gcc, Some("NA"), Some("GCC"), Some(C::Gcc)),
            (C::Gcc, Some("NA"), None, Some(C::Public)),
            (C::GccHigh, Some("USGov"), Some("DOD"), Some(C::Dod)),
            (C::GccHigh, Some("USGov"), Some("DODCON"), Some(C::GccHigh)),
            (C::GccHigh, Some("USGov"), None, None),
            (C::China, Some("AS"), None, None),
            // Nothing is said of the region, or what is not known.
            (C::Public, None, None, None),
            (C::Public, Some(""), None, None),
            (C::Gcc, None, None, None),
            (C::Public, Some("NA"), Some("gcc"), None),
            (C::Public, Some("NA"), Some("AIRGAP"), None),
            (C::Public, None, Some("GCC"), Some(C::Gcc)),
        ];
        for (asked, scope, sub_scope, expected) in rows {
            let found = Cloud::of_region(asked, scope, sub_scope);
            assert_eq!(found, expected, "{asked} {scope:?} {sub_scope:?}");
        }
    }

    #[test]
    fn gcc_shares_the_public_authority() {
        assert_eq!(Cloud::Gcc.authority(), Cloud::Public.authority());
        assert_ne!(Cloud::Gcc.management_api(), Cloud::Public.management_api());
    }
}
