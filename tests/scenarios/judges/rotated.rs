//! A certificate that a rotation made: Microsoft's own library signs in with it, OpenSSL (by
//! PyCA's cryptography) agrees on its thumbprints, and the one before is refused once its overlap
//! is over.

use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use auth::ports::Stage;
use aws::{SystemClock, SystemPause};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tests::judge::installed;
use tests::secret_rotation::SecretRotation;

use super::microsoft::{Clients, Pair};

/// Prints both fingerprints of the certificate in its first argument, in hex.
const FINGERPRINTS: &str = "
import sys
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import load_pem_x509_certificate
certificate = load_pem_x509_certificate(sys.argv[1].encode())
print(certificate.fingerprint(hashes.SHA1()).hex(), certificate.fingerprint(hashes.SHA256()).hex())
";

fn fingerprints(certificate: &str) -> String {
    let said = Command::new(installed("JUDGES_PYTHON"))
        .args(["-c", FINGERPRINTS, certificate])
        .output()
        .unwrap();
    assert!(said.status.success(), "{said:?}");
    String::from_utf8(said.stdout).unwrap().trim().to_owned()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn ask(clients: &mut Clients, pair: &Pair) -> Value {
    // With the certificate alone the library makes the thumbprint by itself.
    let question = json!({"client": "msal", "credential": "certificate"});
    let tenant = clients.tenant.clone();
    clients.ask(&question, &tenant, pair).await
}

#[tokio::test]
async fn msal_signs_in_with_the_new_certificate_and_no_more_with_the_old_one_after_the_overlap() {
    let mut clients = Clients::start().await;
    let (machine, directory) = clients.run();
    let by = (Arc::new(SystemClock) as _, Arc::new(SystemPause) as _);
    let mut rotation = SecretRotation::of(machine, directory, by).await;
    rotation.rotate("first-rotation").await;
    let (certificate, private_key) = rotation.pair(Stage::Current);
    let new = Pair {
        certificate,
        private_key,
    };
    let old = clients.own.clone();

    let ours = format!("{} {}", hex(&new.sha1()), hex(&new.sha256()));
    assert_eq!(fingerprints(&new.certificate), ours);
    let (machine, _) = clients.run();
    let simulator = machine.simulator().unwrap();
    let client_id = machine.ready.client_id.parse().unwrap();
    let keys = simulator.registration(client_id).unwrap().key_credentials;
    let registered = keys.iter().map(|key| &key.custom_key_identifier);
    assert!(
        registered
            .clone()
            .any(|id| *id == STANDARD.encode(new.sha1()))
    );

    for pair in [&new, &old] {
        let answer = ask(&mut clients, pair).await;
        clients.check_token(&answer["answer"]["access_token"]);
    }
    rotation.rotator.rotation.overlap = Duration::ZERO;
    let found = rotation.check().await.drift.unwrap();
    // The new one begins an hour before it was made, for clocks that are behind.
    assert!(found.removed, "{found:?}");
    let answer = ask(&mut clients, &new).await;
    clients.check_token(&answer["answer"]["access_token"]);
    let answer = ask(&mut clients, &old).await;
    let refused = answer["answer"]["error_codes"] == json!([700_027]);
    assert!(refused, "{answer}");
    clients.stop().await;
}
