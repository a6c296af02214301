//! The HTTP clients: one for whatever is outside, through which AWS is asked too, and those
//! for this machine. With the time-outs and the connection rules of the project: connections
//! are dropped after 20 s idle, because Lambda freezes them; redirects are never followed;
//! answers are read up to a limit.

use std::sync::OnceLock;
use std::time::Duration;

use auth::transport::{Awaited, ClientSays, NoAnswer, TransportFault};
use auth::url_rules::is_loopback;
use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder, Response, StatusCode, redirect};
use url::Url;

use crate::retry_after::retry_after;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
/// Twice, for a request that is sent once more, it fits into the 20 s of the function that is
/// asked on demand (decision 0048).
const TOTAL_TIMEOUT: Duration = Duration::from_secs(8);
const IDLE_LIMIT: Duration = Duration::from_secs(20);
/// Token answers are 2 to 4 KB, key sets up to 20 KB.
const ANSWER_MAX_BYTES: usize = 512 * 1024;

/// Why there is no answer. The texts name no URL with a query and no body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// None came, or half of one.
    #[error("{0}")]
    NoAnswer(NoAnswer),
    /// The answer is larger than anything that we wait for.
    #[error("the answer is too large")]
    TooLarge,
    /// The client itself could not be built.
    #[error(
        "the HTTP client could not be built: no CA of the system can be read: install them \
         (ca-certificates), or name their file in SSL_CERT_FILE"
    )]
    Client,
}

impl HttpError {
    /// `error.type` of a request's span (OpenTelemetry).
    pub(crate) fn error_type(&self) -> &'static str {
        match self {
            HttpError::NoAnswer(none) => none.fault.error_type(),
            HttpError::TooLarge => "answer_too_large",
            HttpError::Client => "no_client",
        }
    }

    /// Whether the connection ended before its answer.
    fn is_broken(&self) -> bool {
        matches!(self, HttpError::NoAnswer(none) if none.fault == TransportFault::Broken)
    }

    /// Whether a fresh connection may do better.
    fn may_pass_at_once(&self) -> bool {
        matches!(self, HttpError::NoAnswer(none) if none.fault.may_pass_at_once())
    }
}

/// How long is waited.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) connection: Duration,
    /// From the first byte out to the last byte in.
    pub(crate) answer: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connection: CONNECT_TIMEOUT,
            answer: TOTAL_TIMEOUT,
        }
    }
}

/// An answer, read whole. Without `Debug`: a body can hold a token.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

/// What a client asks, which decides whom it has to trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Whatever is not on this machine.
    Outside,
    /// This machine, over TLS; no proxy stands in between.
    Loopback,
    /// This machine, without TLS: there is nobody to trust, and no CA is read.
    LoopbackPlain,
}

impl Asked {
    pub(crate) fn at(url: &Url) -> Self {
        match (is_loopback(url), url.scheme()) {
            (false, _) => Asked::Outside,
            (true, "http") => Asked::LoopbackPlain,
            (true, _) => Asked::Loopback,
        }
    }
}

/// The client; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    kept: Client,
    /// Without kept connections, made when the first retry needs it.
    fresh: std::sync::Arc<OnceLock<Client>>,
    asked: Asked,
    extra_roots: Vec<Certificate>,
    patience: Patience,
}

impl Http {
    /// `extra_roots`: CAs that are trusted besides the system's.
    pub(crate) fn new(
        asked: Asked,
        extra_roots: Vec<Certificate>,
        patience: Patience,
    ) -> Result<Self, HttpError> {
        Ok(Self {
            kept: builder(asked, &extra_roots, patience)
                .pool_idle_timeout(IDLE_LIMIT)
                .build()
                .map_err(|_| HttpError::Client)?,
            fresh: Default::default(),
            asked,
            extra_roots,
            patience,
        })
    }

    /// Posts a form; once more on a fresh connection when the first got no answer.
    /// Only for requests that may arrive twice.
    pub(crate) async fn post_form_retrying(
        &self,
        url: &Url,
        form: &[(&str, &str)],
    ) -> Result<Answer, HttpError> {
        match self.post_form(url, form).await {
            Err(none) if none.may_pass_at_once() => {
                let fresh = self.fresh()?;
                read(url, fresh.post(url.clone()).form(form)).await
            }
            outcome => outcome,
        }
    }

    /// Posts a form, once.
    pub(crate) async fn post_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
    ) -> Result<Answer, HttpError> {
        read(url, self.kept.post(url.clone()).form(form)).await
    }

    /// Gets a document; once more on a fresh connection when the first got no answer.
    pub(crate) async fn get(&self, url: &Url) -> Result<Answer, HttpError> {
        match read(url, self.kept.get(url.clone())).await {
            Err(none) if none.may_pass_at_once() => read(url, self.fresh()?.get(url.clone())).await,
            outcome => outcome,
        }
    }

    /// Gets a document for `patience` at most, once: for what can be done without.
    pub(crate) async fn get_within(
        &self,
        url: &Url,
        patience: Duration,
    ) -> Result<Answer, HttpError> {
        read(url, self.kept.get(url.clone()).timeout(patience)).await
    }

    /// Whatever `make` asks for. `repeatable`: once more on a fresh connection when the first
    /// got no answer.
    pub(crate) async fn send(
        &self,
        url: &Url,
        repeatable: bool,
        make: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Answer, HttpError> {
        match read(url, make(&self.kept)).await {
            Err(none) if repeatable && none.may_pass_at_once() => {
                read(url, make(&self.fresh()?)).await
            }
            outcome => outcome,
        }
    }

    /// The head of an answer, whose body is read later, within `patience`. `repeatable`: once
    /// more on a fresh connection when the first one broke, which a kept one does when the
    /// machine was frozen. `make` sets the time of the whole.
    pub(crate) async fn head(
        &self,
        url: &Url,
        patience: Duration,
        repeatable: bool,
        make: impl Fn(&Client) -> RequestBuilder,
    ) -> Result<Response, HttpError> {
        match within(url, patience, make(&self.kept).send()).await {
            Err(error) if repeatable && error.is_broken() => {
                within(url, patience, make(&self.fresh()?).send()).await
            }
            outcome => outcome,
        }
    }

    /// The library's own client, with kept connections and without a second try.
    pub(crate) fn kept(&self) -> Client {
        self.kept.clone()
    }

    fn fresh(&self) -> Result<Client, HttpError> {
        if let Some(client) = self.fresh.get() {
            return Ok(client.clone());
        }
        let client = builder(self.asked, &self.extra_roots, self.patience)
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|_| HttpError::Client)?;
        Ok(self.fresh.get_or_init(|| client).clone())
    }
}

fn builder(asked: Asked, extra_roots: &[Certificate], patience: Patience) -> ClientBuilder {
    let builder = Client::builder()
        .connect_timeout(patience.connection)
        .timeout(patience.answer)
        .redirect(redirect::Policy::none())
        .http1_only();
    let builder = match extra_roots {
        [] => builder,
        extra => builder.tls_certs_merge(extra.iter().cloned()),
    };
    match asked {
        Asked::Outside => builder,
        Asked::Loopback => builder.no_proxy(),
        Asked::LoopbackPlain => builder.no_proxy().tls_certs_only([]),
    }
}

async fn read(url: &Url, request: RequestBuilder) -> Result<Answer, HttpError> {
    let failed = |error| no_answer(url, &error);
    let mut response = request.send().await.map_err(failed)?;
    let status = response.status();
    let retry_after = retry_after(response.headers());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > ANSWER_MAX_BYTES {
            return Err(HttpError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer {
        status,
        retry_after,
        body,
    })
}

/// What the library answers within `patience`: a head, or a piece of a body.
pub(crate) async fn within<T>(
    url: &Url,
    patience: Duration,
    waited: impl Future<Output = Result<T, reqwest::Error>>,
) -> Result<T, HttpError> {
    match tokio::time::timeout(patience, waited).await {
        Ok(answered) => answered.map_err(|error| no_answer(url, &error)),
        Err(_) => Err(too_late(url)),
    }
}

/// There was no answer in time, or not all of it.
pub(crate) fn too_late(url: &Url) -> HttpError {
    let fault = TransportFault::TimedOut(Awaited::Answer);
    HttpError::NoAnswer(NoAnswer::from(url, fault))
}

/// The library's own message holds the URL: it is not passed on.
fn no_answer(url: &Url, error: &reqwest::Error) -> HttpError {
    let says = ClientSays {
        timed_out: error.is_timeout(),
        connecting: error.is_connect(),
        resolving: error.is_dns(),
    };
    HttpError::NoAnswer(NoAnswer::from(url, TransportFault::of(error, says)))
}
