//! The rotator of a stack that was just deployed, and the operator's commands about the rotation.

use std::collections::BTreeSet;
use std::fs::DirEntry;

use auth::Timestamp;
use auth::ports::Clock as _;
use auth::secret::ExposeSecret as _;
use aws::SystemClock;
use lambda::function::AnswersEvents as _;
use lambda_runtime::{Context, LambdaEvent};
use microsoft::certificate::create;
use rotator::Rotator;
use serde_json::{Value, json};
use tests::aws_service::{Act, AwsService, Fault};
use tests::played_rotation::PlayedRotation;

use super::account::{Account, CERTIFICATE, names};

/// The answer to the daily check.
async fn checked(rotator: &Rotator) -> String {
    let mut context = Context::default();
    context.deadline = u64::MAX;
    let event = LambdaEvent::new(json!({"check": "credentials"}), context);
    rotator.run(&event).await.failure.unwrap_or_default()
}

#[tokio::test]
async fn the_rotator_starts_without_a_certificate_and_names_the_command_that_publishes_one() {
    let account = Account::deployed().await;
    let rotator: Rotator = account.built().await.unwrap();
    let said = checked(&rotator).await;
    names(
        &said,
        "CERTIFICATE_SECRET_ID",
        "operator certificate publish DIR",
    );

    let directory = tempfile::tempdir().unwrap();
    account.create_certificate(directory.path()).await;
    let directory = directory.path().to_str().unwrap();
    account.json(&["certificate", "publish", directory]).await;
    // The same process reads it; Entra ID is not there.
    let said = checked(&rotator).await;
    assert!(said.starts_with("no_token: "), "{said}");
}

#[tokio::test]
async fn the_operator_sees_what_the_secret_holds_and_what_waits() {
    let account = Account::deployed().await;
    let status = ["certificate", "status"];
    let empty = account.json(&status).await;
    assert_eq!(empty["rotated"], false);
    // ministack has a version without a value, AWS none.
    let versions = empty["versions"].as_array().unwrap();
    let has_none = |version: &Value| version["problem"] == "it has no value yet";
    assert!(versions.iter().all(has_none), "{empty}");

    let [current, pending] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let sha1 = account.create_certificate(current.path()).await;
    let directory = current.path().to_str().unwrap();
    account.json(&["certificate", "publish", directory]).await;
    let held = account.json(&status).await;
    assert_eq!(held["versions"][0]["stage"], "current", "{held}");
    assert_eq!(held["versions"][0]["sha1_hex"], sha1, "{held}");
    assert_eq!(held["entra"], json!(null), "no home tenant is named");

    let out = pending.path().join("waiting");
    let publish = ["certificate", "publish", "--pending", out.to_str().unwrap()];
    let (code, said) = account.refusal(&publish).await;
    assert!(code == 1 && said.contains("no rotation waits"), "{said}");
    let rotation = PlayedRotation::enable(&account.ministack, CERTIFICATE).await;
    rotation.begin("11111111-2222-4333-8444-555555555555").await;
    let begun = account.json(&status).await;
    assert_eq!(begun["rotated"], true);
    let waiting = begun["versions"].as_array().unwrap().last().unwrap();
    let seen = (&waiting["stage"], &waiting["problem"]);
    assert_eq!(seen, (&json!("pending"), &json!("it has no value yet")));
    // There is nothing to write yet.
    let (code, said) = account.refusal(&publish).await;
    assert!(code == 1 && said.contains("no rotation waits"), "{said}");
}

/// The certificate of the rotation that waits, and never its key; one that the next attempt
/// would roll back is not written.
#[tokio::test]
async fn what_waits_is_written_without_its_key_while_the_rotation_can_go_on() {
    let account = Account::deployed().await;
    let rotation = PlayedRotation::enable(&account.ministack, CERTIFICATE).await;
    let now = SystemClock.now();
    for (number, days_ago, goes_on) in [(0, 0, true), (1, 6, true), (2, 8, false), (3, 365, false)]
    {
        let began = Timestamp::from_unix(now.unix() - days_ago * 86_400);
        let made = create("Waits", 730, began).unwrap();
        let token = format!("11111111-2222-4333-8444-55555555555{number}");
        rotation.begin(&token).await;
        let secret = json!({
            "certificate": made.certificate_pem,
            "private_key": made.private_key_pem.expose_secret(),
        });
        rotation.put(&token, &secret.to_string()).await;
        let directory = tempfile::tempdir().unwrap();
        let out = directory.path().join("waiting");
        let publish = ["certificate", "publish", "--pending", out.to_str().unwrap()];
        if !goes_on {
            let (code, said) = account.refusal(&publish).await;
            let names_it = said.contains("`operator certificate rotate`");
            assert!(code == 1 && names_it && !out.exists(), "{days_ago}: {said}");
            continue;
        }
        account.json(&publish).await;
        let written: BTreeSet<_> = std::fs::read_dir(&out).unwrap().map(name).collect();
        let expected = ["certificate.pem", "key-credential.json"].map(str::to_owned);
        assert_eq!(written, expected.into(), "{days_ago}");
        let pem = std::fs::read_to_string(out.join("certificate.pem")).unwrap();
        assert_eq!(pem.trim(), made.certificate_pem.trim());
    }
}

fn name(entry: std::io::Result<DirEntry>) -> String {
    entry.unwrap().file_name().into_string().unwrap()
}

/// What AWS refuses, at each of the three commands.
#[tokio::test]
async fn what_secrets_manager_refuses_is_said_with_what_to_do() {
    let mut account = Account::deployed().await;
    let mut secrets = AwsService::in_front_of(&account.ministack.endpoint).await;
    account.secrets_url = secrets.url.clone();
    let rotate: &[&str] = &["certificate", "rotate"];
    let status: &[&str] = &["certificate", "status"];
    let pending: &[&str] = &["certificate", "publish", "--pending", "waiting"];
    let refuse = |status, code| {
        let act = Act::Answer(status, code);
        secrets.fail(Fault { only: None, act });
    };
    refuse(400, "InvalidRequestException");
    let (code, said) = account.refusal(rotate).await;
    let parts = ["none is set up", "EntraHomeTenant", "one is under way"];
    assert!(
        code == 1 && parts.iter().all(|part| said.contains(part)),
        "{said}"
    );
    let rows = [
        (400, "ResourceNotFoundException", "does not exist"),
        (400, "AccessDeniedException", "policy and credentials"),
        (400, "ThrottlingException", "at the moment"),
        (503, "ServiceUnavailable", "at the moment"),
    ];
    for (status_code, name, part) in rows {
        refuse(status_code, name);
        for command in [rotate, status, pending] {
            let (code, said) = account.refusal(command).await;
            assert_eq!(code, 1, "{command:?} {name}: {said}");
            let is_said = said.contains(part) && said.contains("CERTIFICATE_SECRET_ID");
            assert!(is_said, "{command:?} {name}: {said}");
        }
    }
    secrets.go_down().await;
    for command in [rotate, status, pending] {
        let (code, said) = account.refusal(command).await;
        assert!(
            code == 1 && said.contains("at the moment"),
            "{command:?}: {said}"
        );
    }
}
