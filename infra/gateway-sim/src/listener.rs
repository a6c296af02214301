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

use crate::{
    connection::{ClientConnection, Scheme},
    surroundings::Surroundings,
};

/// What answers requests at a port.
pub trait Gateway: Send + Sync + 'static {
    /// The header that carries the request id, on refusals too.
    const ID_HEADER: HeaderName;

    /// Clock, names, limits.
    fn surroundings(&self) -> &Surroundings;

    /// Answers one request.
    fn answer(
        &self,
        at: ClientConnection,
        request: Request,
        request_id: &str,
    ) -> impl Future<Output = Response> + Send;
}

/// Serves until `shutdown` completes; requests in flight are finished, and waited for
/// at most one integration time-out: a function has answered by then, and a client that
/// still sends is not waited for.
///
/// # Errors
///
/// The listener does not know its own address.
pub async fn serve<G, L>(
    gateway: G,
    listener: L,
    scheme: Scheme,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()>
where
    G: Gateway,
    L: Listener<Addr = SocketAddr>,
{
    let grace = gateway.surroundings().integration_timeout;
    let port = listener.local_addr()?.port();
    let gateway = Arc::new(gateway);
    let service = move |ConnectInfo(Peer(peer)): ConnectInfo<Peer>, request: Request| {
        let gateway = Arc::clone(&gateway);
        let at = ClientConnection { peer, scheme, port };
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
async fn with_id<G: Gateway>(gateway: &G, at: ClientConnection, request: Request) -> Response {
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

/// Any listener over TCP. axum knows the peer of its own listeners only; for a type that is
/// defined here it takes [`Connected`] below.
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
