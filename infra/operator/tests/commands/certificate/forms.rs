//! The forms that a certificate comes in, and which of several counts.

use std::path::PathBuf;

use operator::Exit;
use serde_json::json;

use super::{fixture, inspect, json_of, made, openssl, text};
use crate::world::run;

#[tokio::test]
async fn every_form_of_the_same_certificate_says_the_same() {
    let password = made("secret\r\nand a second line\n");
    let password = password.path.to_str().unwrap();
    let (certificate, key) = (text("app.pem"), text("app.key.pem"));
    let without_armour: String = certificate
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let rows: Vec<(&str, Vec<u8>, &str, &str)> = vec![
        ("certificate", certificate.clone().into(), "PEM", "absent"),
        (
            "certificate, key",
            format!("{certificate}{key}").into(),
            "PEM",
            "matches",
        ),
        (
            "key, certificate",
            format!("{key}{certificate}").into(),
            "PEM",
            "matches",
        ),
        (
            "traditional key",
            format!("{}{certificate}", text("traditional.key.pem")).into(),
            "PEM",
            "matches",
        ),
        ("trusted", text("trusted.pem").into(), "PEM", "absent"),
        ("base64", without_armour.into(), "DER", "absent"),
    ];
    let files = rows
        .iter()
        .map(|(name, content, form, key)| (*name, made(content), *form, *key));
    let files: Vec<_> = files.collect();
    let mut all: Vec<(&str, PathBuf, &str, &str)> = files
        .iter()
        .map(|(name, file, form, key)| (*name, file.path.clone(), *form, *key))
        .collect();
    all.push(("app.cer", fixture("app.cer"), "DER", "absent"));
    for (name, key) in [
        ("modern.pfx", "matches"),
        ("legacy.pfx", "matches"),
        ("windows.pfx", "matches"),
        ("without-mac.pfx", "matches"),
        ("unencrypted.pfx", "matches"),
        ("empty-password.pfx", "matches"),
        ("without-key.pfx", "absent"),
    ] {
        all.push((name, fixture(name), "PFX", key));
    }
    let told = openssl("app");
    for (name, path, form, key) in all {
        let shown = json_of(&path, &["--password-file", password]).await;
        assert_eq!(shown["form"], form, "{name}");
        assert_eq!(shown["private_key"], key, "{name}");
        assert_eq!(shown["chosen"], "only", "{name}");
        assert_eq!(shown["thumbprints"]["sha1_hex"], told.sha1_hex, "{name}");
        assert_eq!(shown["key_credential"]["key"], told.der_base64, "{name}");
    }
}

#[tokio::test]
async fn of_several_certificates_it_is_told_which_one_counts() {
    let password = made("secret");
    let chain = format!("{}{}", text("root.pem"), text("leaf.pem"));
    let with_key = format!("{}{chain}", text("leaf.key.pem"));
    let (chain, with_key) = (made(chain), made(with_key));
    let rows = [
        (
            chain.path.clone(),
            "leaf",
            2,
            "2 of 2 in the file: the leaf",
        ),
        (
            with_key.path.clone(),
            "has_key",
            2,
            "2 of 2 in the file: the one that the private key",
        ),
        (
            fixture("chain.pfx"),
            "has_key",
            1,
            "1 of 2 in the file: the one that the private key",
        ),
    ];
    for (path, chosen, place, told) in rows {
        let more = ["--password-file", password.path.to_str().unwrap()];
        let shown = json_of(&path, &more).await;
        assert_eq!(shown["thumbprints"]["sha1_hex"], openssl("leaf").sha1_hex);
        assert_eq!(
            (&shown["chosen"], &shown["certificate"]),
            (&json!(chosen), &json!(place))
        );
        assert_eq!(shown["other_certificates"][0]["subject"], "CN=Root");
        let outcome = inspect(&path, &more).await;
        assert!(outcome.out.contains(told), "{}", outcome.out);
        assert!(
            outcome.out.contains("also in the file: CN=Root"),
            "{}",
            outcome.out
        );
    }
}

#[tokio::test]
async fn several_keys_are_told() {
    let password = made("secret");
    let more = ["--password-file", password.path.to_str().unwrap()];
    let outcome = inspect(&fixture("two-pairs.pfx"), &more).await;
    for part in [
        "the first valid one that a private key belongs to",
        "2 private keys in this file",
        "also in the file: CN=Other",
    ] {
        assert!(outcome.out.contains(part), "{part} in {}", outcome.out);
    }
    assert_eq!(
        json_of(&fixture("two-pairs.pfx"), &more).await["private_keys"],
        2
    );
}

#[tokio::test]
async fn of_several_certificates_over_one_key_is_told_which_one_was_taken() {
    let parts = ["over.pem", "app.pem", "trusted.pem", "app.key.pem"];
    let file = made(parts.map(text).concat());
    let outcome = inspect(&file.path, &[]).await;
    let told = "2 of 3 in the file: the first valid one that a private key belongs to";
    assert!(outcome.out.contains(told), "{}", outcome.out);
    assert_eq!(outcome.exit, Exit::Done);
}

#[tokio::test]
async fn a_password_is_typed_unseen_and_never_printed() {
    let file = fixture("unicode-password.pfx");
    let line = ["operator", "certificate", "inspect", file.to_str().unwrap()];
    let outcome = run(&line, Some("pässwörd")).await;
    assert_eq!(outcome.exit, Exit::Done);
    assert!(outcome.err.starts_with("Password of "), "{}", outcome.err);
    assert!(outcome.out.contains(&openssl("app").sha1_hex));
    assert!(!outcome.out.contains("pässwörd") && !outcome.err.contains("pässwörd"));
    let wrong = run(&line, Some("passwort")).await;
    assert_eq!((wrong.exit, wrong.out.as_str()), (Exit::Failed, ""));
    assert!(
        wrong
            .err
            .contains("the password does not open this PFX file: type it again")
    );
    assert!(!wrong.err.contains("passwort"));
}
