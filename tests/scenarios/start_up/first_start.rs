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
