//! HTTP/1.1 written by hand, for what a proper client would not send: bytes that are
//! not UTF-8, dots in a path, doubled headers.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::Url;

/// Sends one request to the origin of `url` and gives the status and the whole answer.
/// `rest`: headers, each with its line end, then an empty line and the body.
pub async fn send(url: &str, method: &str, target: &[u8], rest: &[u8]) -> (u16, String) {
    let url: Url = url.parse().unwrap();
    let port = url.port().unwrap();
    let mut request = format!("{method} ").into_bytes();
    request.extend_from_slice(target);
    request.extend_from_slice(
        format!(" HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n").as_bytes(),
    );
    request.extend_from_slice(rest);
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(&request).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|text| text.parse().ok());
    (
        status.unwrap_or_else(|| panic!("no HTTP: {answer}")),
        answer,
    )
}
