//! What fills the three secrets that the stack makes empty.

use auth::encoding::base64_standard;
use auth::ports::{Clock as _, Random as _};
use auth::secret::ExposeSecret as _;
use aws::{SystemClock, SystemRandom};
use entra::certificate::{CreatedCertificate, create};
use serde_json::{Value, json};

use crate::account::Account;
use crate::stack::Stack;

/// A new certificate of the application.
pub(crate) fn certificate(name: &str) -> CreatedCertificate {
    create(name, 90, SystemClock.now()).unwrap()
}

/// Fills all three.
// The place of `operator keys create` and `operator certificate publish`: they do this
// for a person, and take this function's place as soon as they exist.
pub(crate) async fn fill(account: &Account, stack: &Stack, certificate: &CreatedCertificate) {
    let consent_keys = json!({"state_key": key(), "cookie_key": key()});
    let ring = json!({"primary": "1", "keys": {"1": key()}});
    put(account, stack.output("ConsentKeysSecretId"), &consent_keys).await;
    put(account, stack.output("SealingKeysSecretId"), &ring).await;
    publish(account, stack, certificate).await;
}

/// Makes this certificate the current version; the one before becomes AWSPREVIOUS.
pub(crate) async fn publish(account: &Account, stack: &Stack, certificate: &CreatedCertificate) {
    let secret = json!({
        "certificate": certificate.certificate_pem,
        "private_key": certificate.private_key_pem.expose_secret(),
    });
    put(account, stack.output("CertificateSecretId"), &secret).await;
}

/// A new version of a secret.
pub(crate) async fn put(account: &Account, secret: &str, value: &Value) {
    let version = json!({"SecretId": secret, "SecretString": value.to_string()});
    let target = "secretsmanager.PutSecretValue";
    account.json("secretsmanager", target, &version).await;
}

/// The current version of a secret.
pub(crate) async fn read(account: &Account, secret: &str) -> Value {
    let target = "secretsmanager.GetSecretValue";
    let current = json!({"SecretId": secret});
    let answer = account.json("secretsmanager", target, &current).await;
    serde_json::from_str(answer["SecretString"].as_str().unwrap()).unwrap()
}

fn key() -> String {
    let mut key = [0u8; 32];
    SystemRandom.fill(&mut key);
    base64_standard(&key)
}
