//! AWS STS, asked with requests that callers signed: who signed them. Nothing is signed here,
//! and no credentials of ours go out.
//!
//! The request goes out once, as it was signed. It may take 5 s; no redirect is followed; an
//! answer is read up to a size, and believed only where it reads as STS's (`answer.rs`).

mod answer;

use std::time::Duration;

use async_trait::async_trait;
use auth::caller::{AwsIdentity, IDENTITY_REQUEST_BODY, IdentityRequest};
use auth::ports::{CallerIdentities, IdentityError};
use auth::secret::ExposeSecret as _;
use auth::transport::Party;
use reqwest::header::{HOST, HeaderValue};
use reqwest::{RequestBuilder, Url};

use self::answer::Unreadable;
use crate::http::{HttpClient, no_answer};

/// From the first byte out to the last byte in. STS takes some 10 to 50 ms.
const PATIENCE: Duration = Duration::from_secs(5);
/// An answer has some 500 bytes.
const ANSWER_MAX_BYTES: usize = 16 * 1024;

/// STS, or its stand-in on one machine.
pub struct Sts {
    client: HttpClient,
    endpoint: Option<Url>,
}

impl Sts {
    /// Asks through `client`, whose redirects must be off. `endpoint`: where every request
    /// goes, in place of the host that it is signed for.
    pub fn new(client: HttpClient, endpoint: Option<Url>) -> Self {
        Self { client, endpoint }
    }

    /// The request as it was signed: the host is the signed one wherever it goes.
    fn request(&self, signed: &IdentityRequest) -> Result<(Url, RequestBuilder), IdentityError> {
        let own = || Url::parse(&format!("https://{}/", signed.host()));
        let url = match &self.endpoint {
            Some(endpoint) => endpoint.clone(),
            None => own().map_err(|_| unavailable("the host is no host"))?,
        };
        let mut request = self.client.post(url.clone()).timeout(PATIENCE);
        request = request.header(HOST, signed.host());
        for (name, value) in signed.headers() {
            let value = HeaderValue::from_str(value.expose_secret());
            let mut value = value.map_err(|_| unavailable("a header cannot be sent"))?;
            value.set_sensitive(true);
            request = request.header(name, value);
        }
        Ok((url, request.body(IDENTITY_REQUEST_BODY)))
    }
}

#[async_trait]
impl CallerIdentities for Sts {
    async fn signer(
        &self,
        signed: &IdentityRequest,
    ) -> Result<AwsIdentity<'static>, IdentityError> {
        let (url, request) = self.request(signed)?;
        let failed = |error| unavailable(&no_answer(&url, &error).explained(Party::Aws));
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > ANSWER_MAX_BYTES {
                return Err(unavailable("the answer is too large"));
            }
            body.extend_from_slice(&chunk);
        }
        answer::read(status, &body).map_err(|error| match error {
            Unreadable::Refused(code) => IdentityError::Refused(code),
            Unreadable::Failed(why) => unavailable(&why),
        })
    }
}

/// A failure of STS's, or on the way to it: the log says what an operator looks at.
fn unavailable(why: &str) -> IdentityError {
    tracing::warn!(
        event = "caller_identity_unavailable",
        why,
        "AWS STS was not asked: {why}"
    );
    IdentityError::Unavailable
}
