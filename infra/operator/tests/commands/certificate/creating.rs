//! `certificate create`: what it writes, for whom, and that it writes over nothing.

use std::fs;
use std::path::Path;

use clap::Parser as _;
use operator::{Arguments, Exit};
use serde_json::Value;

use super::json_of;
use crate::world::{Ran, run};

const FILES: [&str; 3] = ["certificate.pem", "private-key.pem", "key-credential.json"];

pub(super) async fn create(directory: &Path, more: &[&str]) -> Ran {
    let out = directory.to_str().unwrap();
    let line = ["operator", "certificate", "create", "--subject", "Broker"];
    run(&[&line[..], &["--out", out], more].concat(), None).await
}

fn text(directory: &Path, file: &str) -> String {
    fs::read_to_string(directory.join(file)).unwrap()
}

#[tokio::test]
async fn a_pair_is_made_that_entra_takes_and_the_key_is_its_owners_alone() {
    let parent = tempfile::tempdir().unwrap();
    let directory = parent.path().join("made/here");
    let created = create(&directory, &["--days", "90", "--bits", "3072", "--json"]).await;
    let created = created.json();
    let both = parent.path().join("both.pem");
    let [certificate, key, credential] = FILES.map(|file| text(&directory, file));
    fs::write(&both, format!("{certificate}{key}")).unwrap();

    let shown = json_of(&both, &[]).await;
    assert_eq!(shown["private_key"], "matches");
    assert_eq!(shown["usable"], true);
    check_days_left(&shown, 90);
    assert_eq!(shown["key_bits"], 3072);
    for fact in ["subject", "not_after", "thumbprints"] {
        assert_eq!(created[fact], shown[fact], "{fact}");
    }
    assert_eq!(shown["subject"], "CN=Broker");
    let mut credential: Value = serde_json::from_str(&credential).unwrap();
    assert_eq!(credential, created["key_credential"]);
    // Each time that it is asked for it is another credential of the same certificate.
    credential["keyId"] = shown["key_credential"]["keyId"].clone();
    assert_eq!(credential, shown["key_credential"]);
    assert_eq!(fs::read_dir(&directory).unwrap().count(), FILES.len());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&directory), 0o700);
        for file in FILES {
            assert_eq!(mode(&directory.join(file)), 0o600, "{file}");
        }
    }
}

/// Of a certificate that was made for so many days a moment ago: whole days, so that it is
/// one less a second later.
pub(super) fn check_days_left(shown: &Value, days: u64) {
    let left = shown["days_left"].as_u64().unwrap();
    assert!((days - 1..=days).contains(&left), "{shown}");
}

#[tokio::test]
async fn a_person_is_told_thumbprints_end_and_what_comes_next_and_never_the_key() {
    let directory = tempfile::tempdir().unwrap();
    let created = create(directory.path(), &[]).await;
    assert_eq!((created.exit, created.err.as_str()), (Exit::Done, ""));
    let shown = json_of(&directory.path().join("certificate.pem"), &[]).await;
    check_days_left(&shown, 365);
    assert_eq!(shown["key_bits"], 2048);
    let sha1 = shown["thumbprints"]["sha1_hex"].as_str().unwrap();
    let publish = format!(
        "operator certificate publish {}",
        directory.path().display()
    );
    let not_after = shown["not_after"].as_str().unwrap();
    for part in [sha1, not_after, "keyCredentials", &publish, "Delete"] {
        assert!(created.out.contains(part), "{part}: {}", created.out);
    }
    let key = text(directory.path(), "private-key.pem");
    for line in key.lines() {
        assert!(!created.out.contains(line), "{}", created.out);
    }
}

#[tokio::test]
async fn nothing_that_is_there_is_written_over() {
    for file in FILES {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(file), "kept").unwrap();
        let refused = create(directory.path(), &[]).await;
        for part in [file, "is there already", "--out"] {
            assert!(refused.refusal().contains(part), "{refused:?}");
        }
        assert_eq!(text(directory.path(), file), "kept");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }
    let directory = tempfile::tempdir().unwrap();
    let first = create(directory.path(), &[]).await;
    assert_eq!(first.exit, Exit::Done);
    let before = FILES.map(|file| text(directory.path(), file));
    create(directory.path(), &[]).await.refusal();
    assert_eq!(FILES.map(|file| text(directory.path(), file)), before);
}

#[tokio::test]
async fn a_place_that_takes_no_files_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    for out in [file.clone(), file.join("below")] {
        let refused = create(&out, &[]).await;
        for part in [file.to_str().unwrap(), "--out"] {
            assert!(refused.refusal().contains(part), "{refused:?}");
        }
    }
}

#[test]
fn what_no_certificate_can_be_made_of_is_wrong_usage() {
    let rows: [&[&str]; 6] = [
        &["--subject", "CN=Broker,O=Contoso"],
        &["--subject", ""],
        &["--subject", "Broker", "--days", "0"],
        &["--subject", "Broker", "--days", "3651"],
        &["--subject", "Broker", "--bits", "1024"],
        &[],
    ];
    let line = ["operator", "certificate", "create", "--out", "DIR"];
    for row in rows {
        let parsed = Arguments::try_parse_from([&line, row].concat());
        assert_eq!(parsed.unwrap_err().exit_code(), 2, "{row:?}");
    }
}
