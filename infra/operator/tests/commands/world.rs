//! What stands in for a one-machine run: a DynamoDB engine in this process, and a data
//! directory with the run file and the secrets that a run leaves there.

use std::fs::{self, File};
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use auth::encoding::{base64_standard, base64url};
use auth::ports::{Clock as _, Connecting, Settlement, Tenants as _, TokenStore as _, Write};
use auth::secret::ExposeSecret as _;
use auth::token::{AccessToken, AppOnlyToken};
use auth::{Cause, CauseCode, Cloud, Resource, Tenant, TenantId, TenantStatus, Timestamp};
use aws::{Endpoint, RingSource, SealedTokens, SecretFiles, SystemClock, SystemRandom, Table};
use clap::Parser as _;
use entra::certificate::CreatedCertificate;
use operator::{Arguments, Console, Exit};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;

pub(crate) const CLIENT: &str = "2d4d11a2-f814-46a7-890a-274a72a7309e";
pub(crate) const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
pub(crate) const OTHER: &str = "1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357";
/// Nobody listens there.
const DEAD_AUTHORITY: &str = "http://127.0.0.1:1";

pub(crate) const REDIRECT_URI: &str = "http://localhost:8080/consent/callback";

/// A data directory whose run answers for as long as this lives.
pub(crate) struct World {
    directory: TempDir,
    /// What the broker proves itself with, DER.
    pub(crate) certificate: Vec<u8>,
    pub(crate) table: Table,
    /// A run holds it for as long as it lives.
    lock: File,
    _shutdown: oneshot::Sender<()>,
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) exit: Exit,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl World {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0))
            .await
            .unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (shutdown, down) = oneshot::channel::<()>();
        let database = dynoxide::Database::memory().unwrap();
        tokio::spawn(dynoxide::server::serve_with_shutdown(
            listener,
            database,
            async move {
                // Either way of ending means the same: the test is over.
                let _ = down.await;
            },
        ));
        let connection = aws::connect(&Endpoint::Local(endpoint.clone())).await;
        let table = connection.table("broker", Arc::new(SystemRandom));
        table.create().await.unwrap();
        let created = entra::certificate::create("operator's tests", 1, SystemClock.now()).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let lock = File::create(directory.path().join("lock")).unwrap();
        lock.lock().unwrap();
        let world = World {
            directory,
            lock,
            certificate: created.der.clone(),
            table,
            _shutdown: shutdown,
        };
        world.write_secrets(&created);
        world.write_run(&endpoint);
        world
    }

    /// With one active tenant.
    pub(crate) async fn connected() -> Self {
        let world = Self::start().await;
        let connected = tenant(TENANT, TenantStatus::Active, None);
        world.connect(&connected).await;
        world
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// The run was killed, and its table's port is another program's.
    pub(crate) fn kill_the_run(&self) {
        self.lock.unlock().unwrap();
    }

    fn secrets_directory(&self) -> PathBuf {
        self.directory().join("secrets")
    }

    fn write_secrets(&self, created: &CreatedCertificate) {
        fs::create_dir(self.secrets_directory()).unwrap();
        let ring = json!({"primary": "k1", "keys": {"k1": base64_standard(&[7; 32])}});
        self.write_secret("sealing-keys", &ring);
        let certificate = json!({
            "certificate": created.certificate_pem,
            "private_key": created.private_key_pem.expose_secret(),
        });
        self.write_secret("certificate", &certificate);
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
                "CERTIFICATE_SECRET_ID": "certificate",
                "CONSENT_KEYS_SECRET_ID": "consent-keys",
                "SEALING_KEYS_SECRET_ID": "sealing-keys",
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

    /// The settings of the run file.
    pub(crate) fn settings(&self) -> Value {
        let run = fs::read(self.directory().join("run.json")).unwrap();
        let run: Value = serde_json::from_slice(&run).unwrap();
        run["settings"].clone()
    }

    /// Runs a command on this data directory, where nobody can be asked.
    pub(crate) async fn run(&self, command: &[&str]) -> Outcome {
        self.run_with(command, None).await
    }

    /// Runs a command at a terminal at which `typed` is typed.
    pub(crate) async fn run_typing(&self, command: &[&str], typed: &str) -> Outcome {
        self.run_with(command, Some(typed)).await
    }

    /// Runs a command into which `piped` is piped.
    pub(crate) async fn run_piping(&self, command: &[&str], piped: &[u8]) -> Outcome {
        run_at(&self.line(command), None, piped).await
    }

    async fn run_with(&self, command: &[&str], typed: Option<&str>) -> Outcome {
        run(&self.line(command), typed).await
    }

    fn line<'l>(&'l self, command: &[&'l str]) -> Vec<&'l str> {
        let directory = self.directory().to_str().unwrap();
        [&["operator", "--data-dir", directory], command].concat()
    }

    /// Connects `tenant` as it is, with a record for the management API.
    pub(crate) async fn connect(&self, tenant: &Tenant) {
        let due_at = SystemClock.now();
        let resources = [management()];
        let write = self
            .table
            .connect(Connecting::new(tenant, &resources, due_at))
            .await;
        assert_eq!(write.unwrap(), Write::Done);
    }

    /// The store that seals with the run's ring.
    async fn sealed_tokens(&self) -> SealedTokens {
        let ring = RingSource {
            secrets: Arc::new(SecretFiles::new(self.secrets_directory())),
            name: "sealing-keys".to_owned(),
        };
        let (table, clock) = (self.table.clone(), Arc::new(SystemClock));
        let tokens = SealedTokens::load(table, ring, CLIENT.parse().unwrap(), clock);
        tokens.await.unwrap()
    }

    /// The tenant was refused an hour ago as if its consent were gone.
    pub(crate) async fn suspect(&self, id: &str) {
        let tokens = self.sealed_tokens().await;
        let record = tokens.read(id.parse().unwrap(), &management()).await;
        let now = SystemClock.now();
        let settlement = Settlement::Failure {
            next_attempt_at: now,
            refresh_at: now,
            failures: 1,
            cause: &CauseCode::NotConsented.into(),
            suspected_at: Some(now - Duration::from_secs(3600)),
            drop_token: false,
        };
        let write = tokens.settle(&record.unwrap().unwrap(), settlement).await;
        assert_eq!(write.unwrap(), Write::Done);
    }

    /// Gives the record of `id` a sealed token that lives for `life`; returns its text.
    pub(crate) async fn hold_token(&self, id: &str, life: Duration) -> String {
        let tokens = self.sealed_tokens().await;
        let record = tokens.read(id.parse().unwrap(), &management()).await;
        let text = jwt(id);
        let token = AppOnlyToken {
            issued_at: SystemClock.now(),
            access_token: AccessToken::new(text.clone()),
            expires_at: SystemClock.now() + life,
        };
        let settlement = Settlement::Token {
            token: &token,
            refresh_at: token.expires_at,
        };
        let write = tokens.settle(&record.unwrap().unwrap(), settlement).await;
        assert_eq!(write.unwrap(), Write::Done);
        text
    }

    pub(crate) async fn find(&self, id: &str) -> Tenant {
        let found = self.table.find(id.parse().unwrap()).await;
        found.unwrap().unwrap()
    }
}

impl Outcome {
    /// Standard output as JSON; the command must have succeeded without a word.
    pub(crate) fn json(&self) -> Value {
        assert_eq!((self.exit, self.err.as_str()), (Exit::Done, ""), "{self:?}");
        serde_json::from_str(&self.out).unwrap()
    }

    /// The one line on standard error of a command that failed and printed nothing.
    pub(crate) fn refusal(&self) -> &str {
        assert_eq!(
            (self.exit, self.out.as_str()),
            (Exit::Failed, ""),
            "{self:?}"
        );
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        &self.err
    }
}

/// Runs a whole command line without any environment.
pub(crate) async fn run(line: &[&str], typed: Option<&str>) -> Outcome {
    run_at(line, typed, b"").await
}

async fn run_at(line: &[&str], typed: Option<&str>, mut piped: &[u8]) -> Outcome {
    let arguments = Arguments::try_parse_from(line).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let unseen = typed.unwrap_or_default().to_owned();
    let mut typed = typed.map(str::as_bytes);
    let mut console = Console {
        out: &mut out,
        err: &mut err,
        person: typed.as_mut().map(|typed| typed as &mut dyn BufRead),
        piped: &mut piped,
        progress: false,
        unseen: &mut || Ok(unseen.clone()),
    };
    let exit = operator::run(arguments, &|_| None, &mut console).await;
    Outcome {
        exit,
        out: String::from_utf8(out).unwrap(),
        err: String::from_utf8(err).unwrap(),
    }
}

pub(crate) fn management() -> Resource {
    Cloud::Public.management_resource()
}

pub(crate) fn tenant(id: &str, status: TenantStatus, cause: Option<Cause>) -> Tenant {
    let id: TenantId = id.parse().unwrap();
    Tenant {
        id,
        customer: "Contoso, Inc.".parse().unwrap(),
        cloud: Cloud::Public,
        status,
        cause_resource: cause.is_some().then(management),
        cause,
        since: Timestamp::from_unix(1_431_655_194),
        consented_at: Some(Timestamp::from_unix(1_431_655_100)),
        roles: vec!["ActivityFeed.Read".to_owned()],
        tags: Default::default(),
        version: None,
    }
}

fn jwt(tenant: &str) -> String {
    let claims = json!({
        "aud": management().as_str(),
        "tid": tenant,
        "roles": ["ActivityFeed.Read"],
        "appid": CLIENT,
    });
    let payload = base64url(claims.to_string().as_bytes());
    format!("e30.{payload}.c2lnbmF0dXJl")
}
