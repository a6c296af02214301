//! What holds of the settings of every function.

use super::*;

/// Settings of the type that is wanted, from these variables.
pub(super) fn read_from<S: FunctionSettings>(pairs: &[(&str, &str)]) -> Result<S, SettingsError> {
    let lookup = |name: &str| {
        let found = pairs.iter().find(|(key, _)| *key == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    read(&lookup, S::read)
}

/// What no function can be without.
pub(super) const GOOD: [(&str, &str); 7] = [
    ("ENTRA_CLIENT_ID", "a6099727-6b7b-482c-b509-1df309acc563"),
    ("TABLE_NAME", "tenants"),
    ("CERTIFICATE_SECRET_ID", "certificate"),
    ("SEALING_KEYS_SECRET_ID", "sealing"),
    ("CONSENT_KEYS_SECRET_ID", "consent"),
    ("ON_DEMAND_FUNCTION", "on-demand"),
    (
        "CONSENT_REDIRECT_URI",
        "https://broker.example/consent/callback",
    ),
];

/// What the collector cannot be without besides.
pub(super) const COLLECTS: [(&str, &str); 4] = [
    ("FEED_BUCKET", "audit-log"),
    ("FEED_PUBLISHER_ID", "41463f53-8812-40f4-890f-865bf6e35190"),
    ("VENDING_URL", "https://broker.example"),
    ("AWS_REGION", "eu-central-1"),
];

#[test]
fn the_defaults_are_the_safe_ones() {
    let consent = read_from::<ConsentFunctionSettings>(&GOOD).unwrap();
    assert_eq!(consent.mode, auth::protocol::ConsentMode::Invite);
    assert_eq!(consent.flow, auth::protocol::ConsentFlow::V2);
    let vending = read_from::<VendingSettings>(&GOOD).unwrap();
    assert!(vending.issuers.is_empty());
    assert_eq!(vending.tokens.entra.extra_ca_file, None);
    assert_eq!(vending.state_max_age.as_secs(), 30);
    assert_eq!(vending.policy_max_age.as_secs(), 60);
    assert_eq!(vending.issuer_keys_max_age.as_secs(), 6 * 3600);
    assert_eq!(vending.caller_token_max_life.as_secs(), 24 * 3600);
    assert_eq!(vending.policy_unread_max_age.as_secs(), 900);
    assert_eq!(vending.tokens.entra.secret_max_age.as_secs(), 900);
    assert_eq!(vending.tokens.schedule.outage_to_survive.as_secs(), 900);
}

/// What is given by mistake where a name, a path or a number is wanted.
fn secrets() -> [String; 6] {
    let key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    [
        format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n"),
        "a long text ".repeat(25),
        "a first line\nand a second one".to_owned(),
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjb2xsZWN0b3IifQ.c2lnbmF0dXJl".to_owned(),
        "3q2+7wTgXk0mVd9aQzBhLr5sYcUe1JpW8fNi4oKtRjE=".to_owned(),
        format!("m365tb_collector_{}", "Ab3".repeat(14) + "C"),
    ]
}

/// Whether twelve characters in a row of `secret` are in `said`.
fn repeats(said: &str, secret: &str) -> bool {
    let mut pieces = secret.as_bytes().windows(12);
    pieces.any(|piece| {
        String::from_utf8_lossy(piece).len() == 12
            && said.contains(&*String::from_utf8_lossy(piece))
    })
}

#[test]
fn no_setting_repeats_a_secret_that_is_given_in_its_place() {
    let names = [
        "ENTRA_CLIENT_ID",
        "ENTRA_CLOUD",
        "ENTRA_AUTHORITY",
        "ENTRA_TOKEN_ENDPOINT",
        "ENTRA_ASSERTION",
        "ENTRA_RESOURCES",
        "ENTRA_REQUIRED_ROLES",
        "TABLE_NAME",
        "CERTIFICATE_SECRET_ID",
        "SEALING_KEYS_SECRET_ID",
        "CONSENT_KEYS_SECRET_ID",
        "CLIENT_SECRET_ID",
        "ON_DEMAND",
        "ON_DEMAND_FUNCTION",
        "SECRET_MAX_AGE_SECONDS",
        "OUTAGE_TO_SURVIVE_SECONDS",
        "REFRESH_EVERY_SECONDS",
        "REFRESH_CONCURRENCY",
        "VEND_STATE_MAX_AGE_SECONDS",
        "POLICY_MAX_AGE_SECONDS",
        "VENDING_ISSUERS",
        "CONSENT_REDIRECT_URI",
        "CONSENT_RETURN_URLS",
        "CONSENT_ADMIN_ROLES",
        "CONSENT_REGISTERED_PERMISSIONS",
        "CONSENT_COMPANY_NAME",
        "CONSENT_MODE",
        "CONSENT_FLOW",
        "FEED_CONTENT_TYPES",
        "FEED_BUCKET",
        "FEED_PREFIX",
        "FEED_FORMAT",
        "FEED_PUBLISHER_ID",
        "FEED_SETTLE_SECONDS",
        "FEED_EVERY_SECONDS",
        "FEED_LAG_MAX_SECONDS",
        "FEED_API_URL",
        "FEED_CONCURRENCY",
        "VENDING_URL",
        "VENDING_STS_REGIONS",
    ];
    for (name, secret) in names
        .iter()
        .flat_map(|name| secrets().map(|one| (name, one)))
    {
        let pairs = [&[(*name, secret.as_str())], &GOOD[..]].concat();
        let said = [
            read_from::<ConsentFunctionSettings>(&pairs).err(),
            read_from::<VendingSettings>(&pairs).err(),
            read_from::<RefresherSettings>(&pairs).err(),
            read_from::<OnDemandSettings>(&pairs).err(),
            read_from::<CollectorSettings>(&[&pairs[..], &COLLECTS[..]].concat()).err(),
        ];
        for error in said.into_iter().flatten() {
            let said = error.to_string();
            assert!(said.contains(name), "{name}: {said}");
            assert!(!repeats(&said, &secret), "{name}: {said}");
        }
    }
}

#[test]
fn an_entry_of_a_list_that_is_a_secret_is_not_repeated() {
    for secret in secrets() {
        let issuer = serde_json::json!([{"issuer": secret, "audience": "broker"}]).to_string();
        let after = format!("https://a.example,{secret}");
        let rows = [
            ("VENDING_ISSUERS", issuer),
            ("CONSENT_RETURN_URLS", after.clone()),
            ("CONSENT_ADMIN_ROLES", secret.clone()),
            ("CONSENT_REGISTERED_PERMISSIONS", format!("A.Read,{secret}")),
            ("ENTRA_RESOURCES", after),
        ];
        for (name, value) in rows {
            let pairs = [&[(name, value.as_str())], &GOOD[..]].concat();
            let said = [
                read_from::<ConsentFunctionSettings>(&pairs).err(),
                read_from::<VendingSettings>(&pairs).err(),
                read_from::<OnDemandSettings>(&pairs).err(),
            ];
            let said: Vec<_> = said.into_iter().flatten().map(|e| e.to_string()).collect();
            assert!(!said.is_empty(), "{name}");
            assert!(!repeats(&said.concat(), &secret), "{name}: {said:?}");
        }
    }
}

#[test]
fn the_name_of_a_secret_is_told_from_the_secret() {
    let [pem, _, lines, token, _, caller_key] = secrets();
    for (secret, name) in [
        (pem, "CERTIFICATE_SECRET_ID"),
        (lines, "CONSENT_KEYS_SECRET_ID"),
        (token, "CLIENT_SECRET_ID"),
        (caller_key, "CLIENT_SECRET_ID"),
    ] {
        let pairs = [&[(name, secret.as_str())], &GOOD[..]].concat();
        let said = [
            read_from::<ConsentFunctionSettings>(&pairs).err(),
            read_from::<OnDemandSettings>(&pairs).err(),
        ];
        let problems: Vec<String> = said
            .into_iter()
            .flatten()
            .flat_map(|error| error.0)
            .collect();
        let [problem] = &problems[..] else {
            panic!("{problems:?}")
        };
        let wanted = "this looks like the secret itself; its name is wanted";
        assert!(
            problem.starts_with(name) && problem.ends_with(wanted),
            "{problem}"
        );
    }
    // Names that AWS makes look random, and are names.
    for name in [
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:Ring-AbC1dEf2GhIj-x7YzAb",
        "CertificateSecret0F1E2D3CaBcDeFgHiJkL-x7YzAb",
    ] {
        let pairs = [&[("CERTIFICATE_SECRET_ID", name)], &GOOD[..]].concat();
        assert!(read_from::<OnDemandSettings>(&pairs).is_ok(), "{name}");
    }
}

/// No function that faces callers or browsers knows where the certificate is.
#[test]
fn consent_and_vending_need_no_certificate_and_those_that_sign_do() {
    let without = |missing: &str| -> Vec<(&str, &str)> {
        let pairs = GOOD.into_iter();
        pairs.filter(|(name, _)| *name != missing).collect()
    };
    let pairs = without("CERTIFICATE_SECRET_ID");
    assert!(read_from::<ConsentFunctionSettings>(&pairs).is_ok());
    assert!(read_from::<VendingSettings>(&pairs).is_ok());
    let said = [
        read_from::<RefresherSettings>(&pairs).err(),
        read_from::<OnDemandSettings>(&pairs).err(),
    ];
    for error in said {
        let SettingsError(problems) = error.unwrap();
        assert!(
            problems[0].starts_with("CERTIFICATE_SECRET_ID"),
            "{problems:?}"
        );
    }
    let pairs = without("ON_DEMAND_FUNCTION");
    let said = [
        read_from::<ConsentFunctionSettings>(&pairs).err(),
        read_from::<VendingSettings>(&pairs).err(),
    ];
    for error in said {
        let SettingsError(problems) = error.unwrap();
        assert!(
            problems[0].starts_with("ON_DEMAND_FUNCTION"),
            "{problems:?}"
        );
    }
    assert!(read_from::<RefresherSettings>(&pairs).is_ok());
    assert!(read_from::<OnDemandSettings>(&pairs).is_ok());
}

#[test]
fn what_is_started_by_a_schedule_is_never_started_by_a_word_that_is_not_known() {
    for (value, taken) in [
        ("false", true),
        ("true", false),
        ("TRUE", false),
        ("1", false),
        ("yes", false),
    ] {
        let pairs = [&[("ON_DEMAND", value)], &GOOD[..]].concat();
        let outcome = read_from::<RefresherSettings>(&pairs);
        assert_eq!(outcome.is_ok(), taken, "{value}");
    }
}

#[test]
fn who_may_bind_is_read_on_demand() {
    for (name, value) in [
        (
            "CONSENT_REDIRECT_URI",
            "http://broker.example/consent/callback",
        ),
        ("CONSENT_ADMIN_ROLES", "Global Administrator"),
        ("CONSENT_ADMIN_ROLES", ""),
        ("CONSENT_MODE", "closed"),
        ("CONSENT_FLOW", "v3"),
    ] {
        let pairs = [&[(name, value)], &GOOD[..]].concat();
        let SettingsError(problems) = read_from::<OnDemandSettings>(&pairs).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with(name), "{problems:?}");
    }
    let settings = read_from::<OnDemandSettings>(&GOOD).unwrap();
    assert_eq!(settings.mode, auth::protocol::ConsentMode::Invite);
    assert_eq!(settings.flow, auth::protocol::ConsentFlow::V2);
}
