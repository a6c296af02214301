use super::*;

fn read<T>(
    pairs: &[(&str, &str)],
    read: impl Fn(Lookup<'_>) -> Result<T, SettingsError>,
) -> Result<T, SettingsError> {
    read(&|name| {
        pairs
            .iter()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| (*value).to_owned())
    })
}

const GOOD: [(&str, &str); 6] = [
    ("ENTRA_CLIENT_ID", "a6099727-6b7b-482c-b509-1df309acc563"),
    ("TABLE_NAME", "tenants"),
    ("CERTIFICATE_SECRET_ID", "certificate"),
    ("SEALING_KEYS_SECRET_ID", "sealing"),
    ("CONSENT_KEYS_SECRET_ID", "consent"),
    (
        "CONSENT_REDIRECT_URI",
        "https://broker.example/consent/callback",
    ),
];

#[test]
fn the_defaults_are_the_safe_ones() {
    let consent = read(&GOOD, ConsentFunctionSettings::read).unwrap();
    assert_eq!(consent.mode, auth::protocol::ConsentMode::Invite);
    assert_eq!(consent.flow, auth::protocol::ConsentFlow::V2);
    let vending = read(&GOOD, VendingSettings::read).unwrap();
    assert!(vending.issuers.is_empty());
    assert_eq!(vending.tokens.entra.extra_ca_file, None);
    assert_eq!(vending.state_max_age.as_secs(), 30);
    assert_eq!(vending.tokens.schedule.outage_to_survive.as_secs(), 900);
}

#[test]
fn every_problem_is_reported_at_once_by_its_variable() {
    let bad = [
        ("ENTRA_CLIENT_ID", "not a guid"),
        ("ENTRA_CLOUD", "moon"),
        ("ENTRA_AUTHORITY", "http://login.example"),
        ("ENTRA_ASSERTION", "hs256"),
        ("VENDING_ISSUERS", "{}"),
        ("VEND_STATE_MAX_AGE_SECONDS", "86400"),
    ];
    let SettingsError(problems) = read(&bad, VendingSettings::read).unwrap_err();
    let expected = [
        "ENTRA_CLIENT_ID",
        "ENTRA_CLOUD",
        "ENTRA_AUTHORITY",
        "ENTRA_ASSERTION",
        "TABLE_NAME",
        "CERTIFICATE_SECRET_ID",
        "SEALING_KEYS_SECRET_ID",
        "VENDING_ISSUERS",
        "VEND_STATE_MAX_AGE_SECONDS",
    ];
    for name in expected {
        assert!(
            problems.iter().any(|problem| problem.starts_with(name)),
            "{name} is not among {problems:?}"
        );
    }
}

#[test]
fn a_reply_url_needs_https_or_localhost() {
    for (url, good) in [
        ("http://localhost:8080/consent/callback", true),
        ("http://broker.example/consent/callback", false),
        ("not a url", false),
    ] {
        let mut pairs = GOOD.to_vec();
        pairs[5].1 = url;
        assert_eq!(
            read(&pairs, ConsentFunctionSettings::read).is_ok(),
            good,
            "{url}"
        );
    }
}
