//! A gateway at its port: connections are taken, requests handed over with the other
//! end's address, and the end awaited. What is answered is the gateway's business.

use std::{future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{
    extract::{ConnectInfo, Request, connect_info::Connected},
    handler::HandlerWithoutStateExt,
    response::Response,
    serve::{IncomingStream, Listener},
};
use tokio::sync::oneshot;

/// What answers requests.
pub(super) trait Gateway: Send + Sync + 'static {
    /// Answers one request from `peer`; there is always an answer.
    fn answer(
        &self,
        peer: SocketAddr,
        request: Request,
    ) -> impl Future<Output = Response> + Send + '_;
}

/// Serves until `shutdown` completes; requests in flight are finished, and waited for
/// at most `grace`.
pub(super) async fn serve<L, G>(
    listener: L,
    gateway: G,
    grace: Duration,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()>
where
    L: Listener<Addr = SocketAddr>,
    G: Gateway,
{
    let gateway = Arc::new(gateway);
    let service = move |ConnectInfo(peer): ConnectInfo<Peer>, request: Request| {
        let gateway = Arc::clone(&gateway);
        async move { gateway.answer(peer.0, request).await }
    };
    let (stopping, stopped) = oneshot::channel();
    let service = service.into_make_service_with_connect_info::<Peer>();
    let served = axum::serve(Accepting(listener), service).with_graceful_shutdown(async move {
        shutdown.await;
        let _ = stopping.send(());
    });
    let mut served = pin!(served.into_future());
    tokio::select! {
        ended = &mut served => return ended,
        _ = stopped => {}
    }
    tokio::time::timeout(grace, served).await.unwrap_or(Ok(()))
}

/// The other end of the connection.
#[derive(Clone, Copy)]
struct Peer(SocketAddr);

/// Any listener over TCP. axum tells the peer of its own listeners only, and for
/// a type of ours it can be told how.
struct Accepting<L>(L);

impl<L: Listener> Listener for Accepting<L> {
    type Io = L::Io;
    type Addr = L::Addr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        self.0.accept().await
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl<L> Connected<IncomingStream<'_, Accepting<L>>> for Peer
where
    L: Listener<Addr = SocketAddr>,
{
    fn connect_info(stream: IncomingStream<'_, Accepting<L>>) -> Self {
        Self(*stream.remote_addr())
    }
}
