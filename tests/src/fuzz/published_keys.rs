//! Discovery documents and key sets: nothing that they say leads us to a place inside, and
//! only keys that are there are read.

use microsoft::fuzzing::{Keys, published};
use url::Url;

use super::parts::{json, parts};
use super::places::{Host, split};

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

fn check_place(keys: &Keys, listed: &Url) {
    let (place, listed) = (keys.place.as_str(), listed.as_str());
    let (origin, _) = split(place);
    let scheme = origin.split("://").next().unwrap();
    assert!(listed.starts_with(&format!("{scheme}://")), "{place}");
    match scheme {
        "http" => assert_eq!(origin, "http://localhost:8080"),
        _ => assert_eq!(Host::of(place), Host::Outside, "{place}"),
    }
}

fn check_keys(keys: &Keys, configuration: &[u8], key_set: &[u8]) {
    let configuration = json(configuration).unwrap();
    assert_eq!(configuration["issuer"], keys.issuer.as_str());
    let set = json(key_set).unwrap();
    let listed = set["keys"].as_array().unwrap();
    assert!(keys.kids.len() <= KEYS_MAX.min(listed.len()));
    for kid in &keys.kids {
        let signs = |key: &&serde_json::Value| key["kid"] == kid.as_str() && key["use"] != "enc";
        assert!(listed.iter().take(KEYS_MAX).any(|key| signs(&key)), "{kid}");
    }
}
