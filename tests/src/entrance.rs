//! The way into an emulated account for clients that call by AWS's own names: it plays
//! DNS, which leads those names to this machine, and the end of TLS before the gateways.
//! Requests keep the name in their Host header, by which the emulator finds the API.

use reqwest::header::HOST;
use reqwest::{Client, Method, RequestBuilder};
use url::Url;

/// What AWS's gateways are called in us-east-1, and domains of one's own in front of them.
const SUFFIXES: [&str; 3] = [
    ".execute-api.us-east-1.amazonaws.com",
    ".lambda-url.us-east-1.on.aws",
    ".example",
];

/// Where AWS's names lead to.
#[derive(Debug, Clone)]
pub struct Entrance {
    /// The emulator's port on this machine.
    pub port: u16,
}

impl Entrance {
    /// A request to this address; one that is not AWS's goes where it says.
    pub fn request(&self, client: &Client, method: Method, url: &Url) -> RequestBuilder {
        let host = url.host_str().unwrap_or_default();
        if !SUFFIXES.iter().any(|suffix| host.ends_with(suffix)) {
            return client.request(method, url.clone());
        }
        assert_eq!(
            url.scheme(),
            "https",
            "AWS's gateways speak TLS alone: {url}"
        );
        let query = url
            .query()
            .map_or(String::new(), |query| format!("?{query}"));
        let here = format!("http://127.0.0.1:{}{}{query}", self.port, url.path());
        client
            .request(method, here)
            .header(HOST, host)
            .header("x-forwarded-proto", "https")
    }
}
