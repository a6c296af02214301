//! What the service sends to webhooks: the one place where the simulator asks others.

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{Certificate, Client, ClientBuilder, redirect};

/// A webhook has so long to answer. Assumption `webhook-validation`.
const PATIENCE: Duration = Duration::from_secs(5);

const AUTH_ID: HeaderName = HeaderName::from_static("webhook-authid");
const VALIDATION_CODE: HeaderName = HeaderName::from_static("webhook-validationcode");

/// A message to a webhook.
pub(super) struct Message<'a> {
    pub(super) address: &'a str,
    pub(super) auth_id: Option<&'a str>,
    pub(super) validation_code: Option<&'a str>,
    pub(super) content_type: &'static str,
    pub(super) body: String,
}

/// The client; nothing is read for it before its first message.
pub(crate) struct Post {
    /// CAs that are trusted besides the system's, as PEM.
    extra_roots: String,
    tls: OnceLock<Option<Client>>,
    plain: OnceLock<Option<Client>>,
}

impl Post {
    pub(super) fn new(extra_roots: String) -> Self {
        Self {
            extra_roots,
            tls: OnceLock::new(),
            plain: OnceLock::new(),
        }
    }

    /// The status of the answer; `None` where none came in time. No redirect is followed, and
    /// nothing is sent twice.
    pub(super) async fn send(&self, message: Message<'_>) -> Option<u16> {
        let is_plain = message.address.starts_with("http:");
        let client = if is_plain { self.plain() } else { self.tls() };
        let mut request = client?
            .post(message.address)
            .header(CONTENT_TYPE, HeaderValue::from_static(message.content_type))
            .body(message.body);
        for (name, value) in [
            (AUTH_ID, message.auth_id),
            (VALIDATION_CODE, message.validation_code),
        ] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let answered = request.send().await;
        if let Err(error) = &answered {
            tracing::debug!(%error, "a webhook did not answer");
        }
        Some(answered.ok()?.status().as_u16())
    }

    fn tls(&self) -> Option<Client> {
        let client = self.tls.get_or_init(|| {
            let roots = Certificate::from_pem_bundle(self.extra_roots.as_bytes());
            let roots = roots.inspect_err(|error| tracing::error!(%error, "no CAs in PEM"));
            built(Client::builder().tls_certs_merge(roots.ok()?))
        });
        client.clone()
    }

    /// For http on this machine: there are no CAs to read.
    fn plain(&self) -> Option<Client> {
        let client = self
            .plain
            .get_or_init(|| built(Client::builder().tls_certs_only([])));
        client.clone()
    }
}

fn built(builder: ClientBuilder) -> Option<Client> {
    let client = builder
        .timeout(PATIENCE)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .build();
    client
        .inspect_err(|error| tracing::error!(%error, "the client of webhooks cannot be built"))
        .ok()
}
