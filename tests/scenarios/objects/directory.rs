//! What the store of one machine leaves on the disk, and whom it answers.

use std::fs;
use std::path::{Path, PathBuf};

use auth::secret::SecretString;
use aws::{SystemRandom, connect};
use feed::ports::{ObjectError, Objects as _, Put};
use local::objects::{BUCKET, Signer, serve};
use tests::object_contract::{begun, bytes, put};

use crate::machine::{machine, secret, store_of};

const KEY: &str =
    "tenant=41463f53-8812-40f4-890f-865bf6e35190/type=Audit.Exchange/day=2026-11-30/06-a.json.gz";

/// Every file below a directory, by its path in it.
fn files(below: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![below.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(below).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// DuckDB's `tenant=*/type=*/day=*/*.json.gz` finds it. No directory of the bucket lies between.
#[tokio::test]
async fn an_object_is_a_plain_file_at_the_path_of_its_key_and_nothing_else_is_left() {
    let machine = machine().await;
    let store = machine.connection.objects(BUCKET, "");
    let parts = format!("{KEY}.parts");
    let large = bytes(9 << 20, 0);
    assert_eq!(put(&store, KEY, b"one").await.unwrap(), Put::Stored);
    assert_eq!(put(&store, KEY, b"two").await.unwrap(), Put::Existed);
    assert_eq!(put(&store, &parts, &large).await.unwrap(), Put::Stored);
    assert_eq!(put(&store, &parts, &large).await.unwrap(), Put::Existed);
    let directory = machine.directory();
    assert_eq!(
        files(directory),
        [PathBuf::from(KEY), PathBuf::from(&parts)]
    );
    assert_eq!(fs::read(directory.join(KEY)).unwrap(), b"one");
    assert!(fs::read(directory.join(parts)).unwrap() == large);
}

/// As everything in the data directory.
#[cfg(unix)]
#[tokio::test]
async fn objects_are_their_owners_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let machine = machine().await;
    let store = machine.connection.objects(BUCKET, "");
    assert_eq!(
        put(&store, "a/b", &bytes(9 << 20, 0)).await.unwrap(),
        Put::Stored
    );
    assert_eq!(put(&store, "a/c", b"one").await.unwrap(), Put::Stored);
    for (path, mode) in [("a", 0o700), ("a/b", 0o600), ("a/c", 0o600)] {
        let metadata = fs::metadata(machine.directory().join(path)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, mode, "{path}");
    }
}

/// What it had not finished is cleared, and its objects are found.
#[tokio::test]
async fn a_run_begins_without_what_the_last_one_did_not_finish() {
    let machine = machine().await;
    let store = machine.connection.objects(BUCKET, "");
    assert_eq!(put(&store, KEY, b"one").await.unwrap(), Put::Stored);
    let open = begun(&store, "b", &bytes(9 << 20, 0)).await;
    assert_eq!(files(machine.directory()).len(), 3);
    let next = store_of(machine.directory()).await;
    assert_eq!(files(machine.directory()), [PathBuf::from(KEY)]);
    let connection = connect(&next.endpoint).await;
    let connection = connection.signing_as("AKIATESTTESTTESTTEST", &secret());
    let next = connection.objects(BUCKET, "");
    assert_eq!(put(&next, KEY, b"two").await.unwrap(), Put::Existed);
    // An upload of the last run is none of this one's.
    assert!(matches!(
        open.finish().await,
        Err(ObjectError::Unavailable(_))
    ));
}

/// Fails closed because an object is a tenant's log.
#[tokio::test]
async fn requests_of_another_key_or_none_are_refused() {
    let machine = machine().await;
    let store = machine.connection.objects(BUCKET, "");
    assert_eq!(put(&store, "a", b"one").await.unwrap(), Put::Stored);
    let other = SecretString::from("another-secret-of-forty-characters------");
    let rows = [
        ("AKIATESTTESTTESTTEST", &other),
        ("AKIAOTHEROTHEROTHER0", &secret()),
    ];
    for (id, secret) in rows {
        let connection = machine.connection.clone().signing_as(id, secret);
        let store = connection.objects(BUCKET, "");
        for error in [
            store.facts("a").await.unwrap_err(),
            put(&store, "b", b"one").await.unwrap_err(),
        ] {
            let ObjectError::Broken(text) = error else {
                panic!("{error:?}");
            };
            assert!(text.contains("policy"), "{text}");
        }
    }
    let signer = Signer {
        access_key_id: "AKIATESTTESTTESTTEST",
        secret: &secret(),
    };
    let random = std::sync::Arc::new(SystemRandom);
    let served = serve(machine.directory(), signer, random, std::future::pending());
    let url = served.await.unwrap().url;
    let status = reqwest::get(format!("{url}/{BUCKET}/a")).await.unwrap();
    assert_eq!(status.status().as_u16(), 403);
}

/// Where a key that a client makes up would lead out of the directory.
#[tokio::test]
async fn a_key_leads_nowhere_else() {
    let machine = machine().await;
    let store = machine.connection.objects(BUCKET, "");
    for key in [
        "../a",
        "a/../../a",
        ".uploads/a",
        "a//b",
        "a/",
        "a/./b",
        "a\\..\\b",
    ] {
        let outcome = put(&store, key, b"one").await;
        assert!(outcome.is_err(), "{key}: {outcome:?}");
        assert!(store.facts(key).await.is_err(), "{key}");
    }
    assert!(files(machine.directory()).is_empty());
}

/// A person moved it away, or its file system is read-only.
#[cfg(unix)]
#[tokio::test]
async fn a_directory_that_is_gone_or_cannot_be_written_is_an_operators_business() {
    let machine = machine().await;
    let store = machine.connection.objects(BUCKET, "");
    let moved = machine.directory().with_extension("moved");
    fs::rename(machine.directory(), &moved).unwrap();
    let outcome = put(&store, "a", b"one").await;
    fs::rename(&moved, machine.directory()).unwrap();
    assert!(
        matches!(outcome, Err(ObjectError::Broken(_))),
        "{outcome:?}"
    );
    // A file where a folder belongs: no later try makes it one.
    fs::write(machine.directory().join("file"), b"").unwrap();
    let outcome = put(&store, "file/a", b"one").await;
    assert!(
        matches!(outcome, Err(ObjectError::Broken(_))),
        "{outcome:?}"
    );
    assert_eq!(put(&store, "a", b"one").await.unwrap(), Put::Stored);
}
