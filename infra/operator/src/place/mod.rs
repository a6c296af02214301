//! Where a command works: on a one-machine run, or on AWS. What differs between them
//! is where settings and secrets come from and where the table is; nothing else of a
//! command knows which it is.

mod arguments;
mod liveness;
mod run_file;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use auth::operator_action::Actor;
use auth::ports::{DeployedSecret, Random, SecretSink, SecretSource};
use auth::text::shown_path;
use aws::{
    CertificateFile, Endpoint, HttpClient, ObjectStore, SecretFiles, SecretsManager, SystemClock,
    SystemRandom, connect, connect_to_aws,
};
use microsoft::TrustRoots;
use wiring::settings::{FeedPlace, Lookup, Reader, TableNames};
use wiring::{Platform, Store};

pub use self::arguments::PlaceArguments;
use self::liveness::{is_in_use, listens};
use self::run_file::{OfAnotherDirectory, RunFile, UnusableCa};

/// A store of secrets that a command reads and writes.
pub(crate) struct SecretStore {
    pub(crate) source: Arc<dyn SecretSource>,
    pub(crate) sink: Arc<dyn SecretSink>,
    /// Secrets Manager, with all versions; `None` of files, which are not rotated.
    pub(crate) manager: Option<Arc<SecretsManager>>,
}

/// CAs trusted besides the system's, as in the functions.
const EXTRA_CA_FILE: &str = "EXTRA_CA_FILE";

/// Where a command works.
pub enum Place<'a> {
    /// The account and region that the SDK's own variables name.
    Aws {
        /// Options that override variables.
        overrides: PlaceArguments,
        /// The variables.
        environment: Lookup<'a>,
        /// What it is asked through.
        client: HttpClient,
    },
    /// A run of the whole system on this machine; it answered a moment ago.
    OneMachine {
        /// Its data directory, as it was given.
        directory: PathBuf,
        /// What the run wrote down about itself.
        run: RunFile,
        /// The way to its table.
        table: Endpoint,
    },
}

/// Why what `run.json` says cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Ca(#[from] UnusableCa),
    #[error(transparent)]
    Origin(#[from] OfAnotherDirectory),
}

/// No run works on the data directory: its `run.json` is missing, cannot be read, or
/// was left behind by a run that has ended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no run of {directory} answers: start it with `cargo run -- --data-dir {directory}`")]
pub struct NoRun {
    directory: String,
}

impl<'a> Place<'a> {
    /// Finds the place; of a one-machine run also whether it answers.
    pub async fn find(
        arguments: &PlaceArguments,
        environment: Lookup<'a>,
    ) -> anyhow::Result<Place<'a>> {
        arguments.check()?;
        let Some(directory) = &arguments.data_dir else {
            let extra_cas = environment(EXTRA_CA_FILE).map(PathBuf::from);
            return Ok(Place::Aws {
                overrides: arguments.clone(),
                environment,
                client: TrustRoots::load(extra_cas.as_deref())?.http_client()?,
            });
        };
        let place = Self::one_machine(directory).await?;
        Ok(place.ok_or_else(|| NoRun {
            directory: shown_path(directory).to_string(),
        })?)
    }

    /// `None`: no run of this directory answers.
    async fn one_machine(directory: &Path) -> Result<Option<Place<'a>>, Unusable> {
        let Some(run) = RunFile::read(directory) else {
            return Ok(None);
        };
        run.check_origin(directory)?;
        // Asked first: the SDK would try a dead port three times, with pauses.
        if !listens(run.table_address()).await || !is_in_use(directory) {
            return Ok(None);
        }
        let place = Place::OneMachine {
            directory: directory.to_owned(),
            table: run.endpoint()?,
            run,
        };
        Ok(place.has_our_table().await.then_some(place))
    }

    /// Another program may have the port by now; only our table knows our key schema.
    async fn has_our_table(&self) -> bool {
        match self.store().await {
            Ok(store) => store.table().ping().await.is_ok(),
            Err(_) => false,
        }
    }

    /// The value of a variable here.
    fn variable(&self, name: &str) -> Option<String> {
        match self {
            Place::Aws {
                overrides,
                environment,
                ..
            } => {
                let option = overrides.in_place_of(name).map(str::to_owned);
                option.or_else(|| environment(name))
            }
            Place::OneMachine { run, .. } => run.setting(name),
        }
    }

    /// Reads settings; everything that is wrong with them is reported together.
    pub fn settings<T>(
        &self,
        read: impl FnOnce(&mut Reader<'_>) -> Option<T>,
    ) -> anyhow::Result<T> {
        let lookup = |name: &str| self.variable(name);
        let settings = wiring::settings::read(&lookup, read);
        settings.map_err(|error| anyhow::anyhow!("{error}; {}", self.advice()))
    }

    /// What to do about wrong settings.
    fn advice(&self) -> String {
        match self {
            Place::Aws { .. } => "set the variables as the functions have them, or use --table, \
                 --control-table, --certificate-secret, --consent-secret, --sealing-secret and \
                 --webhook-secret; --data-dir DIR works on a one-machine run"
                .to_owned(),
            Place::OneMachine { directory, .. } => {
                let directory = shown_path(directory);
                format!("stop the run of {directory} and start it again")
            }
        }
    }

    /// The tables' names, for commands that need no other setting.
    pub fn tables(&self) -> anyhow::Result<TableNames> {
        self.settings(TableNames::read)
    }

    /// What the tables keep, for commands that need nothing else.
    pub async fn store(&self) -> anyhow::Result<Store> {
        Ok(self.platform(&self.tables()?).await.store)
    }

    /// The tables with these names, the secrets, the clock and randomness. Makes no request.
    pub async fn platform(&self, tables: &TableNames) -> Platform {
        match self {
            Place::Aws { client, .. } => Platform::on_aws(tables, None, client.clone()).await,
            Place::OneMachine { run, table, .. } => {
                let random: Arc<dyn Random> = Arc::new(SystemRandom);
                let connection = connect(table).await;
                let store = Store::on(&connection, tables, Arc::clone(&random));
                let secrets = self.secrets_of(run);
                Platform::new(store, secrets, Arc::new(SystemClock), random)
            }
        }
    }

    /// The objects of the audit logs. Makes no request.
    pub(crate) async fn objects(&self, at: &FeedPlace) -> anyhow::Result<ObjectStore> {
        let connection = match self {
            Place::Aws { client, .. } => connect_to_aws(client.clone()).await,
            Place::OneMachine { run, .. } => run.objects().await?,
        };
        Ok(connection.objects(&at.bucket, &at.prefix))
    }

    /// Who works here: the principal of the credentials, as AWS names it, or the user of this
    /// machine.
    pub(crate) async fn actor(&self, user: &str) -> Actor {
        match self {
            Place::Aws { client, .. } => {
                let connection = connect_to_aws(client.clone()).await;
                Actor(connection.principal().await)
            }
            Place::OneMachine { .. } => Actor(user.to_owned()),
        }
    }

    /// The file of a person's own that this run takes its certificate from, in place of the
    /// secret.
    pub(crate) fn certificate_file(&self) -> Option<&Path> {
        match self {
            Place::Aws { .. } => None,
            Place::OneMachine { run, .. } => run.certificate_file.as_deref(),
        }
    }

    /// The secrets, to be written too.
    pub(crate) async fn secret_store(&self) -> SecretStore {
        match self {
            Place::Aws { client, .. } => {
                let secrets = Arc::new(connect_to_aws(client.clone()).await.secrets());
                SecretStore {
                    source: secrets.clone(),
                    sink: secrets.clone(),
                    manager: Some(secrets),
                }
            }
            Place::OneMachine { run, .. } => {
                let files = Arc::new(SecretFiles::new(&run.secrets_directory));
                SecretStore {
                    source: files.clone(),
                    sink: files,
                    manager: None,
                }
            }
        }
    }

    fn secrets_of(&self, run: &RunFile) -> Arc<dyn SecretSource> {
        let files = SecretFiles::new(&run.secrets_directory);
        let certificate = self.variable(DeployedSecret::Certificate.variable());
        match (&run.certificate_file, certificate) {
            (Some(path), Some(name)) => Arc::new(CertificateFile {
                path: path.clone(),
                name,
                others: files,
            }),
            _ => Arc::new(files),
        }
    }
}

/// The name of a secret.
pub(crate) fn read_secret_name(secret: DeployedSecret, reader: &mut Reader<'_>) -> Option<String> {
    let what = match secret {
        DeployedSecret::Certificate => "the name of the certificate's secret",
        DeployedSecret::ConsentKeys => "the name of the secret of the consent function's keys",
        DeployedSecret::SealingRing => "the name of the sealing ring's secret",
        DeployedSecret::WebhookKeys => "the name of the secret of the webhook's keys",
        DeployedSecret::EventKeys => "the name of the secret of the keys that sign events",
    };
    reader.required_secret_name(secret.variable(), what)
}

/// A setting of the one-machine run of a data directory, whether or not the run answers.
pub(crate) fn setting_of_run(directory: &Path, name: &str) -> Option<String> {
    RunFile::read(directory)?.setting(name)
}

#[cfg(test)]
mod tests;
