//! The account of a stack that was just deployed, and its operator.

use std::path::Path;
use std::process::{Output, Stdio};
use std::sync::Arc;

use auth::secret::ExposeSecret as _;
use aws::{Endpoint, SystemClock, SystemRandom, connect};
use consent::ConsentFunction;
use lambda::function::{Ahead, Function};
use refresher::{Refresher, RefresherOnDemand};
use serde_json::Value;
use tests::Ministack;
use tokio::process::Command;
use vending::Vending;
use webhook::Webhook;
use wiring::settings::{FunctionSettings, TableNames};
use wiring::{Basis, Platform, Store};

const OPERATOR: &str = env!("CARGO_BIN_EXE_operator_program");
pub(super) const CERTIFICATE: &str = "stack/Certificate";
pub(super) const CONSENT_KEYS: &str = "stack/ConsentKeys";
pub(super) const SEALING_KEYS: &str = "stack/SealingKeys";
pub(super) const WEBHOOK_KEYS: &str = "stack/WebhookKeys";

/// Nothing listens there.
const UNREACHABLE: &str = "http://127.0.0.1:1";

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
        "ENTRA_HOME_TENANT" => "11111111-2222-3333-4444-555555555555",
        "ENTRA_AUTHORITY" | "ENTRA_GRAPH_URL" => UNREACHABLE,
        _ => return None,
    };
    Some(value.to_owned())
}

/// An account with the secrets of the template.
pub(super) struct Account {
    pub(super) ministack: Ministack,
    pub(super) platform: Platform,
    /// Where the operator finds Secrets Manager.
    pub(super) secrets_url: String,
}

impl Account {
    pub(super) async fn deployed() -> Self {
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
            secrets_url: ministack.endpoint.clone(),
            ministack,
            platform,
        }
    }

    /// Starts a function as its `main` does; why it does not start.
    pub(super) async fn start(&self, function: &str) -> Result<(), String> {
        let started = match function {
            "consent" => self.built::<ConsentFunction>().await.map(drop),
            "refresher" => self.built::<Refresher>().await.map(drop),
            "on-demand" => self.built::<RefresherOnDemand>().await.map(drop),
            "webhook" => self.built::<Webhook>().await.map(drop),
            _ => self.built::<Vending>().await.map(drop),
        };
        started.map_err(|error| format!("{error:#}"))
    }

    /// A function as its `main` builds it.
    pub(super) async fn built<F: Function<Settings: FunctionSettings>>(&self) -> anyhow::Result<F> {
        let basis = Basis::on(&self.platform, &variable)?;
        F::build(basis, Ahead::Secrets).await
    }

    pub(super) async fn operate(&self, command: &[&str]) -> Output {
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
            .env("AWS_ENDPOINT_URL_SECRETS_MANAGER", &self.secrets_url)
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
    pub(super) async fn json(&self, command: &[&str]) -> Value {
        let output = self.operate(&[command, &["--json"]].concat()).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), said.as_str()), (Some(0), ""));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Exit code and the one line on standard error of a command that fails.
    pub(super) async fn refusal(&self, command: &[&str]) -> (i32, String) {
        let output = self.operate(command).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (said.lines().count(), output.stdout.len()),
            (1, 0),
            "{said}"
        );
        (output.status.code().unwrap(), said)
    }

    pub(super) async fn create_certificate(&self, directory: &Path) -> String {
        let out = directory.to_str().unwrap();
        let line = ["certificate", "create", "--subject", "Broker", "--out", out];
        let created = self.json(&line).await;
        let sha1 = created["thumbprints"]["sha1_hex"].as_str();
        sha1.unwrap().to_owned()
    }

    /// The texts of the secrets that `keys create` fills.
    pub(super) async fn keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for name in [CONSENT_KEYS, SEALING_KEYS, WEBHOOK_KEYS] {
            keys.push(self.secret(name).await);
        }
        keys
    }

    /// The text of a secret, as it is or as it was before.
    pub(super) async fn secret(&self, name: &str) -> String {
        let secret = self.platform.secrets.read(name).await.unwrap();
        secret.expose_secret().to_owned()
    }
}

/// One line, which names the variable and the command.
pub(super) fn names(said: &str, variable: &str, command: &str) {
    let command = format!("`{command}`");
    for part in [variable, "has no value yet", &command] {
        assert!(said.contains(part), "{part}: {said}");
    }
    assert_eq!(said.lines().count(), 1, "{said}");
}
