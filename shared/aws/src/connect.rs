//! The connection to AWS, or to its stand-in on one machine: one HTTP client for every service,
//! with time-outs and retries that fit a request that somebody waits for. Makes no request
//! until it is first used.

use std::sync::Arc;
use std::time::Duration;

use auth::ports::Random;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_dynamodb::config::retry::{ReconnectMode, RetryConfig};
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{Credentials, ProvideCredentials as _, SharedCredentialsProvider};

use auth::secret::{ExposeSecret as _, SecretString};

use crate::events::EventBus;
use crate::http::{HttpClient, client_trusting, plain_client, sdk_client};
use crate::objects::{ObjectStore, Patience};
use crate::on_demand::OnDemandLambda;
use crate::queue::Queue;
use crate::secrets::SecretsManager;
use crate::table::{ControlTable, Table};

/// One attempt, from the connection to the last byte in.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
/// All attempts together: less than the 25 s that a function has.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);
/// The first attempt and two more.
const ATTEMPTS: u32 = 3;

/// Who works without credentials.
const UNKNOWN: &str = "unknown";

/// The address of a stand-in for AWS on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    /// At this `http` URL. Neither the environment nor the instance's metadata is asked for
    /// anything; the credentials are made up.
    Local(String),
    /// The same behind TLS, with a CA of this machine's own. The system's are not read.
    LocalTls {
        /// Its `https` URL.
        url: String,
        /// The CA's certificate, PEM, already checked.
        ca_pem: String,
    },
}

/// An open way to AWS. Cheap to clone; clones share the connections.
#[derive(Clone)]
pub struct Connection {
    config: SdkConfig,
    /// What the SDK asks through.
    client: HttpClient,
}

/// Prepares the connection to a stand-in.
pub async fn connect(endpoint: &Endpoint) -> Connection {
    match endpoint {
        Endpoint::Local(url) => local(url, plain_client()),
        Endpoint::LocalTls { url, ca_pem } => local(url, client_trusting(ca_pem)),
    }
}

/// Prepares the connection to where the SDK's own variables say (`AWS_REGION`,
/// `AWS_ENDPOINT_URL`, …), with the credentials that it finds there. `client`: its other users
/// share its connections and the CAs that it trusts.
pub async fn connect_to_aws(client: HttpClient) -> Connection {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(sdk_client(client.clone()))
        .timeout_config(timeouts())
        .retry_config(retries())
        .load()
        .await;
    Connection { config, client }
}

impl Connection {
    /// The table called `name`.
    pub fn table(&self, name: impl Into<String>, random: Arc<dyn Random>) -> Table {
        Table::new(self.dynamodb(), name, random)
    }

    /// The control table called `name`.
    pub fn control_table(&self, name: impl Into<String>, random: Arc<dyn Random>) -> ControlTable {
        ControlTable::new(self.dynamodb(), name, random)
    }

    /// The secrets manager.
    pub fn secrets(&self) -> SecretsManager {
        SecretsManager::new(aws_sdk_secretsmanager::Client::new(&self.config))
    }

    /// Who the credentials are, as AWS names it: the ARN. Where STS does not answer, their access
    /// key's id, by which CloudTrail finds the principal. For a log, never for a decision.
    pub async fn principal(&self) -> String {
        let asked = aws_sdk_sts::Client::new(&self.config).get_caller_identity();
        let known = asked.send().await.ok().and_then(|known| known.arn);
        match (known, self.config.credentials_provider()) {
            (Some(arn), _) => arn,
            (None, Some(provider)) => match provider.provide_credentials().await {
                Ok(found) => format!("access key {}", found.access_key_id()),
                Err(_) => UNKNOWN.to_owned(),
            },
            (None, None) => UNKNOWN.to_owned(),
        }
    }

    /// The function that signs, by its name or ARN.
    pub fn on_demand(&self, function: impl Into<String>) -> OnDemandLambda {
        OnDemandLambda::new(&self.config, function)
    }

    /// The objects below `prefix` (`FEED_PREFIX`, empty for all) in `bucket` (`FEED_BUCKET`).
    pub fn objects(&self, bucket: &str, prefix: &str) -> ObjectStore {
        self.objects_within(bucket, prefix, Patience::default())
    }

    /// The same with other time-outs.
    pub fn objects_within(&self, bucket: &str, prefix: &str, patience: Patience) -> ObjectStore {
        ObjectStore::new(&self.config, self.client.clone(), bucket, prefix, patience)
    }

    /// The event bus of this name or ARN (`EVENT_BUS_NAME`).
    pub fn event_bus(&self, name: &str) -> EventBus {
        EventBus::new(&self.config, name)
    }

    /// The queue at this URL (`FEED_QUEUE_URL`).
    pub fn queue(&self, url: &str) -> Queue {
        Queue::new(&self.config, url)
    }

    /// The same connection with this access key, for a stand-in that checks who asks.
    pub fn signing_as(self, access_key_id: &str, secret: &SecretString) -> Connection {
        let secret = secret.expose_secret();
        let credentials = Credentials::new(access_key_id, secret, None, None, "access key");
        let provider = SharedCredentialsProvider::new(credentials);
        let config = self.config.into_builder().credentials_provider(provider);
        Connection {
            config: config.build(),
            client: self.client,
        }
    }

    /// Who signs, for a request that another sends on; `None` without credentials.
    pub(crate) fn credentials(&self) -> Option<SharedCredentialsProvider> {
        self.config.credentials_provider()
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
        .http_client(sdk_client(client.clone()))
        .timeout_config(timeouts())
        .retry_config(retries())
        .build();
    Connection { config, client }
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
