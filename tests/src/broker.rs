//! The broker as its callers and its simulator's control surface show it.

use std::path::Path;

use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder};
use serde_json::{Value, json};
use url::Url;

use crate::jwt::claims;
use crate::process::ReadyLine;

/// The management API's scope.
pub const SCOPE: &str = "https://manage.office.com/.default";

/// A client of one run.
pub struct Broker {
    /// The HTTP client.
    pub client: Client,
    /// Where it is.
    pub ready: ReadyLine,
}

/// An answer of the vending endpoint.
#[derive(Debug)]
pub struct Vended {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
}

impl Vended {
    /// Sends the request.
    pub async fn of(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        Self {
            status: response.status().as_u16(),
            body: response.json().await.unwrap_or(Value::Null),
        }
    }

    /// The token.
    pub fn token(&self) -> &str {
        self.body["access_token"]
            .as_str()
            .unwrap_or_else(|| panic!("no token: {} {}", self.status, self.body))
    }

    /// The token's claims.
    pub fn claims(&self) -> Value {
        claims(self.token())
    }
}

/// What trusts the CA in this file, and no other.
pub fn trusting_only(ca_file: &Path) -> ClientBuilder {
    let pem = std::fs::read(ca_file).unwrap();
    Client::builder().tls_certs_only(Certificate::from_pem_bundle(&pem).unwrap())
}

impl Broker {
    /// A client of this run.
    pub fn of(ready: &ReadyLine) -> Self {
        Self {
            client: Client::builder().no_proxy().build().unwrap(),
            ready: ready.clone(),
        }
    }

    /// A client of this run that trusts the CA in this file, and no other.
    pub fn trusting(ca_file: &Path, ready: &ReadyLine) -> Self {
        Self {
            client: trusting_only(ca_file).no_proxy().build().unwrap(),
            ready: ready.clone(),
        }
    }

    /// The pasted curl line.
    pub async fn vend(&self, tenant: &str) -> Vended {
        let form = [("grant_type", "client_credentials"), ("scope", SCOPE)];
        let path = format!("/{tenant}/oauth2/v2.0/token");
        self.post(&path, &form, Some(&self.ready.caller_token))
            .await
    }

    /// The managed-identity route, for the management API with a caller key.
    pub async fn vend_by_key(&self, tenant: &str, key: &str) -> Vended {
        let asked = [
            ("api-version", "2019-08-01"),
            ("resource", "https://manage.office.com"),
            ("client_id", tenant),
        ];
        let url = format!("{}/msi/token", self.ready.vending_url);
        let url = Url::parse_with_params(&url, asked).unwrap();
        Vended::of(self.client.get(url).header("X-IDENTITY-HEADER", key)).await
    }

    /// A POST with a bearer token, or without.
    pub async fn post(&self, path: &str, form: &[(&str, &str)], bearer: Option<&str>) -> Vended {
        let request = self
            .client
            .post(format!("{}{path}", self.ready.vending_url))
            .form(form);
        self.send(request, bearer).await
    }

    /// A GET with the run's caller token.
    pub async fn get(&self, path: &str) -> Vended {
        let request = self.client.get(format!("{}{path}", self.ready.vending_url));
        self.send(request, Some(&self.ready.caller_token)).await
    }

    /// `POST /tokens` with the run's caller token.
    pub async fn vend_batch(&self, body: &Value) -> Vended {
        let url = format!("{}/tokens", self.ready.vending_url);
        let request = self.client.post(url).body(body.to_string());
        self.send(request, Some(&self.ready.caller_token)).await
    }

    /// `POST /invites` with the run's caller token.
    pub async fn post_invite(&self, body: &Value) -> Vended {
        let url = format!("{}/invites", self.ready.vending_url);
        let request = self.client.post(url).body(body.to_string());
        self.send(request, Some(&self.ready.caller_token)).await
    }

    /// The link of a new invite.
    pub async fn invite(&self, body: Value) -> String {
        let made = self.post_invite(&body).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.body["consent_url"].as_str().unwrap().to_owned()
    }

    /// Sends any request.
    pub async fn send(&self, request: RequestBuilder, bearer: Option<&str>) -> Vended {
        let request = match bearer {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        Vended::of(request).await
    }

    /// The simulator's counters.
    pub async fn stats(&self) -> Value {
        let url = format!("{}/_sim/stats", self.ready.entra_url);
        self.client
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// Starts a fault that ends after one hit.
    pub async fn fault_once(&self, kind: &str, value: Value) -> String {
        self.start_fault(json!({"kind": kind, "tenant": null, "value": value, "times": 1}))
            .await
    }

    /// Starts a fault of every tenant at one of the authority's endpoints; gives its id.
    pub async fn fault_at(&self, endpoint: &str, kind: &str, value: Value) -> String {
        self.start_fault(json!({"kind": kind, "endpoint": endpoint, "value": value}))
            .await
    }

    /// Starts a fault that ends by itself after it has hit this tenant once.
    pub async fn single_fault(&self, kind: &str, tenant: &str, value: Value) {
        let fault = json!({"kind": kind, "tenant": tenant, "value": value, "times": 1});
        self.start_fault(fault).await;
    }

    /// How many faults have not ended.
    pub async fn faults_left(&self) -> usize {
        let url = format!("{}/_sim/faults", self.ready.entra_url);
        let response = self.client.get(url).send().await.unwrap();
        let answer: Value = response.json().await.unwrap();
        answer["faults"].as_array().unwrap().len()
    }

    /// Starts a fault; gives its id.
    pub async fn fault(&self, kind: &str, tenant: Option<&str>, value: Value) -> String {
        self.start_fault(json!({"kind": kind, "tenant": tenant, "value": value, "times": null}))
            .await
    }

    /// A fault in the simulator's own words.
    pub async fn start_fault(&self, fault: Value) -> String {
        let url = format!("{}/_sim/faults", self.ready.entra_url);
        let response = self.client.post(url).json(&fault).send().await.unwrap();
        assert!(response.status().is_success(), "{fault} is no fault");
        let answer: Value = response.json().await.unwrap();
        match &answer["id"] {
            Value::String(id) => id.clone(),
            id => id.to_string(),
        }
    }

    /// Ends one fault; `false` where it has ended by itself.
    pub async fn end_fault(&self, id: &str) -> bool {
        let url = format!("{}/_sim/faults/{id}", self.ready.entra_url);
        let response = self.client.delete(url).send().await.unwrap();
        response.status().is_success()
    }

    /// The simulator's book of issued tokens, from the entry after `number` on.
    pub async fn issued_after(&self, number: u64) -> Value {
        let url = format!("{}/_sim/issued?after={number}", self.ready.entra_url);
        let response = self.client.get(url).send().await.unwrap();
        assert!(response.status().is_success(), "the book is not open");
        response.json().await.unwrap()
    }

    /// Ends every fault.
    pub async fn end_faults(&self) {
        let url = format!("{}/_sim/faults", self.ready.entra_url);
        self.client.delete(url).send().await.unwrap();
    }
}
