//! The connection to AWS, or to what stands in for it on one machine: one HTTP client
//! for every service, with time-outs and retries that fit a request that somebody
//! waits for. It asks nobody anything by itself: the first request does.

use std::sync::Arc;
use std::time::Duration;

use auth::ports::Random;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::retry::{ReconnectMode, RetryConfig};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider};
use reqwest::{Certificate, ClientBuilder, redirect};

pub use reqwest::Client as HttpClient;

use crate::http::sdk_client;
use crate::secrets::SecretsManager;
use crate::table::Table;

/// A connection on this machine takes less than a millisecond; who needs longer is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// One attempt, from the connection to the last byte in.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
/// All attempts together: less than the 25 s that a function has.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);
/// The first attempt and two more.
const ATTEMPTS: u32 = 3;
/// As the client of [`connect_to_aws`] should have it: Lambda freezes a function between
/// requests, and a connection that slept longer is often dead without knowing it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// Where something stands in for AWS on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// At this `http` URL. Neither the environment nor the instance's metadata is asked for
    /// anything; the credentials are made up.
    Local(String),
    /// The same behind TLS, with a CA of this machine's own. The system's are not read.
    LocalTls {
        /// Its `https` URL.
        url: String,
        /// The CA's certificate, PEM. Checked by whoever read it.
        ca_pem: String,
    },
}

/// An open way to AWS. Cheap to clone; clones share the connections.
#[derive(Clone)]
pub struct Connection {
    config: SdkConfig,
}

/// Prepares the connection to a stand-in.
pub async fn connect(endpoint: &Endpoint) -> Connection {
    match endpoint {
        Endpoint::Local(url) => local(url, built(local_client())),
        Endpoint::LocalTls { url, ca_pem } => local(url, built(trusting(ca_pem))),
    }
}

/// Prepares the connection to where the SDK's own variables say (`AWS_REGION`,
/// `AWS_ENDPOINT_URL`, …), with the credentials that it finds there. `client`: whoever else asks
/// through it shares its connections and the CAs that it trusts.
pub async fn connect_to_aws(client: HttpClient) -> Connection {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(sdk_client(client))
        .timeout_config(timeouts())
        .retry_config(retries())
        .load()
        .await;
    Connection { config }
}

impl Connection {
    /// The table called `name`.
    pub fn table(&self, name: impl Into<String>, random: Arc<dyn Random>) -> Table {
        Table::new(self.dynamodb(), name, random)
    }

    /// The secrets manager.
    pub fn secrets(&self) -> SecretsManager {
        SecretsManager::new(aws_sdk_secretsmanager::Client::new(&self.config))
    }

    /// The bare DynamoDB client, for what no port covers.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection")
            .field("endpoint", &self.config.endpoint_url())
            .field("region", &self.config.region())
            .finish_non_exhaustive()
    }
}

fn local(url: &str, client: HttpClient) -> Connection {
    let credentials = Credentials::new("local", "local", None, None, "local endpoint");
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(url)
        .http_client(sdk_client(client))
        .timeout_config(timeouts())
        .retry_config(retries())
        .build();
    Connection { config }
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build()
}

fn retries() -> RetryConfig {
    // Which connections are kept is the HTTP client's business.
    RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_reconnect_mode(ReconnectMode::ReuseAllConnections)
}

fn client() -> ClientBuilder {
    HttpClient::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .redirect(redirect::Policy::none())
        .http1_only()
}

/// Without a proxy and without CAs: for what is asked without TLS.
pub(crate) fn local_client() -> ClientBuilder {
    client().no_proxy().tls_certs_only([])
}

/// Trusts this CA and no other.
fn trusting(ca_pem: &str) -> ClientBuilder {
    let ca = Certificate::from_pem(ca_pem.as_bytes());
    client().no_proxy().tls_certs_only(ca)
}

/// Nothing in these can be refused: no file is read, and the one certificate was checked before.
pub(crate) fn built(client: ClientBuilder) -> HttpClient {
    client
        .build()
        .unwrap_or_else(|error| unreachable!("an HTTP client: {error}"))
}
