//! Certificates that will not do, and files that hold none.

use std::fs;
use std::path::Path;

use operator::Exit;
use serde_json::Value;

use super::{fixture, inspect, made, text};

#[tokio::test]
async fn a_certificate_that_will_not_do_is_shown_with_its_reasons() {
    let pair = |certificate: &str, key: &str| made(format!("{}{}", text(certificate), text(key)));
    let rows = [
        (
            made(text("over.pem")),
            "expired",
            "absent",
            &["expired at 2015-03-15T00:00:00Z"][..],
        ),
        (
            made(text("early.pem")),
            "not_yet_valid",
            "absent",
            &["valid only from 2110-01-01"],
        ),
        (
            pair("short.pem", "short.key.pem"),
            "valid",
            "matches",
            &["1024 bits: Entra ID takes 2048"],
        ),
        (
            pair("short.pem", "app.key.pem"),
            "valid",
            "mismatch",
            &["1024 bits", "does not belong to the certificate"],
        ),
        (
            pair("curve.pem", "curve.key.pem"),
            "valid",
            "not_compared",
            &["not RSA"],
        ),
        (
            pair("app.pem", "other.key.pem"),
            "valid",
            "mismatch",
            &["does not belong"],
        ),
        (
            pair("app.pem", "encrypted.key.pem"),
            "valid",
            "encrypted",
            &["openssl pkey"],
        ),
        (
            pair("app.pem", "encrypted-traditional.key.pem"),
            "valid",
            "encrypted",
            &["openssl pkey"],
        ),
        (
            pair("app.pem", "curve.key.pem"),
            "valid",
            "unusable",
            &["cannot be read as an RSA key"],
        ),
    ];
    for (file, validity, key, reasons) in rows {
        let outcome = inspect(&file.path, &["--json"]).await;
        assert_eq!(
            (outcome.exit, outcome.err.lines().count()),
            (Exit::Failed, 1),
            "{outcome:?}"
        );
        let shown: Value = serde_json::from_str(&outcome.out).unwrap();
        assert_eq!(shown["validity"], validity, "{reasons:?}");
        assert_eq!(
            shown["days_left"].as_i64().unwrap() < 0,
            validity == "expired"
        );
        assert_eq!(shown["private_key"], key, "{reasons:?}");
        assert_eq!(shown["usable"], false);
        assert_eq!(shown["problems"].as_array().unwrap().len(), reasons.len());
        let told = inspect(&file.path, &[]).await;
        for reason in reasons {
            for place in [&outcome.err, &told.err, &told.out] {
                assert!(place.contains(reason), "{reason} in {place}");
            }
        }
    }
}

#[tokio::test]
async fn no_line_of_a_private_key_is_ever_printed() {
    let password = made("secret");
    let key = text("app.key.pem");
    let pem = made(format!("{}{key}", text("app.pem")));
    let mismatched = made(format!("{}{key}", text("other.pem")));
    for path in [
        pem.path.clone(),
        mismatched.path.clone(),
        fixture("modern.pfx"),
    ] {
        for form in [&[][..], &["--json"]] {
            let more = ["--password-file", password.path.to_str().unwrap()];
            let outcome = inspect(&path, &[form, &more].concat()).await;
            assert!(!outcome.out.is_empty());
            for line in key.lines().filter(|line| !line.starts_with('-')) {
                assert!(!outcome.out.contains(line) && !outcome.err.contains(line));
            }
        }
    }
}

#[tokio::test]
async fn every_file_that_holds_no_certificate_is_refused_in_one_line() {
    let damaged = text("app.pem").replacen("MII", "!!!", 1);
    let cut = text("app.pem").replace("-----END CERTIFICATE-----", "");
    let no_der = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let half = |name: &str| {
        let bytes = fs::read(fixture(name)).unwrap();
        made(&bytes[..bytes.len() / 2])
    };
    let copy = |name: &str| made(fs::read(fixture(name)).unwrap());
    let rows = [
        ("empty", made(""), "is empty: export"),
        ("blank", made(" \r\n"), "is empty: export"),
        (
            "words",
            made("no certificate at all"),
            "-----BEGIN CERTIFICATE-----",
        ),
        (
            "garbage",
            made([0u8, 159, 146, 150]),
            "neither a certificate (PEM or DER) nor a PFX",
        ),
        (
            "damaged PEM",
            made(damaged),
            "PEM block 1 (CERTIFICATE) is damaged: between its first and its last line is other \
             than base64",
        ),
        (
            "PEM without its end",
            made(cut),
            "PEM block 1 (CERTIFICATE) is damaged: its last line is missing",
        ),
        (
            "PEM of no DER",
            made(no_der),
            "PEM block is damaged: export",
        ),
        ("half a DER", half("app.cer"), "or a damaged one: export"),
        (
            "half a PFX",
            half("empty-password.pfx"),
            "PFX file is damaged: export",
        ),
        (
            "request",
            copy("request.pem"),
            "a certificate signing request",
        ),
        ("public key", copy("public.pem"), "a bare public key"),
        ("private key", copy("app.key.pem"), "only a private key"),
        (
            "encrypted key",
            copy("encrypted.key.pem"),
            "only a private key",
        ),
        ("PKCS#7", copy("app.p7b"), "openssl pkcs7 -print_certs"),
        ("JKS", copy("app.jks"), "keytool -importkeystore"),
        (
            "too large",
            made(vec![b' '; 1024 * 1024 + 1]),
            "larger than 1 MiB",
        ),
        ("PFX with a password", copy("modern.pfx"), "--password-file"),
    ];
    for (name, file, expected) in rows {
        let outcome = inspect(&file.path, &[]).await;
        let refusal = outcome.refusal();
        assert!(refusal.contains(expected), "{name}: {refusal}");
        assert!(
            refusal.contains(file.path.to_str().unwrap()),
            "{name}: {refusal}"
        );
    }
}

#[tokio::test]
async fn the_binary_form_of_what_is_no_certificate_is_told_too() {
    let der = |name: &str| {
        let pem = text(name);
        let lines: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        made(auth::encoding::from_base64_standard(&lines).unwrap())
    };
    let rows = [
        ("request.pem", "a certificate signing request"),
        ("public.pem", "a bare public key"),
        ("app.key.pem", "only a private key"),
        ("traditional.key.pem", "only a private key"),
        ("encrypted.key.pem", "only a private key"),
    ];
    for (name, expected) in rows {
        let outcome = inspect(&der(name).path, &[]).await;
        assert!(
            outcome.refusal().contains(expected),
            "{name}: {}",
            outcome.err
        );
    }
}

#[tokio::test]
async fn paths_and_passwords_that_will_not_do_are_told() {
    let directory = tempfile::tempdir().unwrap();
    let wrong = made("another");
    let not_text = made([0xff, 0xfe, 0xfd]);
    let missing = directory.path().join("missing");
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let modern = fixture("modern.pfx");
    let rows = [
        (
            directory.path().to_owned(),
            None,
            "a directory: name the file in it",
        ),
        (missing.clone(), None, "no such file: check the path"),
        (
            modern.clone(),
            Some(path(&wrong.path)),
            "compare it with the first line of",
        ),
        (
            modern.clone(),
            Some(path(&not_text.path)),
            "UTF-16 with a damaged character (line 1): save it as UTF-8",
        ),
        (
            modern.clone(),
            Some(path(&missing)),
            "no such file: check the path",
        ),
        (
            fixture("without-mac.pfx"),
            Some(path(&wrong.path)),
            "the password does not open",
        ),
        (
            fixture("pfx/rc4-128.pfx"),
            Some(path(&fixture("password.txt"))),
            "with -legacy",
        ),
        (
            fixture("without-certificate.pfx"),
            Some(path(&fixture("password.txt"))),
            "only a private key",
        ),
    ];
    for (file, password, expected) in rows {
        let more: Vec<&str> = match &password {
            Some(path) => vec!["--password-file", path],
            None => vec![],
        };
        let outcome = inspect(&file, &more).await;
        assert!(
            outcome.refusal().contains(expected),
            "{expected}: {}",
            outcome.err
        );
    }
}
