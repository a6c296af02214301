//! What arrives at a socket: a listener in front of another one. It passes every byte
//! on unchanged and keeps what the clients sent, so that a test judges the request
//! itself and not what somebody meant to send. HTTP/1.1 without TLS; it judges nothing.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use url::form_urlencoded;

/// What one client sent, per connection, in the order of the connections.
type Connections = Arc<Mutex<Vec<Vec<u8>>>>;

/// A recording listener, not yet connected to what it stands in front of: whoever is
/// behind it may have to know its URL first.
pub struct Microphone {
    listener: TcpListener,
    /// `http://localhost:{port}`.
    pub url: String,
}

/// A recording listener at work; dropping it ends it.
pub struct Recorder {
    /// `http://localhost:{port}`.
    pub url: String,
    connections: Connections,
    task: JoinHandle<()>,
}

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// The method.
    pub method: String,
    /// Path and query, as they stood in the request line.
    pub target: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, byte by byte.
    pub body: Vec<u8>,
}

impl Microphone {
    /// On a free port.
    pub async fn bind() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        Self {
            listener,
            url: format!("http://localhost:{port}"),
        }
    }

    /// Passes on to `port` of this machine.
    pub fn in_front_of(self, port: u16) -> Recorder {
        let connections = Connections::default();
        let upstream = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let task = tokio::spawn(accept(self.listener, upstream, Arc::clone(&connections)));
        Recorder {
            url: self.url,
            connections,
            task,
        }
    }
}

impl Recorder {
    /// Every request so far; those of one connection in their order.
    pub fn requests(&self) -> Vec<Arrived> {
        let connections = self.connections.lock().unwrap();
        connections.iter().flat_map(|sent| parse(sent)).collect()
    }

    /// The requests with this method whose path ends so.
    pub fn requests_to(&self, method: &str, path_end: &str) -> Vec<Arrived> {
        let mut requests = self.requests();
        requests.retain(|request| request.method == method && request.path().ends_with(path_end));
        requests
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Arrived {
    /// The target without its query.
    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    /// The query's fields, decoded, in their order.
    pub fn query(&self) -> Vec<(String, String)> {
        fields(
            self.target
                .split_once('?')
                .map_or("", |(_, query)| query)
                .as_bytes(),
        )
    }

    /// The body's fields, decoded, in their order.
    pub fn form(&self) -> Vec<(String, String)> {
        fields(&self.body)
    }

    /// A field of the body.
    pub fn field(&self, name: &str) -> String {
        let found = self.form().into_iter().find(|(key, _)| key == name);
        found
            .unwrap_or_else(|| panic!("no field {name} in {self:?}"))
            .1
    }

    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }
}

fn fields(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}

async fn accept(listener: TcpListener, upstream: SocketAddr, connections: Connections) {
    while let Ok((client, _)) = listener.accept().await {
        let server = TcpStream::connect(upstream).await.unwrap();
        let index = {
            let mut connections = connections.lock().unwrap();
            connections.push(Vec::new());
            connections.len() - 1
        };
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let kept = Arc::clone(&connections);
        let keep = move |bytes: &[u8]| kept.lock().unwrap()[index].extend_from_slice(bytes);
        tokio::spawn(pass(from_client, to_server, keep));
        tokio::spawn(pass(from_server, to_client, |_: &[u8]| ()));
    }
}

/// Until one side has ended. What is kept is kept before it is passed on: whoever has
/// an answer finds its request recorded.
async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, keep: impl Fn(&[u8])) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        keep(&buffer[..read]);
        if to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}

/// The complete requests of one connection (RFC 9112); a body has a Content-Length.
pub(crate) fn parse(mut sent: &[u8]) -> Vec<Arrived> {
    let mut requests = Vec::new();
    while let Some(end) = sent.windows(4).position(|four| four == b"\r\n\r\n") {
        let head = std::str::from_utf8(&sent[..end]).expect("a head is text");
        let mut request = parse_head(head);
        assert!(
            request.header("transfer-encoding").is_none(),
            "a chunked body is not read here: {head}"
        );
        let length = request.header("content-length").unwrap_or("0");
        let rest = &sent[end + 4..];
        let Some((body, next)) = rest.split_at_checked(length.parse().unwrap()) else {
            break;
        };
        request.body = body.to_vec();
        requests.push(request);
        sent = next;
    }
    requests
}

fn parse_head(head: &str) -> Arrived {
    let mut lines = head.split("\r\n");
    let line: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    let [method, target, "HTTP/1.1"] = line[..] else {
        panic!("no request line of HTTP/1.1: {line:?}");
    };
    let header = |line: &str| {
        let (name, value) = line.split_once(':').expect("a header has a colon");
        (name.to_ascii_lowercase(), value.trim().to_owned())
    };
    Arrived {
        method: method.to_owned(),
        target: target.to_owned(),
        headers: lines.map(header).collect(),
        body: Vec::new(),
    }
}
