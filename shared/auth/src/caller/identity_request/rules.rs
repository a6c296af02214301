//! What a signed request must be for: this broker, and an STS of the regions that the
//! settings list.

use std::fmt;
use std::str::FromStr;

/// The longest server id, in characters: a host's name has 253.
const SERVER_ID_MAX: usize = 255;
/// The region of the global host.
const GLOBAL_REGION: &str = "us-east-1";
const GLOBAL_HOST: &str = "sts.amazonaws.com";

/// What every signed request is held against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentityRules {
    /// `VENDING_SERVER_ID`.
    pub server_id: ServerId,
    /// `VENDING_STS_REGIONS`.
    pub regions: StsRegions,
}

/// By what a caller names this broker in what it signs: a host's name mostly. Not secret,
/// and to be no other service's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerId(String);

/// The text is no server id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 3 to 255 letters, digits and .:/_- : the host of the broker's URL is one")]
pub struct InvalidServerId;

impl ServerId {
    /// The id, as the header must have it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ServerId {
    type Err = InvalidServerId;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".:/_-".contains(&byte);
        match (3..=SERVER_ID_MAX).contains(&text.len()) && text.bytes().all(allowed) {
            true => Ok(Self(text.to_owned())),
            false => Err(InvalidServerId),
        }
    }
}

/// The regions whose STS is asked, all of one partition: an account's number says whose it is
/// in its own partition alone, and policies name no partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StsRegions {
    regions: Vec<String>,
    partition: &'static str,
    suffix: &'static str,
}

/// The list cannot be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRegions {
    /// No name of a region.
    #[error("must be regions of AWS such as eu-central-1, with commas between them")]
    NoRegion,
    /// One of a partition that has other hosts.
    #[error("names a region of an isolated partition, whose STS is not known here")]
    Isolated,
    /// Of several partitions.
    #[error("names regions of several partitions: an account of one could pass for another's")]
    Mixed,
}

/// An STS.
pub(super) struct Place<'a> {
    pub(super) host: String,
    pub(super) region: &'a str,
    pub(super) partition: &'static str,
}

impl StsRegions {
    /// The STS that a URL names; to the letter, with or without the slash at its end. No URL
    /// is parsed, so that no two readers can differ about one.
    pub(super) fn place(&self, url: &str) -> Option<Place<'_>> {
        let bare = url.strip_prefix("https://")?;
        let host = bare.strip_suffix('/').unwrap_or(bare);
        let mut regions = self.regions.iter();
        let region = regions.find(|region| {
            host == self.host(region) || (*region == GLOBAL_REGION && host == GLOBAL_HOST)
        })?;
        Some(Place {
            host: host.to_owned(),
            region,
            partition: self.partition,
        })
    }

    /// The URL and the region of the first one, for a caller that signs by these very settings.
    pub fn first(&self) -> Option<(String, &str)> {
        let region = self.regions.first()?;
        Some((format!("https://{}/", self.host(region)), region))
    }

    /// The URLs that a caller may take, for a person.
    pub(super) fn urls(&self) -> String {
        let urls = self.regions.iter();
        let urls = urls.map(|region| format!("https://{}/", self.host(region)));
        urls.collect::<Vec<_>>().join(" or ")
    }

    /// AWS General Reference, "AWS Security Token Service endpoints"; in China with `.cn`.
    fn host(&self, region: &str) -> String {
        format!("sts.{region}.{}", self.suffix)
    }
}

/// With commas between the regions.
impl fmt::Display for StsRegions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.regions.join(","))
    }
}

impl FromStr for StsRegions {
    type Err = InvalidRegions;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let regions: Vec<String> = text.split(',').map(|one| one.trim().to_owned()).collect();
        let partitions = regions.iter().map(|region| partition(region));
        let partitions: Vec<_> = partitions.collect::<Result<_, _>>()?;
        match partitions[..] {
            [(partition, suffix), ref more @ ..]
                if more.iter().all(|(other, _)| *other == partition) =>
            {
                Ok(Self {
                    regions,
                    partition,
                    suffix,
                })
            }
            _ => Err(InvalidRegions::Mixed),
        }
    }
}

/// The partition of a region, and the end of its hosts (AWS General Reference, "Partitions").
fn partition(region: &str) -> Result<(&'static str, &'static str), InvalidRegions> {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let ends_well = region.ends_with(|c: char| c.is_ascii_digit());
    let begins_well = region.starts_with(|c: char| c.is_ascii_lowercase());
    let is_region = (5..=32).contains(&region.len()) && region.bytes().all(allowed);
    if !(is_region && begins_well && ends_well && region.contains('-')) {
        return Err(InvalidRegions::NoRegion);
    }
    let is_isolated = ["us-iso", "eu-iso", "eusc-"];
    if is_isolated.iter().any(|prefix| region.starts_with(prefix)) {
        return Err(InvalidRegions::Isolated);
    }
    Ok(match region {
        region if region.starts_with("cn-") => ("aws-cn", "amazonaws.com.cn"),
        region if region.starts_with("us-gov-") => ("aws-us-gov", "amazonaws.com"),
        _ => ("aws", "amazonaws.com"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_id_is_plain() {
        for text in [
            "abc123.execute-api.eu-central-1.amazonaws.com",
            "localhost:8080",
            "https://broker.example/",
            "a_b",
        ] {
            assert_eq!(text.parse::<ServerId>().unwrap().as_str(), text);
        }
        for text in [
            "",
            "ab",
            "a b",
            "a,b",
            "ä.example",
            "a\r\nb",
            &"x".repeat(256),
        ] {
            assert!(text.parse::<ServerId>().is_err(), "{text}");
        }
    }

    #[test]
    fn regions_are_of_one_partition_that_is_known() {
        for text in [
            "eu-central-1",
            "us-east-1, eu-west-3",
            "us-gov-west-1",
            "cn-north-1,cn-northwest-1",
        ] {
            assert!(text.parse::<StsRegions>().is_ok(), "{text}");
        }
        use InvalidRegions::{Isolated, Mixed, NoRegion};
        let rows = [
            ("", NoRegion),
            ("eu-central-1,", NoRegion),
            ("eu-central-1.evil-1", NoRegion),
            ("eu-central-1/x-1", NoRegion),
            ("EU-CENTRAL-1", NoRegion),
            ("eu-central", NoRegion),
            ("1-1-1", NoRegion),
            ("us-iso-east-1", Isolated),
            ("us-isob-east-1", Isolated),
            ("eusc-de-east-1", Isolated),
            ("us-east-1,cn-north-1", Mixed),
            ("us-gov-west-1,us-west-1", Mixed),
        ];
        for (text, wrong) in rows {
            assert_eq!(text.parse::<StsRegions>(), Err(wrong), "{text}");
        }
    }

    #[test]
    fn only_the_listed_regions_hosts_are_places_to_the_letter() {
        let aws: StsRegions = "us-east-1,eu-central-1".parse().unwrap();
        let china: StsRegions = "cn-north-1".parse().unwrap();
        let gov: StsRegions = "us-gov-west-1".parse().unwrap();
        let places = [
            (
                &aws,
                "https://sts.us-east-1.amazonaws.com/",
                "us-east-1",
                "aws",
            ),
            (&aws, "https://sts.amazonaws.com", "us-east-1", "aws"),
            (
                &aws,
                "https://sts.eu-central-1.amazonaws.com",
                "eu-central-1",
                "aws",
            ),
            (
                &china,
                "https://sts.cn-north-1.amazonaws.com.cn/",
                "cn-north-1",
                "aws-cn",
            ),
            (
                &gov,
                "https://sts.us-gov-west-1.amazonaws.com/",
                "us-gov-west-1",
                "aws-us-gov",
            ),
        ];
        for (regions, url, region, partition) in places {
            let place = regions.place(url).expect(url);
            assert_eq!(
                (place.region, place.partition),
                (region, partition),
                "{url}"
            );
        }
        // The global host is us-east-1's, and the partition `aws`'s alone.
        for regions in [&china, &gov, &"eu-central-1".parse().unwrap()] {
            assert!(regions.place("https://sts.amazonaws.com/").is_none());
        }
    }
}
