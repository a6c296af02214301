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
    assert_eq!(vending.policy_max_age.as_secs(), 60);
    assert_eq!(vending.policy_unread_max_age.as_secs(), 900);
    assert_eq!(vending.tokens.entra.secret_max_age.as_secs(), 900);
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
        ("POLICY_MAX_AGE_SECONDS", "301"),
        ("POLICY_UNREAD_MAX_AGE_SECONDS", "59"),
        // A rotation of the sealing ring waits for 900 and no longer.
        ("SECRET_MAX_AGE_SECONDS", "901"),
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
        "POLICY_MAX_AGE_SECONDS",
        "POLICY_UNREAD_MAX_AGE_SECONDS",
        "SECRET_MAX_AGE_SECONDS",
    ];
    for name in expected {
        assert!(
            problems.iter().any(|problem| problem.starts_with(name)),
            "{name} is not among {problems:?}"
        );
    }
}

#[test]
fn a_consent_setting_that_cannot_be_used_is_named() {
    let long = "x".repeat(81);
    let rows = [
        (
            "CONSENT_REDIRECT_URI",
            "http://broker.example/consent/callback",
        ),
        ("CONSENT_REDIRECT_URI", "not a url"),
        ("CONSENT_RETURN_URLS", "http://portal.example"),
        ("CONSENT_ADMIN_ROLES", "Global Administrator"),
        ("CONSENT_ADMIN_ROLES", ""),
        ("CONSENT_COMPANY_NAME", long.as_str()),
        ("CONSENT_COMPANY_NAME", "a\nb"),
        ("CONSENT_MODE", "closed"),
        ("CONSENT_FLOW", "v3"),
    ];
    for (name, value) in rows {
        let pairs = [&[(name, value)], &GOOD[..]].concat();
        let SettingsError(problems) = read(&pairs, ConsentFunctionSettings::read).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with(name), "{problems:?}");
    }
}
