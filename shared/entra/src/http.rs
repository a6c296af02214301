//! One HTTP client for everything that this crate asks, with the time-outs and the
//! connection rules of the project: connections are dropped after 20 s idle, because
//! Lambda freezes them; redirects are never followed; answers are read up to a limit.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder, StatusCode, redirect};
use url::Url;

use crate::retry_after::retry_after;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(10);
const IDLE_LIMIT: Duration = Duration::from_secs(20);
/// Token answers are 2 to 4 KB, key sets up to 20 KB.
const ANSWER_MAX_BYTES: usize = 512 * 1024;

/// Why there is no answer. The texts name no URL with a query and no body.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// No connection, a reset, or a time-out.
    #[error("no answer: {0}")]
    NoAnswer(&'static str),
    /// The answer is larger than anything that we wait for.
    #[error("the answer is too large")]
    TooLarge,
    /// The client itself could not be built.
    #[error("the HTTP client could not be built")]
    Client,
}

/// An answer, read whole. Without `Debug`: a body can hold a token.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) body: Vec<u8>,
}

/// The client; cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    kept: Client,
    /// Without kept connections, made when the first retry needs it.
    fresh: std::sync::Arc<OnceLock<Client>>,
    loopback: bool,
    extra_roots: Vec<Certificate>,
}

impl Http {
    /// `loopback`: what is asked is on this machine, and no proxy stands in between.
    /// `extra_roots`: CAs that are trusted besides the system's.
    pub(crate) fn new(loopback: bool, extra_roots: Vec<Certificate>) -> Result<Self, HttpError> {
        Ok(Self {
            kept: builder(loopback, &extra_roots)
                .pool_idle_timeout(IDLE_LIMIT)
                .build()
                .map_err(|_| HttpError::Client)?,
            fresh: Default::default(),
            loopback,
            extra_roots,
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
            Err(HttpError::NoAnswer(_)) => {
                let fresh = self.fresh()?;
                read(fresh.post(url.clone()).form(form)).await
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
        read(self.kept.post(url.clone()).form(form)).await
    }

    /// Gets a document; once more on a fresh connection when the first got no answer.
    pub(crate) async fn get(&self, url: &Url) -> Result<Answer, HttpError> {
        match read(self.kept.get(url.clone())).await {
            Err(HttpError::NoAnswer(_)) => read(self.fresh()?.get(url.clone())).await,
            outcome => outcome,
        }
    }

    fn fresh(&self) -> Result<Client, HttpError> {
        if let Some(client) = self.fresh.get() {
            return Ok(client.clone());
        }
        let client = builder(self.loopback, &self.extra_roots)
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|_| HttpError::Client)?;
        Ok(self.fresh.get_or_init(|| client).clone())
    }
}

fn builder(loopback: bool, extra_roots: &[Certificate]) -> ClientBuilder {
    let builder = Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .redirect(redirect::Policy::none())
        .http1_only();
    let builder = match extra_roots {
        [] => builder,
        extra => builder.tls_certs_merge(extra.iter().cloned()),
    };
    match loopback {
        true => builder.no_proxy(),
        false => builder,
    }
}

async fn read(request: RequestBuilder) -> Result<Answer, HttpError> {
    let mut response = request.send().await.map_err(|error| no_answer(&error))?;
    let status = response.status();
    let retry_after = retry_after(response.headers());
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| no_answer(&error))? {
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

/// The library's own message holds the URL: it is not passed on.
fn no_answer(error: &reqwest::Error) -> HttpError {
    HttpError::NoAnswer(if error.is_timeout() {
        "time-out"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the connection broke"
    })
}
