//! What is printed of a certificate, compared with what OpenSSL says of it.

use operator::Exit;
use serde_json::{Value, json};

use super::{fixture, inspect, json_of, openssl, url_safe};

#[tokio::test]
async fn thumbprints_and_key_credentials_are_what_openssl_computes() {
    for name in ["app", "leaf"] {
        let told = openssl(name);
        let shown = json_of(&fixture(&format!("{name}.pem")), &[]).await;
        let expected = json!({
            "sha1_hex": told.sha1_hex,
            "sha1_base64": told.sha1_base64,
            "sha1_base64url": url_safe(&told.sha1_base64),
            "sha256_hex": told.sha256_hex,
            "sha256_base64url": url_safe(&told.sha256_base64),
        });
        assert_eq!(shown["thumbprints"], expected);
        let key_id = shown["key_credential"]["keyId"].as_str().unwrap();
        assert!(
            key_id.parse::<auth::TenantId>().is_ok(),
            "no GUID: {key_id}"
        );
        let today = json!({
            "customKeyIdentifier": told.sha1_base64,
            "displayName": shown["subject"],
            "endDateTime": "2120-01-02T03:04:05Z",
            "key": told.der_base64,
            "keyId": key_id,
            "startDateTime": "2020-01-02T03:04:05Z",
            "type": "AsymmetricX509Cert",
            "usage": "Verify",
        });
        assert_eq!(shown["key_credential"], today);
        // The recipe of 2016: base64 of the hash, base64 of the DER, a new GUID.
        let of_2016 = json!({
            "customKeyIdentifier": told.sha1_base64,
            "keyId": key_id,
            "type": "AsymmetricX509Cert",
            "usage": "Verify",
            "value": told.der_base64,
        });
        assert_eq!(shown["key_credential_2016"], of_2016);
    }
}

#[tokio::test]
async fn a_key_id_is_never_given_twice() {
    let (one, other) = (
        json_of(&fixture("app.pem"), &[]).await,
        json_of(&fixture("app.pem"), &[]).await,
    );
    assert_ne!(
        one["key_credential"]["keyId"],
        other["key_credential"]["keyId"]
    );
}

#[tokio::test]
async fn a_person_sees_every_fact_and_can_paste_both_documents() {
    let outcome = inspect(&fixture("app.pem"), &[]).await;
    assert_eq!((outcome.exit, outcome.err.as_str()), (Exit::Done, ""));
    let told = openssl("app");
    for part in [
        "O=Contoso, Inc., CN=Broker Müller",
        "2020-01-02T03:04:05Z",
        "2120-01-02T03:04:05Z",
        "valid, ",
        " days left",
        "RSA 2048 bits",
        "not in this file",
        "Entra ID takes it",
        &told.sha1_hex,
        &told.sha1_base64,
        &url_safe(&told.sha1_base64),
        &told.sha256_hex,
        &url_safe(&told.sha256_base64),
    ] {
        assert!(outcome.out.contains(part), "{part} in {}", outcome.out);
    }
    let documents: Vec<Value> = outcome
        .out
        .split("\n\n")
        .filter_map(|part| part.split_once('\n').map(|(_, below)| below))
        .filter_map(|below| serde_json::from_str(below).ok())
        .collect();
    let [today, of_2016] = &documents[..] else {
        panic!("two documents in {}", outcome.out);
    };
    assert_eq!(
        (&today["key"], &of_2016["value"]),
        (&json!(told.der_base64), &json!(told.der_base64))
    );
}
