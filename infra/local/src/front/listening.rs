//! A gateway at its port: connections are taken, requests handed over with the other
//! end's address, every answer given its request id, and the end awaited. What is answered
//! is the gateway's business.

use std::{future::Future, io, net::SocketAddr, pin::pin, sync::Arc};

use axum::{
    extract::{ConnectInfo, Request, connect_info::Connected},
    handler::HandlerWithoutStateExt,
    http::{HeaderName, HeaderValue},
    response::Response,
    serve::{IncomingStream, Listener},
};
use tokio::sync::oneshot;

use super::{Scheme, Surroundings};

/// What answers requests.
pub(super) trait Gateway: Send + Sync + 'static {
    /// The header in which it tells the request id, on refusals too.
    const ID_HEADER: HeaderName;

    /// Clock, names, limits.
    fn surroundings(&self) -> &Surroundings;

    /// Answers one request.
    fn answer(
        &self,
        at: Place,
        request: Request,
        request_id: &str,
    ) -> impl Future<Output = Response> + Send;
}

/// Where a request came in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The other end.
    pub(super) peer: SocketAddr,
    /// What is spoken there.
    pub(super) scheme: Scheme,
    /// The port that it listens at.
    pub(super) port: u16,
}

/// Serves until `shutdown` completes; requests in flight are finished, and waited for
/// at most one integration time-out: a function has answered by then, and a client that
/// still sends is not waited for.
pub(super) async fn serve<L, G>(
    listener: L,
    scheme: Scheme,
    gateway: G,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()>
where
    L: Listener<Addr = SocketAddr>,
    G: Gateway,
{
    let grace = gateway.surroundings().integration_timeout;
    let port = listener.local_addr()?.port();
    let gateway = Arc::new(gateway);
    let service = move |ConnectInfo(Peer(peer)): ConnectInfo<Peer>, request: Request| {
        let gateway = Arc::clone(&gateway);
        let at = Place { peer, scheme, port };
        async move { with_id(gateway.as_ref(), at, request).await }
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

/// Every answer carries the request id.
async fn with_id<G: Gateway>(gateway: &G, at: Place, request: Request) -> Response {
    let request_id = (gateway.surroundings().request_id)();
    let mut response = gateway.answer(at, request, &request_id).await;
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        response.headers_mut().insert(G::ID_HEADER, value);
    }
    response
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
