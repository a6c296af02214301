//! One port on both loopback addresses. Links say `localhost`, which is 127.0.0.1 for one
//! client and ::1 for another: both are answered, or another program's page could be at the
//! address that is left. A machine without IPv6 goes on with 127.0.0.1 alone.

use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};

/// A free port is free on one address by chance, and then mostly on the other too.
const TRIES: u32 = 32;

/// The port's listeners.
pub(crate) struct Loopback {
    v4: TcpListener,
    v6: Option<TcpListener>,
}

impl Loopback {
    /// Binds `port`; 0 takes one that is free on both addresses. Fails with
    /// [`ErrorKind::AddrInUse`] when another program has one of them.
    pub(crate) async fn bind(port: u16) -> io::Result<Self> {
        let mut tries = if port == 0 { TRIES } else { 1 };
        loop {
            tries -= 1;
            match Self::bind_once(port).await {
                Err(error) if error.kind() == ErrorKind::AddrInUse && tries > 0 => {}
                outcome => return outcome,
            }
        }
    }

    async fn bind_once(port: u16) -> io::Result<Self> {
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let port = v4.local_addr()?.port();
        let v6 = match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
            Ok(listener) => Some(listener),
            Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(error),
            Err(error) => {
                tracing::debug!(%error, "no IPv6 on loopback: 127.0.0.1 alone is served");
                None
            }
        };
        Ok(Self { v4, v6 })
    }

    pub(crate) fn port(&self) -> io::Result<u16> {
        Ok(self.v4.local_addr()?.port())
    }
}

impl Listener for Loopback {
    type Io = TcpStream;
    type Addr = SocketAddr;

    /// axum's own way to accept: it waits while the system has no descriptor.
    async fn accept(&mut self) -> (TcpStream, SocketAddr) {
        let (stream, peer) = match &mut self.v6 {
            None => Listener::accept(&mut self.v4).await,
            Some(v6) => tokio::select! {
                accepted = Listener::accept(&mut self.v4) => accepted,
                accepted = Listener::accept(v6) => accepted,
            },
        };
        // Small answers must not wait for the peer's acknowledgement.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY was refused");
        }
        (stream, peer)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.v4.local_addr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both addresses, or the one that this machine has.
    async fn addresses() -> Vec<SocketAddr> {
        let v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.is_ok();
        let v4 = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let v6 = v6.then(|| SocketAddr::from((Ipv6Addr::LOCALHOST, 0)));
        [Some(v4), v6].into_iter().flatten().collect()
    }

    fn at(mut address: SocketAddr, port: u16) -> SocketAddr {
        address.set_port(port);
        address
    }

    #[tokio::test]
    async fn a_free_port_answers_on_every_loopback_address_and_says_who_called() {
        for _ in 0..10 {
            let mut listener = Loopback::bind(0).await.unwrap();
            let port = listener.port().unwrap();
            assert_ne!(port, 0);
            for address in addresses().await {
                let connected = TcpStream::connect(at(address, port)).await.unwrap();
                let (_, peer) = listener.accept().await;
                assert_eq!(peer, connected.local_addr().unwrap());
                assert_eq!(peer.ip(), address.ip());
            }
        }
    }

    #[tokio::test]
    async fn a_port_that_is_taken_on_one_address_is_taken() {
        for address in addresses().await {
            let taken = TcpListener::bind(address).await.unwrap();
            let port = taken.local_addr().unwrap().port();
            let refused = Loopback::bind(port).await.err().map(|error| error.kind());
            assert_eq!(refused, Some(ErrorKind::AddrInUse), "{address}");
            // The other address is free again.
            for other in addresses()
                .await
                .into_iter()
                .filter(|other| *other != address)
            {
                TcpListener::bind(at(other, port)).await.unwrap();
            }
        }
    }
}
