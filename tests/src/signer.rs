//! A caller of AWS: signs requests as an SDK does, with the access key of a run.

use std::path::Path;
use std::time::{Duration, SystemTime};

use auth::encoding::base64url;
use auth::ports::Clock as _;
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use reqwest::{Client, Method, RequestBuilder};
use serde::Deserialize;

use crate::process::ReadyLine;

/// Somebody with an access key.
#[derive(Clone, Deserialize)]
pub struct Signer {
    /// The key's id.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// The region that requests are signed for.
    pub region: String,
    /// Who the holder is.
    pub role: Role,
}

/// The role for which the key stands.
#[derive(Debug, Clone, Deserialize)]
pub struct Role {
    /// The account.
    pub account: String,
    /// The role's name.
    pub name: String,
    /// The role's unique id.
    pub id: String,
}

impl Signer {
    /// With the key of this run.
    pub fn of(ready: &ReadyLine) -> Self {
        Self::from_file(&ready.access_key_file)
    }

    /// With the key in this file.
    pub fn from_file(file: &Path) -> Self {
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
    }

    /// A form, signed now.
    pub fn post(&self, client: &Client, url: &str, form: &[(&str, &str)]) -> RequestBuilder {
        let body = client.post(url).form(form).build().unwrap();
        let body = body.body().and_then(reqwest::Body::as_bytes).unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        self.request(client, Method::POST, url, body)
            .header("content-type", "application/x-www-form-urlencoded")
    }

    /// A GET, signed now.
    pub fn get(&self, client: &Client, url: &str) -> RequestBuilder {
        self.request(client, Method::GET, url, String::new())
    }

    /// Any request, signed by the system's clock.
    pub fn request(
        &self,
        client: &Client,
        method: Method,
        url: &str,
        body: String,
    ) -> RequestBuilder {
        let now = u64::try_from(aws::SystemClock.now().unix()).unwrap();
        self.request_at(client, (method, url), body, now)
    }

    /// The same as if it were `now`, in seconds since the Unix epoch.
    pub fn request_at(
        &self,
        client: &Client,
        (method, url): (Method, &str),
        body: String,
        now: u64,
    ) -> RequestBuilder {
        let headers = self.headers(method.as_str(), url, &body, now);
        let mut request = client.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        request
    }

    /// A signed `GetCallerIdentity` request, as a broker of this server id takes it for a
    /// proof, signed by the system's clock.
    pub fn proof(&self, server_id: &str) -> String {
        let url = format!("https://sts.{}.amazonaws.com/", self.region);
        let now = u64::try_from(aws::SystemClock.now().unix()).unwrap();
        let own = [
            ("content-type", "application/x-www-form-urlencoded"),
            (auth::caller::SERVER_ID_HEADER, server_id),
        ];
        let body = auth::caller::IDENTITY_REQUEST_BODY;
        let signed = self.signed("sts", ("POST", &url), (&own, body), now);
        let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let headers: serde_json::Map<_, _> = own
            .into_iter()
            .chain(signed)
            .map(|(name, value)| (name, value.into()))
            .collect();
        let json = serde_json::json!({"url": url, "headers": headers}).to_string();
        format!("aws-sts-v1.{}", base64url(json.as_bytes()))
    }

    fn headers(&self, method: &str, url: &str, body: &str, now: u64) -> Vec<(String, String)> {
        self.signed("lambda", (method, url), (&[], body), now)
    }

    /// The headers that a signature adds.
    fn signed(
        &self,
        service: &str,
        target: (&str, &str),
        content: (&[(&str, &str)], &str),
        now: u64,
    ) -> Vec<(String, String)> {
        let key = AccessKey {
            id: self.access_key_id.clone(),
            secret: self.secret_access_key.clone(),
        };
        key.signed((service, &self.region), target, content, now)
    }
}

/// A key of AWS that does not change.
#[derive(Clone)]
pub struct AccessKey {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

impl AccessKey {
    /// The headers that sign a request to this service in this region, at `now` in seconds
    /// since the Unix epoch.
    pub fn headers(
        &self,
        scope: (&str, &str),
        target: (&str, &str),
        body: &str,
        now: u64,
    ) -> Vec<(String, String)> {
        self.signed(scope, target, (&[], body), now)
    }

    /// The headers that a signature adds, which signs `headers` too.
    fn signed(
        &self,
        (service, region): (&str, &str),
        (method, url): (&str, &str),
        (headers, body): (&[(&str, &str)], &str),
        now: u64,
    ) -> Vec<(String, String)> {
        let identity = Credentials::new(&self.id, &self.secret, None, None, "test").into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service)
            .time(SystemTime::UNIX_EPOCH + Duration::from_secs(now))
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let body = SignableBody::Bytes(body.as_bytes());
        let request = SignableRequest::new(method, url, headers.iter().copied(), body).unwrap();
        let (instructions, _) = sign(request, &parameters).unwrap().into_parts();
        instructions
            .headers()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }
}
