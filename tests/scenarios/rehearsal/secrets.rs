//! The values of secrets, read and written past the operator's program: what a person does
//! by `aws secretsmanager` where a second stack takes over what a first one kept.

use serde_json::{Value, json};

use crate::account::Account;

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
