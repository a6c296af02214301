//! The tables of one machine: a DynamoDB engine on an SQLite file, served on loopback
//! to the same adapter that speaks to DynamoDB.

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use auth::ports::Random;
use auth::text::shown_path;
use aws::{Connection, ControlTable, Endpoint};
use axum::serve::Listener as _;
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use wiring::Store;
use wiring::settings::TableNames;

use crate::tls::{Tls, relay};

/// The name of the table of tenants on one machine; the control table's follows from it.
pub(crate) const TABLE_NAME: &str = "tenants";

/// The names of both tables.
pub(crate) fn names() -> TableNames {
    TableNames {
        table: TABLE_NAME.to_owned(),
        control: ControlTable::name_beside(TABLE_NAME),
    }
}

/// Makes both tables, unless they are there. Refuses a file of a version that kept policies and
/// caller keys in the table of tenants. Fails closed because a new control table begins with a
/// policy for this machine's own callers, and whoever wrote a narrower one would not hear of it.
pub(crate) async fn make(
    connection: &Connection,
    random: Arc<dyn Random>,
    file: &Path,
) -> anyhow::Result<Store> {
    let file = shown_path(file);
    let names = names();
    let table = connection.table(names.table, Arc::clone(&random));
    let control = connection.control_table(names.control, random);
    let unusable = || format!("{file} cannot be used and was left as it was");
    table.create().await.with_context(unusable)?;
    let is_older = table.holds_control_rows().await.with_context(unusable)?;
    anyhow::ensure!(
        !is_older,
        "{file} is of an older version, which kept policies and caller keys among the tenants, and \
         was left as it was: start on another --data-dir, or move it away (with -wal and -shm \
         beside it) to begin with an empty table"
    );
    control.create().await.with_context(unusable)?;
    Ok(Store::new(table, control))
}

/// The running engine.
pub(crate) struct LocalTable {
    /// How the adapter finds it.
    pub(crate) endpoint: Endpoint,
    /// The same for others.
    pub(crate) url: String,
    pub(crate) task: JoinHandle<()>,
}

/// Opens the file, or makes it, and serves it on a free port. The engine speaks plain
/// HTTP only: over TLS it has another port, from which the first is reached.
pub(crate) async fn serve(
    file: &Path,
    tls: Option<&Tls>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<LocalTable> {
    let path = file
        .to_str()
        .context("the data directory's path is not UTF-8")?;
    let database = Database::new(path).map_err(|error| {
        anyhow::anyhow!(
            "{} is damaged and was left as it was: {error}. Repair it, or move it away \
             (with -wal and -shm beside it) to begin with an empty table",
            shown_path(file)
        )
    })?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let plain = listener.local_addr()?;
    let served = async move {
        let served = dynoxide::server::serve_with_shutdown(listener, database, shutdown).await;
        if let Err(error) = served {
            tracing::error!(event = "table_stopped", %error, "the table's server stopped");
        }
    };
    let Some(tls) = tls else {
        let url = format!("http://{plain}");
        return Ok(LocalTable {
            endpoint: Endpoint::Local(url.clone()),
            url,
            task: tokio::spawn(served),
        });
    };
    let listener = tls.listen(TcpListener::bind(("127.0.0.1", 0)).await?);
    let url = format!("https://{}", listener.local_addr()?);
    let ca_pem = tls.ca_pem.clone();
    let endpoint = Endpoint::LocalTls {
        url: url.clone(),
        ca_pem,
    };
    // The relay ends with the server: until then it carries what runs to its end.
    let task = tokio::spawn(async move {
        tokio::select! {
            () = served => {}
            never = relay(listener, plain) => match never {},
        }
    });
    Ok(LocalTable {
        endpoint,
        url,
        task,
    })
}
