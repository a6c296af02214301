//! Signed `GetCallerIdentity` requests: whatever is let through may leave for STS, and nothing
//! else could be read into it on the way.

use auth::Timestamp;
use auth::caller::{IdentityRequest, IdentityRules, SERVER_ID_HEADER};
use auth::encoding::base64url;
use auth::secret::ExposeSecret as _;
use serde_json::Value;

/// 7 August 2026, 01:37:53 UTC, the date of the corpus.
const NOW: Timestamp = Timestamp::from_unix(1_786_066_673);
const SERVER_ID: &str = "broker.example";
const HOSTS: [&str; 3] = [
    "sts.amazonaws.com",
    "sts.us-east-1.amazonaws.com",
    "sts.eu-central-1.amazonaws.com",
];
const SENT: [&str; 7] = [
    "accept",
    "authorization",
    "content-type",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    SERVER_ID_HEADER,
];

/// The input is the JSON inside the proof, and the proof itself.
pub(super) fn identity_requests(data: &[u8]) {
    let rules = IdentityRules {
        server_id: SERVER_ID.parse().unwrap(),
        regions: "eu-central-1,us-east-1".parse().unwrap(),
    };
    let inside = format!("aws-sts-v1.{}", base64url(data));
    let outside = String::from_utf8_lossy(data).into_owned();
    for text in [inside, outside] {
        match IdentityRequest::read(&text, &rules, NOW) {
            Ok(request) => may_leave(&request, data),
            Err(unfit) => {
                let said = unfit.to_string();
                assert!(!said.contains(char::is_control), "{said:?}");
                assert!(said.chars().count() < 1_000, "{said:?}");
            }
        }
    }
}

fn may_leave(request: &IdentityRequest, json: &[u8]) {
    assert!(HOSTS.contains(&request.host()), "{}", request.host());
    let age = request.expires_at().unix() - NOW.unix();
    assert!((0..=600).contains(&age), "{age}");
    let json: Value = serde_json::from_slice(json).unwrap();
    let url = json["url"].as_str().unwrap();
    let bare = format!("https://{}", request.host());
    assert!(url == bare || url == format!("{bare}/"), "{url}");
    let headers: Vec<(&str, &str)> = request
        .headers()
        .map(|(name, value)| (name, value.expose_secret()))
        .collect();
    let value = |name: &str| {
        let mut values = headers.iter().filter(|(own, _)| *own == name);
        let value = values.next().map(|(_, value)| *value);
        assert!(values.next().is_none(), "{name} twice");
        value
    };
    for (name, value) in &headers {
        assert!(SENT.contains(name), "{name}");
        let is_plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        assert!(is_plain && value.trim() == *value, "{name}: {value:?}");
    }
    assert_eq!(value("accept"), Some("application/json"));
    assert_eq!(value(SERVER_ID_HEADER), Some(SERVER_ID));
    let signed = value("authorization").unwrap();
    for name in ["host", "x-amz-date", SERVER_ID_HEADER] {
        assert!(signed.contains(name), "{name} in {signed}");
    }
    // What the sender has not signed is what we add.
    let members = json["headers"].as_object().unwrap();
    for name in members.keys().map(|name| name.to_ascii_lowercase()) {
        assert!(name == "authorization" || signed.contains(&name), "{name}");
    }
}
