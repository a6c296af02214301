//! What a first start leaves, and what a second one finds.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use tests::Broker;
use tests::process::Start;

use super::stage::{MACHINE, files};

/// Files that hold a key.
const KEYS: [&str; 6] = [
    "access-key.json",
    "issuer.json",
    "secrets/certificate",
    "secrets/sealing-keys",
    "secrets/consent-keys",
    "entra/signing_key.pem",
];

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Everything in `root` that is not its owner's only, but the certificate that others
/// are to trust.
fn open_to_others(root: &Path) -> Vec<String> {
    let mut open = Vec::new();
    let mut rest = vec![root.to_owned()];
    while let Some(path) = rest.pop() {
        let allowed: &[u32] = match (path.is_dir(), path.ends_with("ca.pem")) {
            (true, _) => &[0o700],
            (false, true) => &[0o600, 0o644],
            (false, false) => &[0o600],
        };
        if !allowed.contains(&mode(&path)) {
            open.push(format!("{} {:o}", path.display(), mode(&path)));
        }
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).unwrap();
            rest.extend(entries.map(|entry| entry.unwrap().path()));
        }
    }
    open
}

#[tokio::test]
async fn every_file_and_directory_is_its_owners_only_whatever_the_umask() {
    for umask in ["000", "002", "022", "077"] {
        let parent = tempfile::tempdir().unwrap();
        let (wrapper, root) = (parent.path().join("start"), parent.path().join("data"));
        let script = format!("#!/bin/sh\numask {umask}\nexec '{MACHINE}' \"$@\"\n");
        std::fs::write(&wrapper, script).unwrap();
        std::fs::set_permissions(&wrapper, std::fs::Permissions::from_mode(0o700)).unwrap();
        let start = Start::new(wrapper.to_str().unwrap(), &root).options(&["--tls"]);
        let process = start.run().await;
        for file in ["table.sqlite", "table.sqlite-wal", "run.json", "ca.pem"] {
            assert!(root.join(file).exists(), "{file}");
        }
        assert_eq!(
            open_to_others(&root),
            [""; 0],
            "umask {umask}, while it runs"
        );
        let (code, log) = process.interrupt().await;
        assert_eq!(code, 0, "{log}");
        assert_eq!(open_to_others(&root), [""; 0], "umask {umask}");
    }
}

#[tokio::test]
async fn what_an_earlier_version_left_open_is_closed_at_the_start() {
    let parent = tempfile::tempdir().unwrap();
    let root = parent.path().join("data");
    let (code, log) = Start::new(MACHINE, &root).run().await.interrupt().await;
    assert_eq!(code, 0, "{log}");
    let opened = [
        ("", 0o755),
        ("secrets", 0o750),
        ("entra", 0o755),
        ("lock", 0o644),
        ("table.sqlite", 0o644),
        ("run.json", 0o664),
        ("application.json", 0o604),
    ];
    for (name, mode) in opened {
        let permissions = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(root.join(name), permissions).unwrap();
    }
    let process = Start::new(MACHINE, &root).run().await;
    assert_eq!(open_to_others(&root), [""; 0]);
    process.kill().await;

    // A directory that is somebody's for other things keeps its mode; what is made in it
    // is closed all the same.
    let shared = parent.path().join("shared");
    std::fs::create_dir(&shared).unwrap();
    std::fs::write(shared.join("of somebody"), "").unwrap();
    std::fs::set_permissions(&shared, std::fs::Permissions::from_mode(0o755)).unwrap();
    let process = Start::new(MACHINE, &shared).run().await;
    assert_eq!(mode(&shared), 0o755);
    for made in ["secrets", "entra"] {
        assert_eq!(open_to_others(&shared.join(made)), [""; 0]);
    }
    process.kill().await;
}

#[tokio::test]
async fn keys_are_their_owners_only() {
    let parent = tempfile::tempdir().unwrap();
    let root = parent.path().join("made/by the run");
    let process = Start::new(MACHINE, &root).run().await;
    assert_eq!(mode(&root), 0o700);
    assert_eq!(mode(&root.join("secrets")), 0o700);
    let found = files(&root);
    for key in KEYS {
        assert!(
            found.iter().any(|file| file == Path::new(key)),
            "{key}: {found:?}"
        );
        assert_eq!(mode(&root.join(key)), 0o600, "{key}");
    }
    for file in &found {
        let text = std::fs::read(root.join(file)).unwrap();
        let holds_key = text.windows(11).any(|window| window == b"PRIVATE KEY");
        let known = KEYS.iter().any(|key| file == Path::new(key));
        assert!(known || !holds_key, "{} holds a key", file.display());
        assert!(
            !file.to_string_lossy().ends_with(".new"),
            "{}",
            file.display()
        );
    }
    // Stopped or killed: the next start finds everything.
    let first = process.ready.clone();
    process.kill().await;
    let again = Start::new(MACHINE, &root).run().await;
    assert_eq!(again.ready.client_id, first.client_id);
    let ids = |ready: &tests::ReadyLine| {
        let people = ready.simulated_tenants.iter();
        people
            .map(|person| {
                (
                    person.tenant_id.clone(),
                    person.admin.clone(),
                    person.user.clone(),
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&again.ready), ids(&first));
    assert_eq!(ids(&first).len(), 3);
    let mut broker = Broker::of(&again.ready);
    broker.ready.caller_token = first.caller_token;
    assert_eq!(
        broker.get("/tenants").await.status,
        200,
        "the old token holds"
    );
}
