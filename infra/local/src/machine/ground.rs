//! What everything else stands on: the data directory, the listeners, the table, the
//! platform and the environment of the functions. Every problem with a person's input
//! (a port in use, a damaged file, a certificate) is found here or right after it.

use std::sync::Arc;

use anyhow::{Context as _, bail};
use auth::ClientId;
use auth::ports::{Clock, Random, SecretSource};
use auth::text::shown_path;
use aws::{CertificateFile, SecretFiles};
use gateway_sim::AccessKey;
use microsoft::{StartError, load_signing_key};
use wiring::Platform;

use super::environment::{Environment, Facts};
use super::stopping::{Ending, Stopping, stopped};
use super::trust::{EXTRA_CA_FILE, extra_ca_file, own_tls, persons_ca_file};
use crate::data::{CERTIFICATE, DataDirectory};
use crate::development_issuer::DevelopmentIssuer;
use crate::entrance::Entrance;
use crate::objects::{self, LocalObjects, Signer};
use crate::options::{Options, Parts};
use crate::queue::LocalQueue;
use crate::table::{self, LocalTable};
use crate::tls::Tls;

/// What everything else stands on.
pub(super) struct Ground {
    pub(super) data: DataDirectory,
    pub(super) client_id: ClientId,
    pub(super) issuer: DevelopmentIssuer,
    /// Who may sign for the function URL.
    pub(super) access_key: AccessKey,
    /// Who the collector is, to STS and the object store.
    pub(super) collector_key: AccessKey,
    /// `None` where nothing speaks TLS.
    pub(super) tls: Option<Arc<Tls>>,
    /// Consent and vending.
    pub(super) http_api: Entrance,
    /// Vending, for callers that sign.
    pub(super) function_url: Entrance,
    /// The simulated STS, for the functions.
    pub(super) sts: Entrance,
    /// The simulated Entra ID; `None` for the real one.
    pub(super) entra: Option<Entrance>,
    /// The simulator's URL.
    pub(super) simulated_authority: Option<String>,
    pub(super) table: LocalTable,
    pub(super) objects: LocalObjects,
    /// What wakes the collector.
    pub(super) queue: Arc<LocalQueue>,
    pub(super) platform: Platform,
    pub(super) environment: Environment,
}

impl Ground {
    pub(super) async fn lay(
        options: &Options,
        parts: Parts,
        stopping: &Stopping,
    ) -> anyhow::Result<Self> {
        let (clock, random, pause) = (parts.clock, parts.random, parts.pause);
        let persons_cas = persons_ca_file((parts.environment)(EXTRA_CA_FILE).as_deref())?;
        let data = DataDirectory::open(&options.data_dir)?;
        let secrets = secrets(options, &data);
        check_own_certificate(options, secrets.as_ref(), clock.as_ref()).await?;
        let client_id = client_id(options, &data, random.as_ref())?;
        data.make_secrets(clock.as_ref(), random.as_ref())?;
        let issuer = data.issuer(random.as_ref())?;
        let access_key = data.access_key(random.as_ref())?;
        let collector_key = data.collector_key(&access_key, random.as_ref())?;
        let tls = options.tls.then(|| own_tls(&data, random.as_ref()));
        let tls = tls.transpose()?;
        let extra_ca_file = extra_ca_file(&data, tls.as_deref(), persons_cas)?;
        let http_api = Entrance::bind(options.port, "--port", tls.as_ref()).await?;
        let function_url = Entrance::bind(
            options.function_url_port,
            "--function-url-port",
            tls.as_ref(),
        )
        .await?;
        let sts = Entrance::bind(0, "--port", tls.as_ref()).await?;
        let entra = match options.real_entra {
            Some(_) => None,
            None => Some(Entrance::bind(options.entra_port, "--entra-port", tls.as_ref()).await?),
        };
        let simulated_authority = entra.as_ref().map(|entra| entra.base_url.clone());
        let environment = Environment::new(
            Facts {
                client_id,
                base_url: &http_api.base_url,
                extra_ca_file: extra_ca_file.as_deref(),
                authority: simulated_authority.as_deref(),
                issuer: &issuer,
                sts: (&sts.base_url, &access_key.region),
                refresh_every: options.refresh_every,
            },
            parts.environment,
        );
        let table = table::serve(
            &data.make_table_file()?,
            tls.as_deref(),
            stopped(stopping.clone(), Ending::Everything),
        )
        .await?;
        let objects = objects::serve_behind(
            &data.objects_directory()?,
            Signer {
                access_key_id: &collector_key.id,
                secret: &collector_key.secret,
            },
            Arc::clone(&random),
            tls.as_deref(),
            stopped(stopping.clone(), Ending::Everything),
        )
        .await?;
        let mut platform = platform(&data, &table, secrets, clock, random).await?;
        platform.pause = pause;
        let own = aws::connect(&objects.endpoint).await;
        platform.own = Some(own.signing_as(&collector_key.id, &collector_key.secret));
        let queue = Arc::new(LocalQueue::new(Arc::clone(&platform.clock)));
        platform.wakes = Some(queue.clone());
        Ok(Self {
            data,
            client_id,
            issuer,
            access_key,
            collector_key,
            tls,
            http_api,
            function_url,
            sts,
            entra,
            simulated_authority,
            table,
            objects,
            queue,
            platform,
            environment,
        })
    }
}

fn client_id(
    options: &Options,
    data: &DataDirectory,
    random: &dyn Random,
) -> anyhow::Result<ClientId> {
    let real = options.real_entra.as_ref();
    let real = real.map(|real| real.client_id.parse().context("ENTRA_CLIENT_ID"));
    Ok(data.client_id(real.transpose()?, random)?)
}

fn secrets(options: &Options, data: &DataDirectory) -> Arc<dyn SecretSource> {
    let files = SecretFiles::new(data.secrets_directory());
    match &options.real_entra {
        None => Arc::new(files),
        Some(real) => Arc::new(CertificateFile {
            path: real.certificate_file.clone(),
            name: CERTIFICATE.to_owned(),
            others: files,
        }),
    }
}

/// Before anything is made: a start with the wrong file leaves nothing behind. The
/// functions know the certificate by its secret's name; the person knows the file.
async fn check_own_certificate(
    options: &Options,
    secrets: &dyn SecretSource,
    clock: &dyn Clock,
) -> anyhow::Result<()> {
    let Some(real) = &options.real_entra else {
        return Ok(());
    };
    match load_signing_key(secrets, CERTIFICATE, clock).await {
        Ok(_) => Ok(()),
        Err(StartError::Certificate { reason, .. }) => {
            bail!("{}: {reason}", shown_path(&real.certificate_file))
        }
        Err(error) => Err(error.into()),
    }
}

async fn platform(
    data: &DataDirectory,
    table: &LocalTable,
    secrets: Arc<dyn SecretSource>,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
) -> anyhow::Result<Platform> {
    let connection = aws::connect(&table.endpoint).await;
    let store = table::make(&connection, Arc::clone(&random), &data.table_file()).await?;
    Ok(Platform::new(store, secrets, clock, random))
}
