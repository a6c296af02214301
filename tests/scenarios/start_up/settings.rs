//! Options and variables that mean nothing.

use super::stage::{Template, start};

#[tokio::test]
async fn an_option_that_is_none_ends_with_the_usage() {
    let directory = tempfile::tempdir().unwrap();
    let rows: [&[&str]; 8] = [
        &["--no-such-option"],
        &["stray"],
        &["--port", "70000"],
        &["--entra-port", "http"],
        &["--token-life", "0"],
        &["--token-life", "90000"],
        &["--refresh-every", "0"],
        &["--refresh-every", "an hour"],
    ];
    for options in rows {
        let below = directory.path().join("never-made");
        let (code, said) = start(&below).options(options).fails().await;
        assert_eq!(code, 2, "{options:?}: {said}");
        assert!(said.contains(options[0]), "{options:?}: {said}");
        assert!(said.contains("--help"), "{options:?}: {said}");
        assert!(!below.exists(), "{options:?}");
    }
}

#[tokio::test]
async fn a_variable_that_means_nothing_is_named() {
    let template = Template::make().await;
    let rows = [
        ("ENTRA_TOKEN_ENDPOINT", "v3"),
        ("ENTRA_TOKEN_ENDPOINT", "V2 "),
        ("ENTRA_ASSERTION", "none"),
        ("ENTRA_CLOUD", "mars"),
        ("ENTRA_RESOURCES", "manage.office.com"),
        ("ENTRA_RESOURCES", ","),
        ("CONSENT_FLOW", "v3"),
        ("CONSENT_MODE", "closed"),
        ("VEND_STATE_MAX_AGE_SECONDS", "soon"),
        ("VEND_STATE_MAX_AGE_SECONDS", "301"),
        ("OUTAGE_TO_SURVIVE_SECONDS", "-1"),
        ("POLICY_MAX_AGE_SECONDS", "301"),
        ("POLICY_UNREAD_MAX_AGE_SECONDS", "59"),
        ("POLICY_UNREAD_MAX_AGE_SECONDS", "86401"),
        ("SECRET_MAX_AGE_SECONDS", "59"),
        ("SECRET_MAX_AGE_SECONDS", "901"),
    ];
    for (name, value) in rows {
        let copied = template.copy();
        let start = copied.start().variable(name, value);
        let row = format!("{name}={value}");
        copied.refuses(&row, &start, &[name]).await;
    }
}

#[tokio::test]
async fn all_that_is_wrong_with_the_settings_is_said_at_once() {
    let template = Template::make().await;
    let copied = template.copy();
    let start = copied
        .start()
        .variable("ENTRA_TOKEN_ENDPOINT", "v3")
        .variable("ENTRA_ASSERTION", "none")
        .variable("VEND_STATE_MAX_AGE_SECONDS", "soon");
    let words = [
        "ENTRA_TOKEN_ENDPOINT",
        "ENTRA_ASSERTION",
        "VEND_STATE_MAX_AGE_SECONDS",
    ];
    copied.refuses("three at once", &start, &words).await;
}
