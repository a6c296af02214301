//! Files of the data directory that are damaged: named, and left as they were.

use std::os::unix::fs::PermissionsExt as _;

use futures::stream::{self, StreamExt as _};
use serde_json::json;

use super::certificates::{self, Pair};
use super::stage::Template;

/// A start takes a processor for itself.
const AT_ONCE: usize = 2;

#[tokio::test]
async fn a_damaged_file_is_named_and_left_as_it_was() {
    let template = Template::make().await;
    let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
    let id = "41463f53-8812-40f4-890f-865bf6e35190";
    let short_ring = json!({"primary": "1", "keys": {"1": "AAAA"}}).to_string();
    let ring = json!({"primary": "2", "keys": {"1": "A".repeat(43) + "="}}).to_string();
    let rows: Vec<(&str, Vec<u8>)> = vec![
        ("application.json", b"".to_vec()),
        ("application.json", b"{ damaged".to_vec()),
        ("application.json", b"{}".to_vec()),
        ("application.json", b"{\"client_id\":\"common\"}".to_vec()),
        ("application.json", b"\xff\xfe\0".to_vec()),
        ("issuer.json", b"".to_vec()),
        ("issuer.json", b"[]".to_vec()),
        ("issuer.json", b"\x80".to_vec()),
        (
            "issuer.json",
            json!({"id": "x", "private_key": key}).to_string().into(),
        ),
        (
            "issuer.json",
            json!({"id": id, "private_key": key}).to_string().into(),
        ),
        (
            "issuer.json",
            json!({"id": id, "private_key": Pair::good().key})
                .to_string()
                .into(),
        ),
        ("access-key.json", b"".to_vec()),
        ("access-key.json", b"{}".to_vec()),
        ("access-key.json", b"\x80".to_vec()),
        ("secrets/certificate", b"".to_vec()),
        ("secrets/certificate", b"not JSON".to_vec()),
        ("secrets/certificate", b"{\"certificate\":\"\"}".to_vec()),
        ("secrets/certificate", b"\x30\x82\xff".to_vec()),
        ("secrets/sealing-keys", b"".to_vec()),
        ("secrets/sealing-keys", b"{}".to_vec()),
        ("secrets/sealing-keys", b"\xff".to_vec()),
        ("secrets/sealing-keys", short_ring.into()),
        ("secrets/sealing-keys", ring.into()),
        ("secrets/consent-keys", b"".to_vec()),
        ("secrets/consent-keys", b"null".to_vec()),
        ("secrets/consent-keys", b"\xff".to_vec()),
        (
            "secrets/consent-keys",
            b"{\"state_key\":\"AAAA\",\"cookie_key\":\"AAAA\"}".to_vec(),
        ),
        ("entra/directory.json", b"".to_vec()),
        ("entra/directory.json", b"{ damaged".to_vec()),
        ("entra/directory.json", b"[]".to_vec()),
        ("entra/directory.json", b"\xff\xfe".to_vec()),
        ("entra/signing_key.pem", b"".to_vec()),
        ("entra/signing_key.pem", b"\xff\xfe".to_vec()),
        ("entra/signing_key.pem", key.into()),
        (
            "table.sqlite",
            b"This is no database, and it is long enough.".repeat(100),
        ),
        (
            "table.sqlite",
            [&b"SQLite format 3\0"[..], &[0xff; 8192]].concat(),
        ),
    ];
    let rows = stream::iter(rows).map(async |(file, content)| {
        let copied = template.copy();
        copied.write(file, &content);
        let name = copied.path(file).canonicalize().unwrap();
        let row = format!(
            "{file}: {:?}",
            String::from_utf8_lossy(&content[..content.len().min(40)])
        );
        let words = [name.to_str().unwrap(), "left"];
        copied.refuses(&row, &copied.start(), &words).await;
    });
    rows.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

#[tokio::test]
async fn a_certificate_that_entra_would_not_take_is_refused() {
    let template = Template::make().await;
    let file = "secrets/certificate";
    let rows = stream::iter(certificates::refused()).map(async |(row, pair, says)| {
        let copied = template.copy();
        let secret = json!({"certificate": pair.certificate, "private_key": pair.key});
        copied.write(file, secret.to_string());
        let name = copied.path(file).canonicalize().unwrap();
        let words = [name.to_str().unwrap(), says, "left as it was"];
        copied.refuses(row, &copied.start(), &words).await;
    });
    rows.buffer_unordered(AT_ONCE).collect::<Vec<()>>().await;
}

#[tokio::test]
async fn a_secret_that_others_may_read_is_not_used() {
    let template = Template::make().await;
    for file in ["certificate", "sealing-keys", "consent-keys"] {
        for mode in [0o640, 0o604, 0o666] {
            let copied = template.copy();
            let path = copied.path("secrets").join(file);
            let permissions = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&path, permissions).unwrap();
            let path = path.canonicalize().unwrap();
            let row = format!("{file} {mode:o}");
            let mend = format!("chmod 600 {}", path.display());
            copied.refuses(&row, &copied.start(), &[file, &mend]).await;
            let after = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(after & 0o777, mode, "left to its owner");
        }
    }
}

#[tokio::test]
async fn a_repaired_file_is_taken_again() {
    let template = Template::make().await;
    let copied = template.copy();
    let good = copied.read("issuer.json");
    copied.write("issuer.json", "{}");
    copied
        .refuses("damaged", &copied.start(), &["issuer.json"])
        .await;
    copied.write("issuer.json", good);
    let (code, _) = copied.start().run().await.interrupt().await;
    assert_eq!(code, 0);
}
