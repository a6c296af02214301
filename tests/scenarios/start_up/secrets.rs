//! A secret where a name, a path or a number was wanted: the start fails and does not
//! repeat it.

use std::path::Path;

use super::stage::{Template, start};

/// What is given by mistake.
fn secrets() -> [String; 6] {
    let key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    [
        format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n"),
        "a long text ".repeat(25),
        "a first line\nand a second one".to_owned(),
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjb2xsZWN0b3IifQ.c2lnbmF0dXJl".to_owned(),
        "3q2+7wTgXk0mVd9aQzBhLr5sYcUe1JpW8fNi4oKtRjE=".to_owned(),
        format!("m365tb_collector_{}C", "Ab3".repeat(14)),
    ]
}

fn assert_kept(row: &str, said: &str, secret: &str) {
    assert!(!said.is_empty(), "{row}");
    let pieces = secret.as_bytes().windows(12);
    for piece in pieces.filter_map(|piece| std::str::from_utf8(piece).ok()) {
        assert!(!said.contains(piece), "{row} repeats {piece:?}: {said}");
    }
}

#[tokio::test]
async fn no_option_that_is_a_secret_is_repeated() {
    let directory = tempfile::tempdir().unwrap();
    for secret in secrets() {
        let rows = [
            vec![secret.clone()],
            vec![format!("--no-such-option={secret}")],
            vec!["--port".to_owned(), secret.clone()],
            vec![format!("--port={secret}")],
            vec!["--entra-port".to_owned(), secret.clone()],
            vec!["--function-url-port".to_owned(), secret.clone()],
            vec!["--token-life".to_owned(), secret.clone()],
            vec!["--refresh-every".to_owned(), secret.clone()],
            vec![format!("--refresh-every={secret}")],
        ];
        for row in rows {
            let options: Vec<&str> = row.iter().map(String::as_str).collect();
            let (_, said) = start(directory.path()).options(&options).fails().await;
            assert_kept(options[0].split('=').next().unwrap(), &said, &secret);
        }
        let below = directory.path().join("never-made");
        let named = format!("./{secret}");
        let (_, said) = start(Path::new(&named)).fails().await;
        assert_kept("--data-dir", &said, &secret);
        assert!(
            said.contains("this is the text, a file's name is wanted"),
            "{said}"
        );
        assert!(!below.exists() && !Path::new(&named).exists());
    }
}

#[tokio::test]
async fn no_variable_that_is_a_secret_is_repeated() {
    let template = Template::make().await;
    let names = [
        "EXTRA_CA_FILE",
        "ENTRA_CLOUD",
        "ENTRA_RESOURCES",
        "ENTRA_TOKEN_ENDPOINT",
        "ENTRA_ASSERTION",
        "VENDING_ISSUERS",
        "CONSENT_RETURN_URLS",
        "CONSENT_ADMIN_ROLES",
        "CONSENT_FLOW",
        "CONSENT_MODE",
        "OUTAGE_TO_SURVIVE_SECONDS",
        "REFRESH_CONCURRENCY",
    ];
    let copied = template.copy();
    for (name, secret) in names
        .iter()
        .flat_map(|name| secrets().map(|one| (name, one)))
    {
        let (_, said) = copied.start().variable(name, &secret).fails().await;
        assert!(said.contains(name), "{name}: {said}");
        assert_kept(name, &said, &secret);
    }
    for secret in secrets() {
        for (id, file) in [("x", secret.as_str()), (&secret, "no-such-file.pem")] {
            let start = copied
                .start()
                .options(&["--real-entra"])
                .variable("ENTRA_CLIENT_ID", id)
                .variable("ENTRA_CERTIFICATE_FILE", file);
            let (_, said) = start.fails().await;
            assert_kept("--real-entra", &said, &secret);
        }
    }
}
