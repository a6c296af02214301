//! Each secret is empty, is named with the command that fills it, and is filled.

use auth::secret::ExposeSecret as _;
use serde_json::json;

use super::account::{Account, CERTIFICATE, SEALING_KEYS, names};

const FUNCTIONS: [&str; 5] = ["consent", "refresher", "on-demand", "vending", "webhook"];

#[tokio::test]
async fn empty_secrets_are_told_apart_and_filled_and_then_every_function_starts() {
    let account = Account::deployed().await;
    let directory = tempfile::tempdir().unwrap();
    let sha1 = account.create_certificate(directory.path()).await;
    let publish = ["certificate", "publish", directory.path().to_str().unwrap()];
    // Consent, vending and the webhook have no certificate.
    for (function, variable, command) in [
        ("consent", "CONSENT_KEYS_SECRET_ID", "operator keys create"),
        (
            "refresher",
            "CERTIFICATE_SECRET_ID",
            "operator certificate publish DIR",
        ),
        (
            "on-demand",
            "CERTIFICATE_SECRET_ID",
            "operator certificate publish DIR",
        ),
        ("vending", "SEALING_KEYS_SECRET_ID", "operator keys create"),
        (
            "webhook",
            "FEED_WEBHOOK_KEYS_SECRET_ID",
            "operator keys create",
        ),
    ] {
        let said = account.start(function).await.unwrap_err();
        names(&said, variable, command);
    }

    let published = account.json(&publish).await;
    assert_eq!(published["state"], "first");
    assert_eq!(published["thumbprints"]["sha1_hex"], sha1);
    for (function, variable) in [
        ("consent", "CONSENT_KEYS_SECRET_ID"),
        ("refresher", "SEALING_KEYS_SECRET_ID"),
        ("on-demand", "SEALING_KEYS_SECRET_ID"),
        ("vending", "SEALING_KEYS_SECRET_ID"),
        ("webhook", "FEED_WEBHOOK_KEYS_SECRET_ID"),
    ] {
        let said = account.start(function).await.unwrap_err();
        names(&said, variable, "operator keys create");
    }
    let status = ["keys", "status"];
    let (code, said) = account.refusal(&status).await;
    assert_eq!(code, 1);
    names(&said, "SEALING_KEYS_SECRET_ID", "operator keys create");

    let create = ["keys", "create"];
    let made = json!({"consent_keys": "made", "sealing_ring": "made", "webhook_keys": "made"});
    assert_eq!(account.json(&create).await, made);
    for function in FUNCTIONS {
        account.start(function).await.unwrap();
    }
    let before = account.keys().await;
    let present = json!({
        "consent_keys": "present", "sealing_ring": "present", "webhook_keys": "present"
    });
    assert_eq!(account.json(&create).await, present);
    assert_eq!(account.json(&publish).await["state"], "present");
    assert!(before == account.keys().await, "written over");
    // Each was written down before it was done, by whom AWS says it was.
    let log = account.json(&["audit", "--operators"]).await;
    let mut said = Vec::new();
    for action in log.as_array().unwrap() {
        let text = |field: &str| action[field].as_str().unwrap().to_owned();
        assert!(text("who").starts_with("arn:aws:"), "{action}");
        said.push(format!("{}: {}", text("command"), text("outcome")));
    }
    said.sort();
    let expected = [
        "certificate publish: done",
        "certificate publish: done",
        "keys create: done",
        "keys create: done",
        "keys status: failed",
    ];
    assert_eq!(said, expected);
}

#[tokio::test]
async fn the_next_certificate_is_current_after_a_yes_and_the_one_before_is_kept() {
    let account = Account::deployed().await;
    let [first, next] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let before = account.create_certificate(first.path()).await;
    account.create_certificate(next.path()).await;
    let line = |directory| ["certificate", "publish", directory];
    account.json(&line(first.path().to_str().unwrap())).await;
    let held = account.secret(CERTIFICATE).await;

    let publish = line(next.path().to_str().unwrap());
    let (code, said) = account.refusal(&publish).await;
    assert!(code == 2 && said.contains("add --yes"), "{code}: {said}");
    assert!(account.secret(CERTIFICATE).await == held, "written over");
    let replaced = account.json(&[&publish[..], &["--yes"]].concat()).await;
    assert_eq!(
        (&replaced["state"], &replaced["replaced_sha1_hex"]),
        (&json!("replaced"), &json!(before))
    );
    assert!(account.secret(CERTIFICATE).await != held);
    let kept = account.platform.secrets.read_previous(CERTIFICATE).await;
    assert!(kept.unwrap().unwrap().expose_secret() == held);
}

/// Not the same as one without a value: there is no command that would fill it.
#[tokio::test]
async fn a_secret_that_does_not_exist_is_not_taken_for_an_empty_one() {
    let account = Account::deployed().await;
    let directory = tempfile::tempdir().unwrap();
    account.create_certificate(directory.path()).await;
    let directory = directory.path().to_str().unwrap();
    let rows: [(&[&str], &str); 3] = [
        (
            &[
                "certificate",
                "publish",
                directory,
                "--certificate-secret",
                "none",
            ],
            "CERTIFICATE_SECRET_ID",
        ),
        (
            &[
                "keys",
                "create",
                "--consent-secret",
                "none",
                "--sealing-secret",
                "none",
                "--webhook-secret",
                "none",
            ],
            "CONSENT_KEYS_SECRET_ID",
        ),
        (
            &["keys", "status", "--sealing-secret", "none"],
            "SEALING_KEYS_SECRET_ID",
        ),
    ];
    for (line, variable) in rows {
        let (code, said) = account.refusal(line).await;
        assert_eq!(code, 1);
        for part in [variable, "none", "does not exist", "template.yaml"] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
    let one = ["keys", "create", "--consent-secret", "none"];
    let output = account.operate(&one).await;
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("the sealing ring"), "{told}");
    account.secret(SEALING_KEYS).await;
}
