//! Microsoft's clouds. The authority host and the management API's host belong
//! together: a token for the API host of one cloud is not given out by the
//! authority of another. An application registration exists in one cloud only.
//!
//! Source: Microsoft's pages on national clouds and the Office 365 Management
//! Activity API reference, as collected in the project's protocol notes (§1.1).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::identifiers::Resource;

/// A Microsoft cloud, as `ENTRA_CLOUD` names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
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

    /// [`management_api`](Self::management_api) as a resource.
    pub fn management_resource(self) -> Resource {
        // The five constants above are resources; the test below parses each of them.
        self.management_api()
            .parse()
            .unwrap_or_else(|_| unreachable!("a constant that is no resource"))
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
    fn gcc_shares_the_public_authority() {
        assert_eq!(Cloud::Gcc.authority(), Cloud::Public.authority());
        assert_ne!(Cloud::Gcc.management_api(), Cloud::Public.management_api());
    }
}
