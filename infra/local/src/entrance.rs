//! A port of the run: bound early, because its URL is part of the settings, and served
//! once everything behind it stands. It knows whether it speaks TLS; who answers there
//! it does not.

use std::sync::Arc;

use anyhow::bail;
use gateway_sim::Scheme;

use crate::loopback::Loopback;
use crate::tls::Tls;

/// A port of both loopback addresses with the URL by which clients know it.
pub(crate) struct Entrance {
    pub(crate) tcp: Loopback,
    pub(crate) tls: Option<Arc<Tls>>,
    /// Says `localhost`; without a trailing slash.
    pub(crate) base_url: String,
}

impl Entrance {
    /// Binds `port`, 0 for a free one; `option` is what a person chooses it with.
    pub(crate) async fn bind(
        port: u16,
        option: &str,
        tls: Option<&Arc<Tls>>,
    ) -> anyhow::Result<Self> {
        let tcp = bind(port, option).await?;
        let scheme = match tls {
            Some(_) => Scheme::Https,
            None => Scheme::Http,
        };
        Ok(Self {
            base_url: format!("{}://localhost:{}", scheme.as_str(), tcp.port()?),
            tls: tls.cloned(),
            tcp,
        })
    }
}

async fn bind(port: u16, option: &str) -> anyhow::Result<Loopback> {
    match Loopback::bind(port).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => bail!(
            "port {port} is in use on 127.0.0.1 or ::1: stop what listens there, or choose another with {option} \
             (0 takes a free one)"
        ),
        Err(error) => bail!("port {port} cannot be used: {error}: choose another with {option}"),
    }
}
