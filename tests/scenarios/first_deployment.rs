//! A stack that was just deployed: its secrets are there and empty. What the functions say
//! of that, and that the operator's commands fill them, on a Secrets Manager that keeps its
//! own books.
#![allow(clippy::unwrap_used, reason = "test code: a panic is how it fails")]

use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;

use auth::secret::ExposeSecret as _;
use aws::{Endpoint, SystemClock, SystemRandom, connect};
use consent::ConsentFunction;
use lambda::function::{Ahead, Function};
use refresher::{Refresher, RefresherOnDemand};
use serde_json::{Value, json};
use tests::Ministack;
use tokio::process::Command;
use vending::Vending;
use webhook::Webhook;
use wiring::settings::{FunctionSettings, TableNames};
use wiring::{Basis, Platform, Store};

const OPERATOR: &str = env!("CARGO_BIN_EXE_operator_program");
const CERTIFICATE: &str = "stack/Certificate";
const CONSENT_KEYS: &str = "stack/ConsentKeys";
const SEALING_KEYS: &str = "stack/SealingKeys";
const WEBHOOK_KEYS: &str = "stack/WebhookKeys";

/// The variables of the functions, as template.yaml sets them.
fn variable(name: &str) -> Option<String> {
    let value = match name {
        "ENTRA_CLIENT_ID" => "2d4d11a2-f814-46a7-890a-274a72a7309e",
        "TABLE_NAME" => "broker",
        "CONTROL_TABLE_NAME" => "broker-control",
        "CERTIFICATE_SECRET_ID" => CERTIFICATE,
        "CONSENT_KEYS_SECRET_ID" => CONSENT_KEYS,
        "SEALING_KEYS_SECRET_ID" => SEALING_KEYS,
        "FEED_WEBHOOK_KEYS_SECRET_ID" => WEBHOOK_KEYS,
        "FEED_QUEUE_URL" => "https://sqs.us-east-1.amazonaws.com/000000000000/feed",
        "CONSENT_REDIRECT_URI" => "https://broker.example/consent/callback",
        "ON_DEMAND_FUNCTION" => "on-demand",
        _ => return None,
    };
    Some(value.to_owned())
}

/// An account with the secrets of the template.
struct Account {
    ministack: Ministack,
    platform: Platform,
}

impl Account {
    async fn deployed() -> Self {
        let ministack = Ministack::start().await;
        for secret in [CERTIFICATE, CONSENT_KEYS, SEALING_KEYS, WEBHOOK_KEYS] {
            ministack.create_empty_secret(secret).await;
        }
        let connection = connect(&Endpoint::Local(ministack.endpoint.clone())).await;
        let random = Arc::new(SystemRandom);
        let tables = TableNames {
            table: "broker".to_owned(),
            control: "broker-control".to_owned(),
        };
        // Operators' actions are written down before they are done.
        let control = connection.control_table(&tables.control, random.clone());
        control.create().await.unwrap();
        let store = Store::on(&connection, &tables, random.clone());
        let secrets = Arc::new(connection.secrets());
        let mut platform = Platform::new(store, secrets, Arc::new(SystemClock), random);
        platform.own = Some(connection);
        Self {
            ministack,
            platform,
        }
    }

    /// Starts a function as its `main` does; why it does not start.
    async fn start(&self, function: &str) -> Result<(), String> {
        let started = match function {
            "consent" => self.built::<ConsentFunction>().await,
            "refresher" => self.built::<Refresher>().await,
            "on-demand" => self.built::<RefresherOnDemand>().await,
            "webhook" => self.built::<Webhook>().await,
            _ => self.built::<Vending>().await,
        };
        started.map_err(|error| format!("{error:#}"))
    }

    async fn built<F: Function<Settings: FunctionSettings>>(&self) -> anyhow::Result<()> {
        let basis = Basis::on(&self.platform, &variable)?;
        F::build(basis, Ahead::Secrets).await.map(drop)
    }

    async fn operate(&self, command: &[&str]) -> Output {
        let names = [
            "TABLE_NAME",
            "CERTIFICATE_SECRET_ID",
            "CONSENT_KEYS_SECRET_ID",
            "SEALING_KEYS_SECRET_ID",
            "FEED_WEBHOOK_KEYS_SECRET_ID",
        ];
        Command::new(OPERATOR)
            .args(command)
            .env_clear()
            .envs(names.map(|name| (name, variable(name).unwrap())))
            .env("AWS_ENDPOINT_URL", &self.ministack.endpoint)
            // Where the test makes the secrets: a region has its own.
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "operator")
            .env("AWS_SECRET_ACCESS_KEY", "operator")
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap()
    }

    /// What a command that must succeed without a word printed as JSON.
    async fn json(&self, command: &[&str]) -> Value {
        let output = self.operate(&[command, &["--json"]].concat()).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.as_str()), (Some(0), ""));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Exit code and the one line on standard error of a command that fails.
    async fn refusal(&self, command: &[&str]) -> (i32, String) {
        let output = self.operate(command).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (said.lines().count(), output.stdout.len()),
            (1, 0),
            "{said}"
        );
        (output.status.code().unwrap(), said)
    }

    async fn create_certificate(&self, directory: &Path) -> String {
        let out = directory.to_str().unwrap();
        let line = ["certificate", "create", "--subject", "Broker", "--out", out];
        let created = self.json(&line).await;
        let sha1 = created["thumbprints"]["sha1_hex"].as_str();
        sha1.unwrap().to_owned()
    }

    /// The texts of the secrets that `keys create` fills.
    async fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for name in [CONSENT_KEYS, SEALING_KEYS, WEBHOOK_KEYS] {
            keys.push(self.secret(name).await);
        }
        keys
    }

    /// The text of a secret, as it is or as it was before.
    async fn secret(&self, name: &str) -> String {
        let secret = self.platform.secrets.read(name).await.unwrap();
        secret.expose_secret().to_owned()
    }
}

const FUNCTIONS: [&str; 5] = ["consent", "refresher", "on-demand", "vending", "webhook"];

/// One line, which names the variable and the command.
fn names(said: &str, variable: &str, command: &str) {
    let command = format!("`{command}`");
    for part in [variable, "has no value yet", &command] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(said.lines().count(), 1, "{said}");
}

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
    let status = ["keys", "rotate", "--status"];
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
        "keys rotate: failed",
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
            &["keys", "rotate", "--status", "--sealing-secret", "none"],
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
