//! TLS of the one-machine run: a certificate authority of the data directory's own, a
//! certificate for `localhost` under it, and the listener that takes TLS off. Where the
//! CA is kept is the data directory's business; what is spoken inside is the gateways',
//! the simulator's and the table's.
//!
//! Validity goes by the system's clock, never by one that a test moves: what checks
//! these certificates (curl, browsers, rustls in this process) reads that one.

mod authority;
mod leaf;
mod listener;
mod relay;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use auth::ports::Clock;
use axum::serve::Listener;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::{ServerConfig, crypto::aws_lc_rs};

pub(crate) use self::authority::{Authority, Unusable, make_certificate, make_key};
use self::leaf::{Leaves, TlsError};
pub(crate) use self::listener::TlsListener;
pub(crate) use self::relay::relay;

/// What the gateways, the simulator and the table are served with.
pub(crate) struct Tls {
    /// The CA's certificate, where clients find it.
    pub(crate) ca_file: PathBuf,
    /// The same, PEM.
    pub(crate) ca_pem: String,
    config: Arc<ServerConfig>,
}

impl Tls {
    /// `ca_file`: where the authority's certificate is kept.
    pub(crate) fn new(
        authority: Authority,
        ca_file: PathBuf,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, TlsError> {
        let ca_pem = authority.certificate_pem().to_owned();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let leaves = Leaves::new(authority, Arc::clone(&provider), clock)?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(leaves));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            ca_file,
            ca_pem,
            config: Arc::new(config),
        })
    }

    /// Takes TLS off what arrives at `tcp`.
    pub(crate) fn listen<L>(&self, tcp: L) -> TlsListener<L>
    where
        L: Listener<Io = TcpStream, Addr = SocketAddr>,
    {
        TlsListener::new(tcp, TlsAcceptor::from(Arc::clone(&self.config)))
    }
}
