//! Faults below HTTP, seen from a bare socket and by an HTTP client.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::TcpStream as Socket;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::serve::Listener;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::browser::v2_redemption;
use crate::world::World;

const KEYS: &str = "/common/discovery/v2.0/keys";

/// Everything that a connection gave for one GET, and how it ended.
struct Exchange {
    received: Vec<u8>,
    end: std::io::Result<usize>,
}

impl Exchange {
    async fn get(base_url: &str, path: &str) -> Self {
        let address = base_url.replace("http://localhost", "127.0.0.1");
        let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
        let talk = move || {
            let mut socket = Socket::connect(address).unwrap();
            // A connection that does not end is an error, not a test that hangs.
            let patience = Some(Duration::from_secs(20));
            socket.set_read_timeout(patience).unwrap();
            socket.write_all(request.as_bytes()).unwrap();
            let mut received = Vec::new();
            let end = socket.read_to_end(&mut received);
            Self { received, end }
        };
        tokio::task::spawn_blocking(talk).await.unwrap()
    }

    /// The promised and the received length of the body.
    fn lengths(&self) -> (usize, usize) {
        let text = String::from_utf8_lossy(&self.received);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let promised = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "))
            .unwrap();
        (promised.parse().unwrap(), body.len())
    }
}

async fn once(world: &World, fault: Value) {
    let mut fault = fault;
    fault["times"] = json!(1);
    world.set_fault(fault).await;
}

#[tokio::test]
async fn a_late_answer_outlasts_the_clients_patience_and_the_next_does_not() {
    let world = World::start().await;
    world.grant();
    once(&world, json!({"kind": "latency", "value": 60_000})).await;
    let (path, form) = world.app_only(world.tenants[0].tenant_id);
    let ask = |patience| {
        let request = world.http.post(world.url(&path)).form(&form);
        request.timeout(patience).send()
    };

    // Far less than the fault takes, and time for the request to arrive on a busy machine.
    let error = ask(Duration::from_secs(5)).await.unwrap_err();

    assert!(error.is_timeout(), "{error:?}");
    assert_eq!(world.stats().await["app_only_requests"], 1);
    let response = ask(Duration::from_secs(30)).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_late_answer_is_the_usual_one() {
    let world = World::start().await;
    world.grant();
    world
        .set_fault(json!({"kind": "latency", "value": 20}))
        .await;
    let tenant = world.tenants[0].tenant_id;
    assert_eq!(world.ask_app_only(tenant).await.0, StatusCode::OK);
    let other = world.tenants[1].tenant_id;
    let (_, body) = world.ask_app_only(other).await;
    assert_eq!(body["error_codes"], json!([7_000_229]));
}

#[tokio::test]
async fn a_cut_answer_promises_its_whole_body_and_ends_in_the_middle() {
    let world = World::start().await;
    for (value, expected) in [
        (json!(0), Some(0)),
        (json!(1), Some(1)),
        (json!(100), Some(100)),
        (Value::Null, None),
        (json!(1_000_000), Some(usize::MAX)),
    ] {
        once(
            &world,
            json!({"kind": "truncate", "endpoint": "jwks", "value": value}),
        )
        .await;
        let exchange = Exchange::get(&world.base_url, KEYS).await;
        let (promised, received) = exchange.lengths();
        let expected = expected.unwrap_or(promised / 2).min(promised - 1);
        assert_eq!(received, expected, "{value}");
        assert!(promised > 400 && exchange.end.is_ok(), "{value}");
    }
}

#[tokio::test]
async fn a_cut_answer_is_no_answer_to_a_client_and_the_next_is_whole() {
    let world = World::start().await;
    world.grant();
    once(&world, json!({"kind": "truncate"})).await;
    let tenant = world.tenants[0].tenant_id;
    let (path, form) = world.app_only(tenant);
    let request = world.http.post(world.url(&path)).form(&form);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert!(response.bytes().await.is_err());
    assert_eq!(world.ask_app_only(tenant).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_reset_connection_gives_nothing_and_the_next_an_answer() {
    let world = World::start().await;
    once(&world, json!({"kind": "reset", "endpoint": "jwks"})).await;
    let exchange = Exchange::get(&world.base_url, KEYS).await;
    assert!(exchange.received.is_empty());
    assert_eq!(exchange.end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(world.get_json(KEYS).await.0, StatusCode::OK);
}

/// The harder case for a client: carried out, and never heard of.
#[tokio::test]
async fn a_code_whose_answer_was_lost_is_redeemed() {
    let world = World::start().await;
    let path = "/organizations/oauth2/v2.0/token";
    let form = v2_redemption(&world.v2_code().await);
    once(&world, json!({"kind": "reset"})).await;
    let request = world.http.post(world.url(path)).form(&form);
    assert!(request.send().await.is_err());
    let (_, body) = world.redeem(path, &form).await;
    assert_eq!(body["error_codes"], json!([54005]));
}

#[tokio::test]
async fn a_broken_endpoint_leaves_the_others_whole() {
    let world = World::start().await;
    let tenant = world.tenants[0].tenant_id;
    let endpoints = [
        ("jwks", format!("/{tenant}/discovery/v2.0/keys")),
        (
            "discovery",
            format!("/{tenant}/v2.0/.well-known/openid-configuration"),
        ),
        ("authorize", format!("/{tenant}/oauth2/v2.0/authorize")),
        ("token", format!("/{tenant}/oauth2/v2.0/token")),
    ];
    for (broken, _) in &endpoints {
        once(
            &world,
            json!({"kind": "reset", "endpoint": broken, "tenant": tenant}),
        )
        .await;
        for (endpoint, path) in &endpoints {
            let request = match *endpoint {
                "token" => world.http.post(world.url(path)),
                _ => world.http.get(world.url(path)),
            };
            let answered = request.send().await.is_ok();
            assert_eq!(answered, endpoint != broken, "{broken}: {endpoint}");
        }
    }
}

#[tokio::test]
async fn a_fault_of_one_tenant_breaks_no_others_connection() {
    let world = World::start().await;
    world.grant();
    let other = world.tenants[1].tenant_id;
    for kind in ["reset", "truncate"] {
        world
            .set_fault(json!({"kind": kind, "tenant": other}))
            .await;
    }
    let tenant = world.tenants[0].tenant_id;
    assert_eq!(world.ask_app_only(tenant).await.0, StatusCode::OK);
    let (path, form) = world.app_only(other);
    let request = world.http.post(world.url(&path)).form(&form);
    assert!(request.send().await.is_err());
}

/// A stream below which no socket can be seen, as that of a TLS listener.
struct Opaque<T>(T);

impl Listener for Opaque<TcpListener> {
    type Io = Opaque<TcpStream>;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Opaque(stream), address)
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl AsyncRead for Opaque<TcpStream> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Opaque<TcpStream> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

#[tokio::test]
async fn where_the_socket_is_out_of_reach_the_connection_ends_all_the_same() {
    let world = World::start().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://localhost:{}", listener.local_addr().unwrap().port());
    let (simulator, url) = (world.simulator.clone(), base_url.clone());
    tokio::spawn(async move {
        let forever = std::future::pending();
        simulator.serve_on(Opaque(listener), url, forever).await
    });
    once(&world, json!({"kind": "reset", "endpoint": "jwks"})).await;
    let exchange = Exchange::get(&base_url, KEYS).await;
    assert!(exchange.received.is_empty());

    once(
        &world,
        json!({"kind": "truncate", "endpoint": "jwks", "value": 9}),
    )
    .await;
    let exchange = Exchange::get(&base_url, KEYS).await;
    assert_eq!(exchange.lengths().1, 9);
}

#[tokio::test]
async fn a_share_of_the_answers_is_hit_evenly() {
    let world = World::start().await;
    world.grant();
    let (path, form) = world.app_only(world.tenants[0].tenant_id);
    // share of 100, hits in each ten of thirty requests
    for (share, hits) in [(30, [3, 3, 3]), (100, [10, 10, 10]), (25, [2, 3, 2])] {
        let fault = json!({"kind": "status", "value": 503, "endpoint": "token", "share": share});
        world.set_fault(fault).await;
        let mut counted = [0; 3];
        for count in &mut counted {
            for _ in 0..10 {
                let request = world.http.post(world.url(&path)).form(&form);
                let status = request.send().await.unwrap().status();
                *count += usize::from(status == StatusCode::SERVICE_UNAVAILABLE);
            }
        }
        assert_eq!(counted, hits, "{share}");
        let ended = world.http.delete(world.url("/_sim/faults")).send().await;
        assert_eq!(ended.unwrap().status(), StatusCode::NO_CONTENT);
    }
}
