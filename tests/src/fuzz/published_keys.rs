//! Discovery documents and key sets: nothing that they say leads us to a place inside, and
//! only keys that are there are read.

use std::net::IpAddr;

use entra::fuzzing::{Keys, published};
use serde_json::Value;
use url::Url;

use super::parts::parts;

const ISSUER: &str = "https://issuer.example";
/// The places at which the document is listed.
const LISTED: [&str; 2] = [
    "https://issuer.example/.well-known/openid-configuration",
    "http://localhost:8080/.well-known/openid-configuration",
];
/// A key set with more keys than this is not read further.
const KEYS_MAX: usize = 100;

/// A discovery document and the key set that it leads to.
pub(super) fn published_keys(data: &[u8]) {
    let [configuration, key_set] = parts(data);
    for listed in LISTED {
        let listed = Url::parse(listed).unwrap();
        let read = |issuer| published(&listed, issuer, configuration, key_set);
        let (exactly, any) = (read(Some(ISSUER)), read(None));
        if let Ok(keys) = &exactly {
            assert_eq!(keys.issuer, ISSUER);
            assert_eq!(any.as_ref(), Ok(keys));
        }
        if let Ok(keys) = &any {
            check_place(keys, &listed);
            check_keys(keys, configuration, key_set);
            assert_eq!(exactly.is_ok(), keys.issuer == ISSUER);
        }
    }
}

/// Read from the URL's text, not by the function under test.
fn check_place(keys: &Keys, listed: &Url) {
    let (place, listed) = (keys.place.as_str(), listed.as_str());
    let (scheme, rest) = place.split_once("://").unwrap();
    assert!(listed.starts_with(&format!("{scheme}://")), "{place}");
    if scheme == "http" {
        assert!(rest.starts_with("localhost:8080/"), "{place}");
        return;
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap();
    let host = match authority.rsplit_once('@') {
        Some((_, host)) => host,
        None => authority,
    };
    let host = match host.strip_prefix('[') {
        Some(address) => address.split(']').next().unwrap(),
        None => host.split(':').next().unwrap(),
    };
    let name = host.trim_end_matches('.');
    assert!(
        name != "localhost" && !name.ends_with(".localhost"),
        "{place}"
    );
    if let Ok(address) = name.parse::<IpAddr>() {
        let inside = match address.to_canonical() {
            IpAddr::V4(v4) => v4.is_loopback() || v4.is_link_local() || v4.is_unspecified(),
            IpAddr::V6(v6) => {
                v6.is_loopback() || v6.is_unspecified() || v6.segments()[0] & 0xffc0 == 0xfe80
            }
        };
        assert!(!inside, "{place}");
    }
}

fn check_keys(keys: &Keys, configuration: &[u8], key_set: &[u8]) {
    let configuration: Value = serde_json::from_slice(configuration).unwrap();
    assert_eq!(configuration["issuer"], keys.issuer.as_str());
    let set: Value = serde_json::from_slice(key_set).unwrap();
    let listed = set["keys"].as_array().unwrap();
    assert!(keys.kids.len() <= KEYS_MAX.min(listed.len()));
    for kid in &keys.kids {
        let signs = |key: &&Value| key["kid"] == kid.as_str() && key["use"] != "enc";
        assert!(listed.iter().take(KEYS_MAX).any(|key| signs(&key)), "{kid}");
    }
}
