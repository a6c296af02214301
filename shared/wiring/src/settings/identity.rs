//! What a signed `GetCallerIdentity` request is held against, and where it is sent.

use auth::caller::{IdentityRules, InvalidRegions, ServerId, StsRegions};
use auth::url_rules::is_https_or_loopback;
use url::Url;

use super::reader::Reader;

const SERVER_ID: &str = "VENDING_SERVER_ID";
const STS_REGIONS: &str = "VENDING_STS_REGIONS";
/// Lambda sets it.
const OWN_REGION: &str = "AWS_REGION";
const STS_ENDPOINT: &str = "AWS_ENDPOINT_URL_STS";

/// The settings of the proof by a signed request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdentitySettings {
    /// `VENDING_SERVER_ID`, and `VENDING_STS_REGIONS`: the function's own region where the
    /// latter is not set.
    pub rules: IdentityRules,
    /// `AWS_ENDPOINT_URL_STS`: a stand-in that is asked in place of every STS.
    pub endpoint: Option<Url>,
}

/// Reads them; no such proof is taken where `VENDING_SERVER_ID` is not set.
pub(super) fn read_identity(reader: &mut Reader<'_>) -> Option<IdentitySettings> {
    let server_id: Option<ServerId> = reader.optional(SERVER_ID);
    let regions: Option<StsRegions> = match reader.text(STS_REGIONS) {
        Some(_) => reader.optional(STS_REGIONS),
        // Asked for only where it is needed: a function without the proof has no use for it.
        None => server_id.as_ref().and_then(|_| own_region(reader)),
    };
    let endpoint = server_id.as_ref().and_then(|_| endpoint(reader));
    Some(IdentitySettings {
        rules: IdentityRules {
            server_id: server_id?,
            regions: regions?,
        },
        endpoint,
    })
}

/// What a proof of this process is made for, which asks the broker at `url` for tokens: the same
/// settings, and the URL's host where no name is set. `None` comes with a problem.
pub(super) fn read_own_proof(reader: &mut Reader<'_>, url: &Url) -> Option<IdentityRules> {
    let host = url.host_str().unwrap_or_default();
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let server_id = match reader.text(SERVER_ID) {
        Some(_) => reader.optional(SERVER_ID),
        None => host.parse().ok(),
    };
    let regions: Option<StsRegions> = match reader.text(STS_REGIONS) {
        Some(_) => reader.optional(STS_REGIONS),
        None => reader.required(OWN_REGION, "the region whose STS vouches for this function"),
    };
    Some(IdentityRules {
        server_id: server_id?,
        regions: regions?,
    })
}

/// `None` also in a partition whose STS is not known here: no such proof is taken there, and
/// everything else works.
fn own_region(reader: &mut Reader<'_>) -> Option<StsRegions> {
    let own = reader
        .text(OWN_REGION)
        .map(|region| region.parse::<StsRegions>());
    if let Some(Err(InvalidRegions::Isolated)) = own {
        return None;
    }
    reader.required(
        OWN_REGION,
        "the region whose STS is asked, as Lambda sets it",
    )
}

fn endpoint(reader: &mut Reader<'_>) -> Option<Url> {
    let url = reader.optional(STS_ENDPOINT).filter(is_https_or_loopback);
    // What cannot be parsed is reported by now.
    if url.is_none() && reader.text(STS_ENDPOINT).is_some() {
        reader.problem(STS_ENDPOINT, "needs https, or http on loopback");
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::VendingSettings;
    use crate::settings::tests::{GOOD, read_from};

    const SERVER: (&str, &str) = ("VENDING_SERVER_ID", "broker.example");
    const REGION: (&str, &str) = ("AWS_REGION", "eu-central-1");

    fn read(more: &[(&str, &str)]) -> Result<Option<IdentitySettings>, Vec<String>> {
        let read = read_from::<VendingSettings>(&[more, &GOOD[..]].concat());
        read.map(|settings| settings.identity)
            .map_err(|error| error.0)
    }

    #[test]
    fn without_a_server_id_no_such_proof_is_taken() {
        for more in [
            &[][..],
            &[REGION],
            &[("AWS_ENDPOINT_URL_STS", "http://sts.example")],
        ] {
            assert_eq!(read(more), Ok(None), "{more:?}");
        }
    }

    #[test]
    fn where_the_own_regions_sts_is_not_known_no_such_proof_is_taken() {
        for region in ["eusc-de-east-1", "us-iso-east-1", "eu-isoe-west-1"] {
            assert_eq!(
                read(&[SERVER, ("AWS_REGION", region)]),
                Ok(None),
                "{region}"
            );
            let listed = read(&[SERVER, ("VENDING_STS_REGIONS", region)]);
            assert!(listed.is_err(), "{region}");
        }
    }

    #[test]
    fn the_regions_are_the_functions_own_unless_others_are_listed() {
        let rows = [
            (&[SERVER, REGION][..], "eu-central-1"),
            (
                &[
                    SERVER,
                    REGION,
                    ("VENDING_STS_REGIONS", "us-east-1, eu-west-1"),
                ],
                "us-east-1,eu-west-1",
            ),
            (
                &[SERVER, ("VENDING_STS_REGIONS", "us-gov-west-1")],
                "us-gov-west-1",
            ),
        ];
        for (more, regions) in rows {
            let settings = read(more).unwrap().unwrap();
            assert_eq!(settings.rules.regions.to_string(), regions, "{more:?}");
            assert_eq!(settings.rules.server_id.as_str(), "broker.example");
            assert_eq!(settings.endpoint, None);
        }
    }

    #[test]
    fn what_cannot_be_taken_is_a_problem_of_its_variable() {
        let rows = [
            (&[SERVER][..], "AWS_REGION is not set"),
            (
                &[SERVER, ("AWS_REGION", "moon")],
                "AWS_REGION must be regions",
            ),
            (
                &[("VENDING_SERVER_ID", "a b"), REGION],
                "VENDING_SERVER_ID must be",
            ),
            (
                &[SERVER, ("VENDING_STS_REGIONS", "us-east-1,cn-north-1")],
                "VENDING_STS_REGIONS names regions of several",
            ),
            (
                &[("VENDING_STS_REGIONS", "moon")],
                "VENDING_STS_REGIONS must be regions",
            ),
            (
                &[
                    SERVER,
                    REGION,
                    ("AWS_ENDPOINT_URL_STS", "http://sts.example"),
                ],
                "AWS_ENDPOINT_URL_STS needs https",
            ),
            (
                &[SERVER, REGION, ("AWS_ENDPOINT_URL_STS", "ftp://localhost")],
                "AWS_ENDPOINT_URL_STS needs https",
            ),
        ];
        for (more, problem) in rows {
            let problems = read(more).unwrap_err();
            assert!(
                problems.iter().any(|found| found.starts_with(problem)),
                "{more:?}: {problems:?}"
            );
        }
        let taken = read(&[
            SERVER,
            REGION,
            ("AWS_ENDPOINT_URL_STS", "http://localhost:1/"),
        ]);
        assert!(taken.unwrap().unwrap().endpoint.is_some());
    }
}
