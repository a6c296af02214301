//! The stand-in for a one-machine run: a DynamoDB engine in this process, and a data
//! directory with the run file and the secrets that a run leaves there.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auth::encoding::base64_standard;
use auth::ports::Clock as _;
use auth::secret::ExposeSecret as _;
use aws::{ControlTable, Endpoint, SystemClock, SystemRandom, Table};
use microsoft::certificate::CreatedCertificate;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::line::{Ran, run, run_at};
use super::refusing;

pub(crate) const CLIENT: &str = "2d4d11a2-f814-46a7-890a-274a72a7309e";
pub(crate) const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
pub(crate) const OTHER: &str = "1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357";
const CONTROL_TABLE: &str = "broker-control";
/// Nobody listens there.
const DEAD_AUTHORITY: &str = "http://127.0.0.1:1";

pub(crate) const REDIRECT_URI: &str = "http://localhost:8080/consent/callback";

/// A data directory whose run answers for as long as this lives.
pub(crate) struct World {
    directory: TempDir,
    /// What the broker proves itself with, DER.
    pub(crate) certificate: Vec<u8>,
    pub(crate) table: Table,
    pub(crate) control: ControlTable,
    /// A run holds it for as long as it lives.
    lock: File,
}

impl World {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let database = dynoxide::Database::memory().unwrap();
        tokio::spawn(dynoxide::server::serve_on(listener, database));
        let connection = aws::connect(&Endpoint::Local(endpoint.clone())).await;
        let table = connection.table("broker", Arc::new(SystemRandom));
        table.create().await.unwrap();
        let control = connection.control_table(CONTROL_TABLE, Arc::new(SystemRandom));
        control.create().await.unwrap();
        let created =
            microsoft::certificate::create("operator's tests", 60, SystemClock.now()).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let lock = File::create(directory.path().join("lock")).unwrap();
        lock.lock().unwrap();
        let world = World {
            directory,
            lock,
            certificate: created.der.clone(),
            table,
            control,
        };
        world.write_secrets(&created);
        world.write_run(&endpoint);
        world
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The run was killed, and its table's port is another program's.
    pub(crate) fn kill_the_run(&self) {
        self.lock.unlock().unwrap();
    }

    pub(super) fn secrets_directory(&self) -> PathBuf {
        self.directory().join("secrets")
    }

    fn write_secrets(&self, created: &CreatedCertificate) {
        fs::create_dir(self.secrets_directory()).unwrap();
        let ring = json!({"primary": "k1", "keys": {"k1": base64_standard(&[7; 32])}});
        self.write_secret("sealing-keys", &ring);
        self.write_certificate(created);
    }

    pub(crate) fn write_certificate(&self, created: &CreatedCertificate) {
        let certificate = json!({
            "certificate": created.certificate_pem,
            "private_key": created.private_key_pem.expose_secret(),
        });
        self.write_secret("certificate", &certificate);
    }

    /// A secret is gone.
    pub(crate) fn remove_secret(&self, name: &str) {
        fs::remove_file(self.secrets_directory().join(name)).unwrap();
    }

    pub(crate) fn write_secret(&self, name: &str, value: &Value) {
        let path = self.secrets_directory().join(name);
        fs::write(&path, value.to_string()).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        }
    }

    fn write_run(&self, endpoint: &str) {
        let run = json!({
            "process_id": 1,
            "data_directory": self.directory().canonicalize().unwrap(),
            "consent_url": "http://localhost:1/consent",
            "vending_url": "http://localhost:1",
            "entra_url": DEAD_AUTHORITY,
            "table_endpoint": endpoint,
            "table_name": "broker",
            "client_id": CLIENT,
            "secrets_directory": self.secrets_directory(),
            "certificate_file": null,
            "settings": {
                "ENTRA_CLIENT_ID": CLIENT,
                "ENTRA_AUTHORITY": DEAD_AUTHORITY,
                "TABLE_NAME": "broker",
                "CONTROL_TABLE_NAME": CONTROL_TABLE,
                "CERTIFICATE_SECRET_ID": "certificate",
                "CONSENT_KEYS_SECRET_ID": "consent-keys",
                "SEALING_KEYS_SECRET_ID": "sealing-keys",
                "FEED_WEBHOOK_KEYS_SECRET_ID": "webhook-keys",
                "CONSENT_REDIRECT_URI": REDIRECT_URI,
                "CONSENT_RETURN_URLS": "https://portal.example/m365",
            },
        });
        fs::write(self.directory().join("run.json"), run.to_string()).unwrap();
    }

    /// Changes one field of the run file.
    pub(crate) fn change_run(&self, pointer: &str, value: Value) {
        let path = self.directory().join("run.json");
        let mut run: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        *run.pointer_mut(pointer).unwrap() = value;
        fs::write(path, run.to_string()).unwrap();
    }

    /// Changes one setting of the run file.
    pub(crate) fn set(&self, name: &str, value: &str) {
        self.change_settings(|settings| settings[name] = json!(value));
    }

    /// Takes one away.
    pub(crate) fn unset(&self, name: &str) {
        self.change_settings(|settings| {
            settings.as_object_mut().unwrap().remove(name);
        });
    }

    fn change_settings(&self, change: impl FnOnce(&mut Value)) {
        let mut settings = self.settings();
        change(&mut settings);
        self.change_run("/settings", settings);
    }

    /// From now on commands reach the table through one that refuses this kind of request about
    /// an operator's action.
    pub(crate) async fn refuse_actions(&self, operation: &'static str) {
        let run = fs::read(self.directory().join("run.json")).unwrap();
        let run: Value = serde_json::from_slice(&run).unwrap();
        let table = run["table_endpoint"].as_str().unwrap().to_owned();
        let refusing = refusing::serve(table, operation).await;
        self.change_run("/table_endpoint", json!(refusing));
    }

    /// The settings of the run file.
    pub(crate) fn settings(&self) -> Value {
        let run = fs::read(self.directory().join("run.json")).unwrap();
        let run: Value = serde_json::from_slice(&run).unwrap();
        run["settings"].clone()
    }

    /// Runs a command on this data directory, where nobody can be asked.
    pub(crate) async fn run(&self, command: &[&str]) -> Ran {
        self.run_with(command, None).await
    }

    /// Runs a command at a terminal at which `typed` is typed.
    pub(crate) async fn run_typing(&self, command: &[&str], typed: &str) -> Ran {
        self.run_with(command, Some(typed)).await
    }

    /// Runs a command into which `piped` is piped.
    pub(crate) async fn run_piping(&self, command: &[&str], piped: &[u8]) -> Ran {
        run_at(&self.line(command), None, piped).await
    }

    async fn run_with(&self, command: &[&str], typed: Option<&str>) -> Ran {
        run(&self.line(command), typed).await
    }

    fn line<'l>(&'l self, command: &[&'l str]) -> Vec<&'l str> {
        let directory = self.directory().to_str().unwrap();
        [&["operator", "--data-dir", directory], command].concat()
    }
}
