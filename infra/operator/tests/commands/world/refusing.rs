//! A table in front of the table: it refuses what names an operator's action, by one kind of
//! request, as a policy without that permission would, and hands everything else on.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const REFUSED: &str =
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#AccessDeniedException","message":"refused"}"#;

/// Its endpoint. `operation`: what it refuses, such as `PutItem`.
pub(super) async fn serve(table: String, operation: &'static str) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            let table = table.strip_prefix("http://").unwrap().to_owned();
            tokio::spawn(relay(client, table, operation));
        }
    });
    endpoint
}

async fn relay(mut client: TcpStream, table: String, operation: &str) {
    while let Some(request) = message(&mut client).await {
        let text = String::from_utf8_lossy(&request);
        let answer = if text.contains(&format!(".{operation}")) && text.contains("AUDIT#") {
            let length = REFUSED.len();
            format!(
                "HTTP/1.1 400 Bad Request\r\ncontent-type: application/x-amz-json-1.0\r\n\
                 content-length: {length}\r\n\r\n{REFUSED}"
            )
            .into_bytes()
        } else {
            let mut upstream = TcpStream::connect(&table).await.unwrap();
            upstream.write_all(&request).await.unwrap();
            message(&mut upstream).await.unwrap()
        };
        if client.write_all(&answer).await.is_err() {
            return;
        }
    }
}

/// A request or an answer with its body; `None` where the other side has ended.
async fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    loop {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            if bytes.len() >= end + 4 + length {
                return Some(bytes);
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}
