//! A run in this process, what Microsoft would send to it, and what waits in its queue then.

use std::path::Path;

use auth::secret::ExposeSecret as _;
use feed::auth_id::AuthKeys;
use feed::wake::Wake;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, Method};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::MovedRun;

/// No tenant of the simulator's: the function has no table to look a tenant up in.
pub(super) const STRANGER: &str = "8ad8f1ab-9d12-4a2a-9a0f-1f0a3c5cbb7c";

pub(super) struct Stage {
    pub(super) run: MovedRun,
    pub(super) directory: TempDir,
}

/// An answer as a sender sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
    /// Those that differ from answer to answer left out.
    pub(super) headers: Vec<(String, String)>,
}

/// The AuthID that the run of this directory gives a tenant's subscriptions.
pub(super) fn auth_id(directory: &Path, tenant: &str) -> String {
    let file = directory.join("secrets/webhook-keys");
    let keys = AuthKeys::from_json(&std::fs::read_to_string(file).unwrap()).unwrap();
    keys.of(tenant.parse().unwrap()).expose_secret().to_owned()
}

impl Stage {
    pub(super) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let run = MovedRun::start(directory.path(), 2).await;
        Self { run, directory }
    }

    pub(super) fn auth_id(&self, tenant: &str) -> String {
        auth_id(self.directory.path(), tenant)
    }

    /// An item as the run's Activity API would send it.
    pub(super) fn item(&self, tenant: &str, content_type: &str) -> Value {
        let ready = &self.run.broker.ready;
        let content = "492638008028$audit$1";
        json!({
            "tenantId": tenant,
            "clientId": ready.client_id,
            "contentType": content_type,
            "contentId": content,
            "contentUri":
                format!("{}/api/v1.0/{tenant}/activity/feed/audit/{content}", ready.entra_url),
            "contentCreated": "2027-01-15T08:00:00.000Z",
            "contentExpiration": "2027-01-22T08:00:00.000Z",
        })
    }

    /// A POST to the webhook.
    pub(super) async fn post(&self, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        self.send(Method::POST, headers, body).await
    }

    pub(super) async fn send(
        &self,
        method: Method,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let url = format!("{}/feed/webhook", self.run.broker.ready.vending_url);
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            map.append(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let request = self.run.broker.client.request(method, url).headers(map);
        let response = request.body(body).send().await.unwrap();
        let differ = ["date", "x-request-id", "apigw-requestid"];
        let mut headers: Vec<(String, String)> = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .filter(|(name, _)| !differ.contains(&name.as_str()))
            .collect();
        headers.sort();
        Answer {
            status: response.status().as_u16(),
            headers,
            body: response.text().await.unwrap(),
        }
    }

    /// What the queue was given since the last time.
    pub(super) fn woken(&self) -> Vec<Wake> {
        let messages = self.run.machine.queue().take(1_000);
        let wakes = messages
            .iter()
            .map(|message| Wake::from_json(&message.body));
        wakes.map(Result::unwrap).collect()
    }
}
