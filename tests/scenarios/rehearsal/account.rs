//! Calls of AWS's APIs in the emulated account, signed with the key of its root: what the
//! person does who deploys. Every call that is refused ends the rehearsal.

use std::time::{Duration, SystemTime};

use auth::ports::Clock as _;
use aws::SystemClock;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, SignableBody, SignableRequest, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

/// The region of everything here.
pub(crate) const REGION: &str = "us-east-1";
/// The key of the emulated account's root, id and secret.
pub(crate) const ROOT_KEY: &str = "test";

/// The account.
pub(crate) struct Account {
    pub(crate) endpoint: String,
    client: Client,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Answer {
    fn accepted(self, what: &str) -> String {
        let ok = (200..300).contains(&self.status);
        assert!(ok, "{what}: {} {}", self.status, self.body);
        self.body
    }
}

impl Account {
    pub(crate) fn at(endpoint: &str) -> Self {
        Self {
            endpoint: endpoint.to_owned(),
            client: Client::builder().no_proxy().build().unwrap(),
        }
    }

    /// An action of CloudFormation; the answer is XML.
    pub(crate) async fn cloudformation(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.try_cloudformation(action, fields).await;
        answer.accepted(action)
    }

    /// The same where it may be refused.
    pub(crate) async fn try_cloudformation(&self, action: &str, fields: &[(&str, &str)]) -> Answer {
        self.form(("cloudformation", "2010-05-15"), action, fields)
            .await
    }

    /// An action of IAM; the answer is XML.
    pub(crate) async fn iam(&self, action: &str, fields: &[(&str, &str)]) -> String {
        let answer = self.form(("iam", "2010-05-08"), action, fields).await;
        answer.accepted(action)
    }

    async fn form(
        &self,
        (service, version): (&str, &str),
        action: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let body = encoded(action, version, fields);
        let request = self.request(service, Method::POST, "/", body);
        let form = "application/x-www-form-urlencoded";
        send(request.header("content-type", form)).await
    }

    /// An action of a service that speaks JSON with a target.
    pub(crate) async fn json(&self, service: &str, target: &str, body: &Value) -> Value {
        let request = self
            .request(service, Method::POST, "/", body.to_string().into_bytes())
            .header("x-amz-target", target)
            .header("content-type", "application/x-amz-json-1.1");
        let text = send(request).await.accepted(target);
        serde_json::from_str(&text).unwrap()
    }

    /// An operation of a service that speaks REST; the answer is JSON.
    pub(crate) async fn rest(
        &self,
        service: &str,
        (method, path): (Method, &str),
        body: Vec<u8>,
    ) -> Value {
        let what = format!("{method} {path}");
        let request = self.request(service, method, path, body);
        let text = send(request).await.accepted(&what);
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// The bytes of something of S3's.
    pub(crate) async fn bytes(&self, path: &str) -> Vec<u8> {
        let request = self.request("s3", Method::GET, path, Vec::new());
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200, "GET {path}");
        response.bytes().await.unwrap().into()
    }

    /// Whether something is there.
    pub(crate) async fn has(&self, service: &str, path: &str) -> bool {
        let request = self.request(service, Method::GET, path, Vec::new());
        match send(request).await {
            Answer { status: 200, .. } => true,
            Answer { status: 404, .. } => false,
            other => panic!("GET {path}: {other:?}"),
        }
    }

    fn request(&self, service: &str, method: Method, path: &str, body: Vec<u8>) -> RequestBuilder {
        let url = format!("{}{path}", self.endpoint);
        let mut request = self.client.request(method.clone(), &url);
        for (name, value) in signature(service, method.as_str(), &url, &body) {
            request = request.header(name, value);
        }
        request.body(body)
    }
}

fn encoded(action: &str, version: &str, fields: &[(&str, &str)]) -> Vec<u8> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", action)
        .append_pair("Version", version)
        .extend_pairs(fields);
    form.finish().into_bytes()
}

async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    Answer {
        status: response.status().as_u16(),
        body: response.text().await.unwrap(),
    }
}

fn signature(service: &str, method: &str, url: &str, body: &[u8]) -> Vec<(String, String)> {
    let identity = Credentials::new(ROOT_KEY, ROOT_KEY, None, None, "rehearsal").into();
    let mut settings = SigningSettings::default();
    settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    let now = u64::try_from(SystemClock.now().unix()).unwrap();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(REGION)
        .name(service)
        .time(SystemTime::UNIX_EPOCH + Duration::from_secs(now))
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let body = SignableBody::Bytes(body);
    let request = SignableRequest::new(method, url, std::iter::empty(), body).unwrap();
    let (instructions, _) = sign(request, &parameters).unwrap().into_parts();
    instructions
        .headers()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
