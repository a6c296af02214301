//! HTTP clients, and the SDK's requests over them. Reqwest asks Entra ID too: one HTTP library,
//! one pool of connections, one reading of the system's CAs in a function's start (decision 0028).
//!
//! Requests and answers are held in memory, but for those of the object store, whose bodies pass
//! through. Repeats and the time-outs of attempts stay the SDK's own.

use std::error::Error;
use std::marker::PhantomData;
use std::time::Duration;

use async_trait::async_trait;
use auth::transport::{ClientSays, NoAnswer, TransportFault};
use aws_sdk_dynamodb::config::SharedHttpClient;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use reqwest::{Body, Certificate, ClientBuilder, Request, Response, Url, redirect};

pub use reqwest::Client as HttpClient;

/// A connection on this machine takes less than a millisecond.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// As a client for AWS itself should have it: Lambda freezes a function between requests, and a
/// connection that slept longer is often dead without knowing it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
/// In place of the client's own time-out, which is for answers of a few kilobytes: who streams
/// limits each attempt, and how long a body may stall.
const STREAM_TIMEOUT: Duration = Duration::from_secs(60 * 60);

/// Without a proxy and without CAs: for what is asked without TLS.
pub(crate) fn plain_client() -> HttpClient {
    built(client().tls_certs_only([]))
}

/// Trusts this CA, PEM, and no other.
pub(crate) fn client_trusting(ca_pem: &str) -> HttpClient {
    let ca = Certificate::from_pem(ca_pem.as_bytes());
    built(client().tls_certs_only(ca))
}

fn client() -> ClientBuilder {
    HttpClient::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .redirect(redirect::Policy::none())
        .http1_only()
        .no_proxy()
}

/// Nothing in these can be refused: no file is read, and the one certificate was checked before.
fn built(client: ClientBuilder) -> HttpClient {
    client
        .build()
        .unwrap_or_else(|error| unreachable!("an HTTP client: {error}"))
}

/// The client as the SDK takes it. Redirects and idle connections are as `client` was built.
pub(crate) fn sdk_client(client: HttpClient) -> SharedHttpClient {
    client_with::<InMemory>(client)
}

/// The same, for requests and answers whose bodies are not held in memory.
pub(crate) fn streaming_client(client: HttpClient) -> SharedHttpClient {
    client_with::<Streamed>(client)
}

fn client_with<B: Bodies>(client: HttpClient) -> SharedHttpClient {
    let plain = plain_client();
    http_client_fn(move |settings, _| {
        SharedHttpConnector::new(Connector::<B> {
            client: client.clone(),
            plain: plain.clone(),
            limit: limit(settings).or(B::LIMIT),
            bodies: PhantomData,
        })
    })
}

/// Providers of credentials set a time to read: they get that and the time to connect. Calls
/// with an attempt's time-out have none here: the SDK keeps that one.
fn limit(settings: &HttpConnectorSettings) -> Option<Duration> {
    let read = settings.read_timeout()?;
    Some(read + settings.connect_timeout().unwrap_or_default())
}

/// How bodies pass. A type, so that what streams is linked only where something does.
#[async_trait]
trait Bodies: std::fmt::Debug + Send + Sync + 'static {
    /// Of a request and its answer, where the SDK's settings have none.
    const LIMIT: Option<Duration>;

    fn outgoing(body: SdkBody) -> Result<Body, ConnectorError>;

    async fn incoming(answer: Response) -> reqwest::Result<SdkBody>;
}

#[derive(Debug)]
struct InMemory;

#[async_trait]
impl Bodies for InMemory {
    const LIMIT: Option<Duration> = None;

    fn outgoing(body: SdkBody) -> Result<Body, ConnectorError> {
        let bytes = body.bytes();
        let bytes = bytes.ok_or_else(|| not_sent("the body is a stream"))?;
        Ok(bytes.to_vec().into())
    }

    async fn incoming(answer: Response) -> reqwest::Result<SdkBody> {
        Ok(answer.bytes().await?.into())
    }
}

#[derive(Debug)]
struct Streamed;

#[async_trait]
impl Bodies for Streamed {
    const LIMIT: Option<Duration> = Some(STREAM_TIMEOUT);

    fn outgoing(body: SdkBody) -> Result<Body, ConnectorError> {
        Ok(Body::wrap(body))
    }

    async fn incoming(answer: Response) -> reqwest::Result<SdkBody> {
        Ok(SdkBody::from_body_1_x(Body::from(answer)))
    }
}

#[derive(Debug)]
struct Connector<B> {
    client: HttpClient,
    /// For what is asked without TLS: through no proxy, where credentials could be read.
    plain: HttpClient,
    limit: Option<Duration>,
    bodies: PhantomData<B>,
}

impl<B: Bodies> HttpConnector for Connector<B> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let over_tls = request.uri().starts_with("https:");
        let client = if over_tls { &self.client } else { &self.plain };
        let asked = ask::<B>(client.clone(), request, self.limit);
        match self.limit {
            None => HttpConnectorFuture::new(asked),
            Some(limit) => HttpConnectorFuture::new(async move {
                let answered = tokio::time::timeout(limit, asked).await;
                answered.unwrap_or_else(|late| Err(ConnectorError::timeout(late.into())))
            }),
        }
    }
}

/// `limit`: in place of the client's own time-out, which can be shorter.
async fn ask<B: Bodies>(
    client: HttpClient,
    request: HttpRequest,
    limit: Option<Duration>,
) -> Result<HttpResponse, ConnectorError> {
    let mut request = outgoing::<B>(request)?;
    if limit.is_some() {
        *request.timeout_mut() = limit;
    }
    let url = request.url().clone();
    let failed = |error| not_answered(&url, &error);
    let answer = client.execute(request).await.map_err(failed)?;
    let (answer, body) = head_and_body::<B>(answer).await.map_err(failed)?;
    incoming(answer, body)
}

fn outgoing<B: Bodies>(request: HttpRequest) -> Result<Request, ConnectorError> {
    let request = request.try_into_http1x().map_err(not_sent)?;
    let (head, body) = request.into_parts();
    let body = B::outgoing(body)?;
    Request::try_from(http::Request::from_parts(head, body)).map_err(not_sent)
}

async fn head_and_body<B: Bodies>(
    mut answer: Response,
) -> reqwest::Result<(http::response::Builder, SdkBody)> {
    let mut head = http::Response::builder().status(answer.status());
    if let Some(headers) = head.headers_mut() {
        *headers = std::mem::take(answer.headers_mut());
    }
    Ok((head, B::incoming(answer).await?))
}

fn incoming(head: http::response::Builder, body: SdkBody) -> Result<HttpResponse, ConnectorError> {
    let unreadable = |error: Box<dyn Error + Send + Sync>| ConnectorError::other(error, None);
    let whole = head.body(body).map_err(|error| unreadable(error.into()))?;
    HttpResponse::try_from(whole).map_err(|error| unreadable(error.into()))
}

/// Worth another try, on another connection: which kinds are, is for the SDK to say. The
/// library's own message holds the URL: it is not passed on.
fn not_answered(url: &Url, error: &reqwest::Error) -> ConnectorError {
    let none = no_answer(url, error);
    match none.fault {
        TransportFault::TimedOut(_) => ConnectorError::timeout(none.into()),
        fault if fault.may_pass_at_once() => ConnectorError::io(none.into()),
        _ => ConnectorError::user(none.into()),
    }
}

/// Why none came, and from where.
pub(crate) fn no_answer(url: &Url, error: &reqwest::Error) -> NoAnswer {
    let says = ClientSays {
        timed_out: error.is_timeout(),
        connecting: error.is_connect(),
        resolving: error.is_dns(),
    };
    NoAnswer::from(&without_account(url), TransportFault::of(error, says))
}

/// The host of an endpoint can begin with the account's number, which no message repeats.
fn without_account(url: &Url) -> Url {
    let mut url = url.clone();
    let is_account = |label: &str| label.len() == 12 && label.bytes().all(|b| b.is_ascii_digit());
    let rest = match url.host_str().and_then(|host| host.split_once('.')) {
        Some((first, rest)) if is_account(first) => rest.to_owned(),
        _ => return url,
    };
    // What is behind the first dot of a host is a host as well.
    let _ = url.set_host(Some(&rest));
    url
}

fn not_sent(error: impl Into<Box<dyn Error + Send + Sync>>) -> ConnectorError {
    ConnectorError::user(error.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_that_is_no_text_in_memory_is_not_sent_at_all() {
        let mut request = HttpRequest::new(SdkBody::from("{}"));
        request.set_uri("https://dynamodb.example").unwrap();
        assert!(outgoing::<InMemory>(request).is_ok());
        let mut request = HttpRequest::new(SdkBody::taken());
        request.set_uri("https://dynamodb.example").unwrap();
        assert!(outgoing::<InMemory>(request).unwrap_err().is_user());
    }

    #[test]
    fn who_wants_to_read_within_a_time_is_kept_waiting_no_longer() {
        let seconds = Duration::from_secs;
        let settings = |connect: Option<u64>, read: Option<u64>| {
            let mut builder = HttpConnectorSettings::builder();
            builder.set_connect_timeout(connect.map(seconds));
            builder.set_read_timeout(read.map(seconds));
            builder.build()
        };
        assert_eq!(limit(&settings(Some(3), None)), None);
        assert_eq!(limit(&settings(None, Some(2))), Some(seconds(2)));
        assert_eq!(limit(&settings(Some(1), Some(2))), Some(seconds(3)));
    }
}
