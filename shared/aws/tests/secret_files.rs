//! Secrets of one machine: what is read, and what is refused with the way to mend it.
#![cfg(unix)]

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use auth::ports::{SecretError, SecretSink as _, SecretSource as _, Write};
use auth::secret::ExposeSecret as _;
use aws::SecretFiles;

/// A directory with one secret of this content and mode.
fn directory(content: &[u8], mode: u32) -> (tempfile::TempDir, SecretFiles) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ring.json");
    fs::write(&file, content).unwrap();
    fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
    let secrets = SecretFiles::new(directory.path());
    (directory, secrets)
}

#[tokio::test]
async fn reads_a_file_of_its_owner_without_the_last_line_break() {
    for mode in [0o600, 0o400] {
        let (_kept, secrets) = directory(b"{\"a\": 1}\n", mode);
        let text = secrets.read("ring.json").await.unwrap();
        assert_eq!(text.expose_secret(), "{\"a\": 1}");
    }
}

#[tokio::test]
async fn a_file_that_others_may_read_is_refused_with_the_command_that_mends_it() {
    for mode in [0o640, 0o604, 0o660, 0o644] {
        let (_kept, secrets) = directory(b"secret", mode);
        let error = secrets.read("ring.json").await.unwrap_err();
        assert!(matches!(error, SecretError::Unusable { .. }), "{error:?}");
        assert!(error.to_string().contains("chmod 600"), "{error}");
        assert!(!error.to_string().contains("secret:"), "{error}");
    }
}

#[tokio::test]
async fn a_missing_file_is_named() {
    let (_kept, secrets) = directory(b"x", 0o600);
    let error = secrets.read("certificate").await.unwrap_err();
    let SecretError::Missing { name, hint } = error else {
        panic!("{error:?}");
    };
    assert_eq!(name, "certificate");
    assert!(hint.ends_with("/certificate"), "{hint}");
}

#[tokio::test]
async fn what_is_no_secret_is_unusable() {
    let long = vec![b'x'; 65_537];
    let contents: [&[u8]; 4] = [b"", b" \n", b"\xff\xfe", &long];
    for content in contents {
        let (_kept, secrets) = directory(content, 0o600);
        let error = secrets.read("ring.json").await.unwrap_err();
        assert!(matches!(error, SecretError::Unusable { .. }), "{error:?}");
    }
}

#[tokio::test]
async fn a_name_cannot_lead_out_of_the_directory() {
    let (kept, _) = directory(b"secret", 0o600);
    fs::create_dir(kept.path().join("inner")).unwrap();
    let secrets = SecretFiles::new(kept.path().join("inner"));
    let names = [
        "../ring.json",
        "..",
        ".",
        "",
        "/etc/passwd",
        "a/b",
        "a\\b",
        ".hidden",
        "a\0b",
    ];
    for name in names {
        let error = secrets.read(name).await.unwrap_err();
        assert!(
            matches!(error, SecretError::Unusable { .. }),
            "{name:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn the_value_before_is_in_a_file_beside_it_or_nowhere() {
    let (kept, secrets) = directory(b"now", 0o600);
    assert!(secrets.read_previous("ring.json").await.unwrap().is_none());

    let beside = kept.path().join("ring.json.previous");
    fs::write(&beside, "before").unwrap();
    fs::set_permissions(&beside, fs::Permissions::from_mode(0o644)).unwrap();
    let open_to_others = secrets.read_previous("ring.json").await.unwrap_err();
    assert!(open_to_others.to_string().contains("chmod 600"));

    fs::set_permissions(&beside, fs::Permissions::from_mode(0o600)).unwrap();
    let before = secrets.read_previous("ring.json").await.unwrap().unwrap();
    assert_eq!(before.expose_secret(), "before");
}

#[tokio::test]
async fn a_written_secret_is_its_owners_alone_and_keeps_the_one_before() {
    let (kept, secrets) = directory(b"first\n", 0o400);
    for (before, now) in [("first", "second"), ("second", "third")] {
        secrets.write("ring.json", &now.into()).await.unwrap();
        let read = secrets.read("ring.json").await.unwrap();
        assert_eq!(read.expose_secret(), now);
        let previous = secrets.read_previous("ring.json").await.unwrap().unwrap();
        assert_eq!(previous.expose_secret(), before);
    }
    let mut modes = Vec::new();
    for file in fs::read_dir(kept.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        modes.push((file.file_name().into_string().unwrap(), mode));
    }
    modes.sort();
    let expected = [("ring.json", 0o600), ("ring.json.previous", 0o600)];
    assert_eq!(modes, expected.map(|(name, mode)| (name.to_owned(), mode)));

    secrets.write("new", &"only".into()).await.unwrap();
    assert!(secrets.read_previous("new").await.unwrap().is_none());
}

#[tokio::test]
async fn what_cannot_be_written_leaves_the_secret_as_it_was() {
    let long = "x".repeat(65_537);
    let (kept, secrets) = directory(b"first", 0o600);
    for (name, value) in [("ring.json", ""), ("ring.json", &long), ("../out", "x")] {
        let error = secrets.write(name, &value.into()).await.unwrap_err();
        assert!(matches!(error, SecretError::Unusable { .. }), "{error:?}");
    }
    fs::create_dir(kept.path().join("taken")).unwrap();
    for name in ["taken", "no-such-directory/x"] {
        assert!(secrets.write(name, &"x".into()).await.is_err(), "{name}");
    }
    // One that others could read is not written over before somebody has looked.
    let path = kept.path().join("ring.json");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let error = secrets.write("ring.json", &"x".into()).await.unwrap_err();
    assert!(error.to_string().contains("chmod 600"), "{error}");
    assert_eq!(fs::read(&path).unwrap(), b"first");
    assert!(!kept.path().join("ring.json.previous").exists());
}

#[tokio::test]
async fn a_first_value_is_written_where_there_is_none_and_only_there() {
    let (kept, secrets) = directory(b"first", 0o600);
    let there = secrets.write_first("ring.json", &"second".into()).await;
    assert_eq!(there.unwrap(), Write::Stale);
    assert_eq!(fs::read(kept.path().join("ring.json")).unwrap(), b"first");

    for (value, expected) in [("one", Write::Done), ("other", Write::Stale)] {
        let written = secrets.write_first("new", &value.into()).await;
        assert_eq!(written.unwrap(), expected, "{value}");
    }
    let stands = secrets.read("new").await.unwrap();
    assert_eq!(stands.expose_secret(), "one");
    let new = fs::metadata(kept.path().join("new")).unwrap();
    assert_eq!(new.permissions().mode() & 0o777, 0o600);
    let mut names: Vec<_> = fs::read_dir(kept.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["new", "ring.json"], "nothing else is left");

    for (name, value) in [("other", ""), ("../out", "x"), ("no-such-directory", " ")] {
        let error = secrets.write_first(name, &value.into()).await.unwrap_err();
        assert!(matches!(error, SecretError::Unusable { .. }), "{error:?}");
    }
}
