//! The connection to AWS, or to what stands in for it on one machine: one HTTP client
//! for every service, with time-outs and retries that fit a request that somebody
//! waits for. It asks nobody anything by itself: the first request does.

use std::sync::Arc;
use std::time::Duration;

use auth::ports::Random;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Credentials, SharedCredentialsProvider, SharedHttpClient};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};

use crate::secrets::SecretsManager;
use crate::table::Table;

/// A connection inside a region takes milliseconds; who needs longer is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
/// One attempt, from the first byte out to the last byte in.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
/// All attempts together: less than the 25 s that a function has.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);
/// The first attempt and two more.
const ATTEMPTS: u32 = 3;
/// Lambda freezes a function between requests; a connection that slept longer is
/// often dead without knowing it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// Where AWS is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// Where the SDK's own variables say (`AWS_REGION`, `AWS_ENDPOINT_URL`, …), with
    /// the credentials that it finds there.
    Environment,
    /// A stand-in at this `http` URL. Neither the environment nor the instance's
    /// metadata is asked for anything; the credentials are made up.
    Local(String),
    /// The same behind TLS, with a CA of this machine's own. The system's are not read.
    LocalTls {
        /// Its `https` URL.
        url: String,
        /// The CA's certificate, PEM. Checked by whoever read it: the SDK's client
        /// panics on one that cannot be parsed.
        ca_pem: String,
    },
}

/// An open way to AWS. Cheap to clone; clones share the connections.
#[derive(Clone)]
pub struct Connection {
    config: SdkConfig,
}

/// Prepares the connection.
pub async fn connect(endpoint: &Endpoint) -> Connection {
    let config = match endpoint {
        Endpoint::Environment => from_environment().await,
        Endpoint::Local(url) => local(url, http_client()),
        Endpoint::LocalTls { url, ca_pem } => local(url, own_ca_client(ca_pem)),
    };
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

async fn from_environment() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .http_client(https_client())
        .timeout_config(timeouts())
        .retry_config(retries())
        .load()
        .await
}

fn local(url: &str, http_client: SharedHttpClient) -> SdkConfig {
    let credentials = Credentials::new("local", "local", None, None, "local endpoint");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .endpoint_url(url)
        .http_client(http_client)
        .timeout_config(timeouts())
        .retry_config(retries())
        .build()
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build()
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS)
}

fn https_client() -> SharedHttpClient {
    Builder::new()
        .pool_idle_timeout(IDLE_TIMEOUT)
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
        .build_https()
}

/// Without TLS: reading the machine's CA files is most of a start.
fn http_client() -> SharedHttpClient {
    Builder::new().pool_idle_timeout(IDLE_TIMEOUT).build_http()
}

/// Trusts this CA and no other.
fn own_ca_client(ca_pem: &str) -> SharedHttpClient {
    let trust = TrustStore::empty().with_pem_certificate(ca_pem);
    // A trust store is all that is set: there is nothing that could be refused.
    let context = TlsContext::builder().with_trust_store(trust).build();
    let builder = Builder::new()
        .pool_idle_timeout(IDLE_TIMEOUT)
        .tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    match context {
        Ok(context) => builder.tls_context(context).build_https(),
        Err(_) => unreachable!("a context of one trust store"),
    }
}
