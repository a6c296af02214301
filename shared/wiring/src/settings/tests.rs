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
    assert_eq!(vending.issuer_keys_max_age.as_secs(), 6 * 3600);
    assert_eq!(vending.caller_token_max_life.as_secs(), 24 * 3600);
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
        ("ISSUER_KEYS_MAX_AGE_SECONDS", "108000"),
        ("CALLER_TOKEN_MAX_LIFE_SECONDS", "0"),
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
        "ISSUER_KEYS_MAX_AGE_SECONDS",
        "CALLER_TOKEN_MAX_LIFE_SECONDS",
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
    ];
    for (name, value, taken) in rows {
        let pairs = [&[(name, value)], &GOOD[..]].concat();
        let outcome = read(&pairs, VendingSettings::read);
        assert_eq!(outcome.is_ok(), taken, "{name}={value}");
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
        ("CONSENT_REGISTERED_PERMISSIONS", ""),
        ("CONSENT_REGISTERED_PERMISSIONS", "Read the audit log"),
        // Not what is required.
        ("CONSENT_REGISTERED_PERMISSIONS", "ActivityFeed.ReadDlp"),
        (
            "CONSENT_REGISTERED_PERMISSIONS",
            "https://graph.microsoft.com/ActivityFeed.Read",
        ),
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
    ];
    for (name, secret) in names
        .iter()
        .flat_map(|name| secrets().map(|one| (name, one)))
    {
        let pairs = [&[(*name, secret.as_str())], &GOOD[..]].concat();
        let said = [
            read(&pairs, ConsentFunctionSettings::read).err(),
            read(&pairs, VendingSettings::read).err(),
            read(&pairs, RefresherSettings::read).err(),
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
                read(&pairs, ConsentFunctionSettings::read).err(),
                read(&pairs, VendingSettings::read).err(),
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
        let SettingsError(problems) = read(&pairs, ConsentFunctionSettings::read).unwrap_err();
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
        assert!(
            read(&pairs, ConsentFunctionSettings::read).is_ok(),
            "{name}"
        );
    }
}

#[test]
fn what_is_registered_holds_at_least_what_is_required() {
    type Pairs<'a> = &'a [(&'a str, &'a str)];
    let rows: [(Pairs<'_>, &str, Option<usize>); 10] = [
        (&[], "ActivityFeed.Read", Some(1)),
        (&[], "ActivityFeed.Read, ActivityFeed.ReadDlp", Some(2)),
        (&[], "https://manage.office.com/ActivityFeed.Read", Some(1)),
        // Another name of the same API.
        (
            &[],
            "https://manage-gcc.office.com/ActivityFeed.Read",
            Some(1),
        ),
        (
            &[("ENTRA_CLOUD", "gcc")],
            "https://manage.office.com/ActivityFeed.Read",
            Some(1),
        ),
        (&[], "openid, profile, ActivityFeed.Read", Some(3)),
        (&[], "openid, profile", None),
        (&[("ENTRA_REQUIRED_ROLES", "A,B")], "A,B", Some(2)),
        (&[("ENTRA_REQUIRED_ROLES", "A,B")], "A", None),
        (&[("ENTRA_REQUIRED_ROLES", "A")], "a", None),
    ];
    for (others, list, expected) in rows {
        let pairs = [
            &[("CONSENT_REGISTERED_PERMISSIONS", list)],
            others,
            &GOOD[..],
        ]
        .concat();
        let read = read(&pairs, ConsentFunctionSettings::read);
        let found = read.ok().and_then(|settings| settings.registered);
        assert_eq!(found.map(|found| found.list().len()), expected, "{list}");
    }
}

#[test]
fn a_company_is_named_in_one_spelling() {
    let rows = [
        ("Contoso", Some("Contoso")),
        (" Cafe\u{301} ", Some("Café")),
        (" ", None),
    ];
    for (text, expected) in rows {
        let pairs = [&[("CONSENT_COMPANY_NAME", text)], &GOOD[..]].concat();
        let settings = read(&pairs, ConsentFunctionSettings::read).unwrap();
        assert_eq!(settings.company.as_deref(), expected, "{text:?}");
    }
    let pairs = [&[("CONSENT_COMPANY_NAME", "Con\u{202e}toso")], &GOOD[..]].concat();
    let said = read(&pairs, ConsentFunctionSettings::read)
        .unwrap_err()
        .to_string();
    assert!(said.contains("U+202E at character 4"), "{said}");
}
