//! The object store of one machine: S3's protocol in front of a directory, on loopback, for the
//! same adapter that speaks to S3 (decision 0059). Its objects are plain files, at the path that
//! their key says.
//!
//! Requests are signed with the run's access key. It knows one bucket, which is the directory.

mod bucket;
mod files;
mod listing;
mod uploads;

use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use auth::ports::Random;
use auth::secret::{ExposeSecret as _, SecretString};
use auth::text::shown_path;
use aws::Endpoint;
use axum::Router;
use axum::error_handling::HandleError;
use axum::http::StatusCode;
use axum::serve::Listener;
use s3s::HttpError;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use self::bucket::Bucket;
use self::files::Files;
use crate::tls::Tls;

pub use self::bucket::BUCKET;

/// The running store.
pub struct LocalObjects {
    /// How the adapter finds it.
    pub endpoint: Endpoint,
    /// The same for others.
    pub url: String,
    /// Ends with the shutdown.
    pub task: JoinHandle<()>,
}

/// Whose requests are answered.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// The access key's id.
    pub access_key_id: &'a str,
    /// Its secret.
    pub secret: &'a SecretString,
}

/// Serves the directory, which has to be there, on a free port over plain HTTP. What a run that
/// was killed left of objects that were not whole is cleared.
pub async fn serve(
    directory: &Path,
    signer: Signer<'_>,
    random: Arc<dyn Random>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<LocalObjects> {
    serve_behind(directory, signer, random, None, shutdown).await
}

/// The same behind TLS, where there is any.
pub(crate) async fn serve_behind(
    directory: &Path,
    signer: Signer<'_>,
    random: Arc<dyn Random>,
    tls: Option<&Tls>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<LocalObjects> {
    let files = Files::open(directory, random);
    let files = files.with_context(|| format!("{} cannot be used", shown_path(directory)))?;
    let service = service(files, signer);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    Ok(match tls {
        None => {
            let url = format!("http://{}", listener.local_addr()?);
            LocalObjects {
                endpoint: Endpoint::Local(url.clone()),
                url,
                task: spawn(listener, service, shutdown),
            }
        }
        Some(tls) => {
            let listener = tls.listen(listener);
            let url = format!("https://{}", listener.local_addr()?);
            LocalObjects {
                endpoint: Endpoint::LocalTls {
                    url: url.clone(),
                    ca_pem: tls.ca_pem.clone(),
                },
                url,
                task: spawn(listener, service, shutdown),
            }
        }
    })
}

fn service(files: Files, signer: Signer<'_>) -> S3Service {
    let mut service = S3ServiceBuilder::new(Bucket::of(files));
    let secret = signer.secret.expose_secret();
    service.set_auth(SimpleAuth::from_single(signer.access_key_id, secret));
    service.build()
}

fn spawn<L>(
    listener: L,
    service: S3Service,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<()>
where
    L: Listener,
    L::Addr: std::fmt::Debug,
{
    // What S3 itself refuses is an answer already.
    let broken = async |_: HttpError| StatusCode::INTERNAL_SERVER_ERROR;
    let app = Router::new().fallback_service(HandleError::new(service, broken));
    let served = axum::serve(listener, app).with_graceful_shutdown(shutdown);
    tokio::spawn(async move {
        if let Err(error) = served.await {
            tracing::error!(event = "objects_stopped", %error, "the object store's server stopped");
        }
    })
}
