use super::*;
use crate::settings::SettingsError;
use crate::settings::tests::{GOOD, read_from};

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
        let SettingsError(problems) = read_from::<ConsentFunctionSettings>(&pairs).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].starts_with(name), "{problems:?}");
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
        let read = read_from::<ConsentFunctionSettings>(&pairs);
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
        let settings = read_from::<ConsentFunctionSettings>(&pairs).unwrap();
        assert_eq!(settings.company.as_deref(), expected, "{text:?}");
    }
    let pairs = [&[("CONSENT_COMPANY_NAME", "Con\u{202e}toso")], &GOOD[..]].concat();
    let said = read_from::<ConsentFunctionSettings>(&pairs)
        .unwrap_err()
        .to_string();
    assert!(said.contains("U+202E at character 4"), "{said}");
}
