use super::*;
use crate::settings::SettingsError;
use crate::settings::tests::{GOOD, read_from};

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
        ("ISSUER_KEYS_MAX_AGE_SECONDS", "108000"),
        ("CALLER_TOKEN_MAX_LIFE_SECONDS", "0"),
        ("CALLER_BURST", "0"),
        ("CALLER_REQUESTS_PER_SECOND", "1001"),
    ];
    let SettingsError(problems) = read_from::<VendingSettings>(&bad).unwrap_err();
    let expected = [
        "ENTRA_CLIENT_ID",
        "ENTRA_CLOUD",
        "ENTRA_AUTHORITY",
        "ENTRA_ASSERTION",
        "TABLE_NAME",
        "ON_DEMAND_FUNCTION",
        "SEALING_KEYS_SECRET_ID",
        "VENDING_ISSUERS",
        "VEND_STATE_MAX_AGE_SECONDS",
        "POLICY_MAX_AGE_SECONDS",
        "POLICY_UNREAD_MAX_AGE_SECONDS",
        "SECRET_MAX_AGE_SECONDS",
        "ISSUER_KEYS_MAX_AGE_SECONDS",
        "CALLER_TOKEN_MAX_LIFE_SECONDS",
        "CALLER_BURST",
        "CALLER_REQUESTS_PER_SECOND",
    ];
    for name in expected {
        assert!(
            problems.iter().any(|problem| problem.starts_with(name)),
            "{name} is not among {problems:?}"
        );
    }
}

#[test]
fn the_limits_of_trust_have_limits_themselves() {
    let rows = [
        ("ISSUER_KEYS_MAX_AGE_SECONDS", "899", false),
        ("ISSUER_KEYS_MAX_AGE_SECONDS", "900", true),
        ("ISSUER_KEYS_MAX_AGE_SECONDS", "86400", true),
        ("ISSUER_KEYS_MAX_AGE_SECONDS", "86401", false),
        ("ISSUER_KEYS_MAX_AGE_SECONDS", "for ever", false),
        ("CALLER_TOKEN_MAX_LIFE_SECONDS", "299", false),
        ("CALLER_TOKEN_MAX_LIFE_SECONDS", "300", true),
        ("CALLER_TOKEN_MAX_LIFE_SECONDS", "604800", true),
        ("CALLER_TOKEN_MAX_LIFE_SECONDS", "604801", false),
        ("CALLER_TOKEN_MAX_LIFE_SECONDS", "-1", false),
        ("CALLER_BURST", "1", true),
        ("CALLER_BURST", "1000000", true),
        ("CALLER_BURST", "1000001", false),
        ("CALLER_BURST", "10k", false),
        ("CALLER_REQUESTS_PER_SECOND", "0", false),
        ("CALLER_REQUESTS_PER_SECOND", "1", true),
        ("CALLER_REQUESTS_PER_SECOND", "1000", true),
        ("CALLER_REQUESTS_PER_SECOND", "0.5", false),
    ];
    for (name, value, taken) in rows {
        let pairs = [&[(name, value)], &GOOD[..]].concat();
        let outcome = read_from::<VendingSettings>(&pairs);
        assert_eq!(outcome.is_ok(), taken, "{name}={value}");
    }
}
