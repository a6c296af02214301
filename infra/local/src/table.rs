//! The table of one machine: a DynamoDB engine on an SQLite file, served on loopback
//! to the same adapter that speaks to DynamoDB.

use std::future::Future;
use std::path::Path;

use anyhow::Context as _;
use dynoxide::Database;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The table's name on one machine.
pub(crate) const TABLE_NAME: &str = "tenants";

/// The running engine.
pub(crate) struct LocalTable {
    /// Where the adapter finds it.
    pub(crate) endpoint: String,
    pub(crate) task: JoinHandle<()>,
}

/// Opens the file, or makes it, and serves it on a free port.
pub(crate) async fn serve(
    file: &Path,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<LocalTable> {
    let path = file
        .to_str()
        .context("the data directory's path is not UTF-8")?;
    let database = Database::new(path).map_err(|error| {
        anyhow::anyhow!(
            "{} is damaged and was left as it was: {error}. Repair it, or move it away \
             (with -wal and -shm beside it) to begin with an empty table",
            file.display()
        )
    })?;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let endpoint = format!("http://{}", listener.local_addr()?);
    let task = tokio::spawn(async move {
        let served = dynoxide::server::serve_with_shutdown(listener, database, shutdown).await;
        if let Err(error) = served {
            tracing::error!(event = "table_stopped", %error, "the table's server stopped");
        }
    });
    Ok(LocalTable { endpoint, task })
}
