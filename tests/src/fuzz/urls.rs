//! Redirect and return URLs, and issuers': a URL that is taken leads to the listed place
//! also as another reader reads it. The other reader is written here, by hand: text up to
//! `://`, a host up to the next slash, a path in segments.

use auth::caller::issuers_from_json;
use auth::redirect_uri::RedirectUri;
use auth::return_urls::ReturnUrls;
use auth::{Resource, ResourceName};
use serde_json::json;
use url::Url;

use super::places::{Host, split};

const LIST: &str = "https://portal.example/done,https://other.example:444,http://localhost:3000/a/";
/// The same, as the other reader needs it: origin, and segments of the path.
const LISTED: [(&str, &[&str]); 3] = [
    ("https://portal.example", &["done"]),
    ("https://other.example:444", &[]),
    ("http://localhost:3000", &["a"]),
];

/// Each line is a URL.
pub(super) fn urls(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let list: ReturnUrls = LIST.parse().unwrap();
    for line in text.split('\n') {
        if let Ok(url) = Url::parse(line)
            && list.allows(&url)
        {
            check_return(url.as_str());
        }
        if let Ok(uri) = line.parse::<RedirectUri>() {
            check_redirect(uri.as_str(), &uri);
        }
        if let Ok(resource) = line.parse::<Resource>() {
            check_resource(&resource);
        }
        check_issuer(line);
        if let Ok(list) = line.parse::<ReturnUrls>() {
            check_list(line, &list);
        }
    }
}

/// Written so that every reader reads it alike.
fn check_plain(url: &str) {
    let plain = |c: char| c.is_ascii_graphic() && c != '\\';
    assert!(url.chars().all(plain), "{url:?}");
    let (origin, _) = split(url);
    assert!(!origin.contains('@'), "{url}");
}

fn check_return(url: &str) {
    let (before, _) = url.split_once(['?', '#']).unwrap_or((url, ""));
    check_plain(before);
    let (origin, path) = split(before);
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let up = ["..", "%2e%2e", "%2e.", ".%2e"];
    assert!(
        !segments
            .iter()
            .any(|one| up.contains(&one.to_ascii_lowercase().as_str())),
        "{url}"
    );
    let leads_to =
        |(listed, under): &(&str, &[&str])| origin == *listed && segments.starts_with(under);
    assert!(LISTED.iter().any(leads_to), "{url}");
}

fn check_redirect(text: &str, uri: &RedirectUri) {
    check_plain(text);
    let (origin, path) = split(text);
    assert_eq!(path, "/consent/callback", "{text}");
    let is_secure = origin.to_ascii_lowercase().starts_with("https://");
    // Numbers have many spellings: what the parser wrote is read.
    assert!(
        is_secure || Host::of(uri.landing().as_str()) == Host::Loopback,
        "{text}"
    );
    assert!(uri.landing().as_str().starts_with(&uri.origin()), "{text}");
    assert!(uri.landing().as_str().ends_with("/consent"), "{text}");
}

fn check_resource(resource: &Resource) {
    check_plain(resource.as_str());
    assert!(resource.as_str().starts_with("https://"), "{resource}");
    let again: Resource = resource.as_str().parse().unwrap();
    assert_eq!(&again, resource);
    assert_eq!(
        ResourceName::from_default_scope(&resource.default_scope()),
        Ok(ResourceName::Uri(resource.clone()))
    );
}

fn check_issuer(text: &str) {
    let entry = json!([{"issuer": text, "audience": "broker"}]).to_string();
    let Ok(list) = issuers_from_json(&entry) else {
        return;
    };
    assert_eq!(list[0].issuer, text, "to the letter");
    let place = list[0].configuration_url.as_str();
    assert_ne!(Host::of(place), Host::Inside, "{place}");
    let is_plain = place.starts_with("http://");
    assert!(is_plain || place.starts_with("https://"), "{place}");
    assert!(!is_plain || Host::of(place) == Host::Loopback, "{place}");
}

/// Each entry of a list allows itself, and no list allows a neighbour's host.
fn check_list(text: &str, list: &ReturnUrls) {
    for entry in text
        .split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
    {
        let url = Url::parse(entry).unwrap();
        assert!(list.allows(&url) || url.as_str().len() > 512, "{entry}");
        let other = format!(
            "{}://{}.evil.example/",
            url.scheme(),
            url.host_str().unwrap()
        );
        if let Ok(other) = Url::parse(&other) {
            assert!(!list.allows(&other) || text.contains("evil"), "{other}");
        }
    }
}
