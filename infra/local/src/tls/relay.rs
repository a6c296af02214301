//! TLS in front of a server of this process that speaks none: what arrives is carried to
//! its port on loopback and back, byte by byte.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;

use axum::serve::Listener as _;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::server::TlsStream;

use super::listener::TlsListener;

/// Carries until it is dropped, and every connection with it.
pub(crate) async fn relay(mut listener: TlsListener<TcpListener>, to: SocketAddr) -> Infallible {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            (client, _) = listener.accept() => {
                open.spawn(carry(client, to));
            }
            // A connection that broke is between its two ends: both know.
            Some(_ended) = open.join_next() => {}
        }
    }
}

async fn carry(mut client: TlsStream<TcpStream>, to: SocketAddr) -> io::Result<()> {
    let mut server = TcpStream::connect(to).await?;
    server.set_nodelay(true)?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}
