//! CAs that cannot be used: the start says so in one line and leaves them as they were.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tests::Broker;
use tests::process::Start;

use super::stage::{MACHINE, ca_file, connected, now, start};

/// What is remade or touched by every start, whatever it finds.
const FLEETING: [&str; 4] = ["lock", "run.json", "table.sqlite-wal", "table.sqlite-shm"];

#[tokio::test]
async fn the_key_is_its_owners_only_and_the_certificate_is_for_others() {
    let directory = tempfile::tempdir().unwrap();
    start(directory.path()).run().await.kill().await;
    for (name, mode) in [("ca-key.pem", 0o600), ("ca.pem", 0o644)] {
        let metadata = std::fs::metadata(directory.path().join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, mode, "{name}");
    }
    let certificate = std::fs::read_to_string(ca_file(directory.path())).unwrap();
    assert!(!certificate.contains("PRIVATE KEY"));
}

/// Every lasting file below, with its content.
fn snapshot(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let fleeting = FLEETING.iter().any(|name| path == root.join(name));
            match path.is_dir() {
                true => open.push(path),
                false if fleeting => {}
                false => drop(found.insert(path.clone(), std::fs::read(path).unwrap())),
            }
        }
    }
    found
}

/// Fails in one line with these words, and leaves every file as it was.
async fn refuses(row: &str, start: &Start, words: &[&str]) {
    let before = snapshot(&start.data_dir);
    let (code, said) = start.clone().variable("RUST_LOG", "").fails().await;
    assert_eq!(code, 1, "{row}: {said}");
    assert!(said.starts_with("error: "), "{row}: {said}");
    assert_eq!(said.lines().count(), 1, "{row}: {said}");
    for word in words {
        assert!(said.contains(word), "{row} lacks {word:?}: {said}");
    }
    assert!(
        snapshot(&start.data_dir) == before,
        "{row}: files are not as they were"
    );
}

#[tokio::test]
async fn a_ca_that_is_damaged_is_refused_and_left_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    for directory in [&directory, &other] {
        start(directory.path()).run().await.kill().await;
    }
    let read = |from: &Path, name: &str| std::fs::read(from.join(name)).unwrap();
    let (key, ca) = ("ca-key.pem", "ca.pem");
    let good = String::from_utf8(read(directory.path(), ca)).unwrap();
    let followed_by = |content: &str| {
        let block = format!("-----BEGIN CERTIFICATE-----\n{content}\n-----END CERTIFICATE-----\n");
        Some(format!("{good}{block}").into_bytes())
    };
    let relabelled = good.replace("CERTIFICATE", "TRUSTED CERTIFICATE");
    let rows: [(&str, Option<Vec<u8>>, &str); 12] = [
        (ca, Some(Vec::new()), "move it away"),
        (ca, Some(b"\xff\xfe".to_vec()), "move it away"),
        (ca, Some(read(directory.path(), key)), "move it away"),
        (ca, Some(read(other.path(), ca)), "does not belong"),
        // Clients read every block, and some of them panic over a damaged one.
        (ca, followed_by("????"), "move it away"),
        (ca, followed_by("AAAA"), "move it away"),
        (ca, Some(relabelled.into_bytes()), "move it away"),
        (key, None, "it is missing"),
        (
            key,
            Some(b"\xff\xfe".to_vec()),
            "ca-key.pem and ca.pem away",
        ),
        (key, Some(Vec::new()), "ca-key.pem and ca.pem away"),
        (
            key,
            Some(read(directory.path(), ca)),
            "ca-key.pem and ca.pem away",
        ),
        (key, Some(read(other.path(), key)), "does not belong"),
    ];
    let start = start(directory.path());
    for (name, content, says) in rows {
        let path = directory.path().join(name);
        let good = std::fs::read(&path).unwrap();
        match &content {
            Some(content) => std::fs::write(&path, content).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let row = format!("{name}: {:?}", content.as_deref().map(<[u8]>::escape_ascii));
        refuses(&row, &start, &["ca", ".pem", "left as it was", says]).await;
        std::fs::write(&path, good).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let path = directory.path().join(key);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    refuses("others read the key", &start, &["chmod 600", key]).await;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    start.run().await.kill().await;
}

#[tokio::test]
async fn the_persons_own_extra_cas_are_trusted_besides_or_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let theirs = outside.path().join("proxy.pem");
    let name = theirs.to_str().unwrap();
    let start = start(directory.path()).variable("EXTRA_CA_FILE", name);
    let proxy = microsoft::certificate::create("proxy", 30, now()).unwrap();
    std::fs::write(&theirs, &proxy.certificate_pem).unwrap();
    let process = start.run().await;
    let ca = ca_file(directory.path());
    let tenant = connected(&process.ready, &ca).await;
    let vended = Broker::trusting(&ca, &process.ready).vend(&tenant).await;
    assert_eq!(vended.status, 200, "{}", vended.body);
    let run: Value =
        serde_json::from_slice(&std::fs::read(directory.path().join("run.json")).unwrap()).unwrap();
    let trusted = run["settings"]["EXTRA_CA_FILE"].as_str().unwrap();
    let trusted = std::fs::read_to_string(trusted).unwrap();
    let own = std::fs::read_to_string(&ca).unwrap();
    for (whose, pem) in [
        ("the run's", &own),
        ("the person's", &proxy.certificate_pem),
    ] {
        assert!(trusted.contains(pem.trim()), "{whose}: {trusted}");
    }
    process.kill().await;

    let plain = Start::new(MACHINE, directory.path()).variable("EXTRA_CA_FILE", name);
    for content in [&b""[..], b"no certificate", b"\xff\xfe"] {
        std::fs::write(&theirs, content).unwrap();
        for start in [&start, &plain] {
            refuses("damaged", start, &["EXTRA_CA_FILE", name, "PEM"]).await;
        }
    }
    std::fs::remove_file(&theirs).unwrap();
    for start in [&start, &plain] {
        refuses("missing", start, &["EXTRA_CA_FILE", name, "PEM"]).await;
    }
}

#[tokio::test]
async fn a_first_start_with_a_wrong_file_of_cas_leaves_nothing_behind() {
    let outside = tempfile::tempdir().unwrap();
    let theirs = outside.path().join("proxy.pem");
    std::fs::write(&theirs, "no certificate").unwrap();
    let name = theirs.to_str().unwrap();
    for options in [&[][..], &["--tls"]] {
        let directory = tempfile::tempdir().unwrap();
        let first = Start::new(MACHINE, directory.path()).options(options);
        let first = first.variable("EXTRA_CA_FILE", name);
        refuses("first start", &first, &["EXTRA_CA_FILE", name, "PEM"]).await;
        let left = std::fs::read_dir(directory.path()).unwrap().count();
        assert_eq!(left, 0, "{options:?}");
    }
}
