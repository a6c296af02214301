//! Pages that answer with a status and a date, and with nothing else.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Serves from now on; the base URL. `answer`: the status for a path.
pub(crate) async fn serve(answer: fn(&str) -> u16, date: Option<&'static str>) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap_or_default();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            let status = answer(request.split(' ').nth(1).unwrap_or_default());
            let date = date.map(|date| format!("Date: {date}\r\n"));
            let head = format!(
                "HTTP/1.1 {status} x\r\n{}Content-Length: 0\r\nConnection: close\r\n\r\n",
                date.unwrap_or_default()
            );
            let _ = stream.write_all(head.as_bytes()).await;
        }
    });
    url
}

/// A server that takes connections and says nothing; its base URL.
pub(crate) async fn silent() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            held.push(listener.accept().await.unwrap());
        }
    });
    url
}
