//! `--real-entra` without what it needs. None of these starts asks the network anything:
//! they end before there is anything to ask with.

use std::path::Path;

use futures::stream::{self, StreamExt as _};
use tests::process::Start;

use super::certificates::{self, Pair};
use super::stage::{Template, fails, start};

const CLIENT_ID: &str = "41463f53-8812-40f4-890f-865bf6e35190";
/// How a PFX begins (DER: a long sequence, version 3).
const PFX: [u8; 7] = [0x30, 0x82, 0x0a, 0x05, 0x02, 0x01, 0x03];

fn real(directory: &Path) -> Start {
    start(directory).options(&["--real-entra"])
}

#[tokio::test]
async fn what_is_not_set_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("own.pem");
    let bare = real(directory.path());
    fails("nothing set", &bare, &["ENTRA_CLIENT_ID"]).await;
    let start = bare.clone().variable("ENTRA_CLIENT_ID", CLIENT_ID);
    fails("no file", &start, &["ENTRA_CERTIFICATE_FILE", "PEM"]).await;
    let start = bare
        .clone()
        .variable("ENTRA_CERTIFICATE_FILE", file.to_str().unwrap());
    fails("no client ID", &start, &["ENTRA_CLIENT_ID"]).await;
    let own = Pair::good();
    std::fs::write(&file, own.certificate + &own.key).unwrap();
    for id in ["common", "41463f53881240f4890f865bf6e35190", " "] {
        let start = start.clone().variable("ENTRA_CLIENT_ID", id);
        fails(id, &start, &["ENTRA_CLIENT_ID"]).await;
    }
}

/// A start with a certificate file of this content.
async fn refuses(row: &str, content: &[u8], words: &[&str]) {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("own.pem");
    std::fs::write(&file, content).unwrap();
    let start = with_file(directory.path(), &file);
    let mut words = words.to_vec();
    words.push(file.to_str().unwrap());
    fails(row, &start, &words).await;
    assert_eq!(std::fs::read(&file).unwrap(), content, "{row}");
    let application = directory.path().join("data/application.json");
    assert!(!application.exists(), "{row} would bind the directory");
}

fn with_file(directory: &Path, file: &Path) -> Start {
    real(&directory.join("data"))
        .variable("ENTRA_CLIENT_ID", CLIENT_ID)
        .variable("ENTRA_CERTIFICATE_FILE", file.to_str().unwrap())
}

#[tokio::test]
async fn a_file_that_is_no_certificate_with_a_key_is_named() {
    let directory = tempfile::tempdir().unwrap();
    for missing in ["missing.pem", "no/such/directory.pem"] {
        let file = directory.path().join(missing);
        let start = with_file(directory.path(), &file);
        fails(missing, &start, &[file.to_str().unwrap(), "PEM"]).await;
    }
    let start = with_file(directory.path(), directory.path());
    fails("a directory", &start, &[directory.path().to_str().unwrap()]).await;
    let pfx = [&PFX[..], &[0xff; 600]].concat();
    refuses("a PFX", &pfx, &["PFX", "openssl pkcs12"]).await;
    refuses(
        "a PFX that is UTF-8",
        b"0\x05\x02\x01\x03\0\0",
        &["PFX", "openssl pkcs12"],
    )
    .await;
    refuses("nothing", b"", &["no certificate found"]).await;
    refuses("a text", b"certificate", &["no certificate found"]).await;
}

#[tokio::test]
async fn a_certificate_that_entra_would_not_take_is_refused() {
    let rows = certificates::refused();
    let rows = stream::iter(rows).map(async |(row, pair, says)| {
        let orders = [
            format!("{}{}", pair.certificate, pair.key),
            format!("{}{}", pair.key, pair.certificate),
        ];
        for text in orders {
            refuses(row, text.as_bytes(), &[says]).await;
        }
    });
    rows.buffer_unordered(2).collect::<Vec<()>>().await;
}

#[tokio::test]
async fn a_directory_of_the_simulator_is_not_used_with_the_real_one() {
    let template = Template::make().await;
    let copied = template.copy();
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("own.pem");
    let own = Pair::good();
    std::fs::write(&file, own.certificate + &own.key).unwrap();
    let start = copied
        .start()
        .options(&["--real-entra"])
        .variable("ENTRA_CLIENT_ID", CLIENT_ID)
        .variable("ENTRA_CERTIFICATE_FILE", file.to_str().unwrap());
    let name = copied.path("").canonicalize().unwrap();
    let words = [name.to_str().unwrap(), "--data-dir"];
    copied.refuses("another authority", &start, &words).await;
}
