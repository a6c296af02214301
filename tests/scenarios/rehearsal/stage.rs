//! What the acts share: the account, the authority, the issuer of callers' tokens, and
//! what has come of the acts so far.

use std::collections::BTreeMap;

use cargo_metadata::MetadataCommand;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use tests::issuer::Issuer;
use tests::{Entrance, Microphone, Ministack, Recorder};
use tokio::process::Command;
use url::Url;

use crate::account::{Account, REGION, ROOT_KEY};
use crate::authority::{Authority, CLIENT_ID};
use crate::certificate::Certificate;
use crate::package::{FUNCTIONS, Surroundings};
use crate::stack::{Recipe, Stack};
use crate::story::Story;

/// Variables of the functions and of the operator, each an output of the stack.
const EXPORTED_OUTPUTS: [(&str, &str); 8] = [
    ("TABLE_NAME", "TableName"),
    ("CONTROL_TABLE_NAME", "ControlTableName"),
    ("CERTIFICATE_SECRET_ID", "CertificateSecretId"),
    ("CONSENT_KEYS_SECRET_ID", "ConsentKeysSecretId"),
    ("SEALING_KEYS_SECRET_ID", "SealingKeysSecretId"),
    ("CONSENT_REDIRECT_URI", "RedirectUri"),
    ("FEED_WEBHOOK_KEYS_SECRET_ID", "WebhookKeysSecretId"),
    ("FEED_BUCKET", "AuditLogBucketName"),
];

/// The bus that events are put on: it is in every account.
pub(crate) const EVENT_BUS: &str = "arn:aws:events:us-east-1:000000000000:event-bus/default";

/// The whole rehearsal.
pub(crate) struct Stage {
    pub(crate) story: Story,
    pub(crate) cloud: Ministack,
    pub(crate) account: Account,
    pub(crate) authority: Authority,
    pub(crate) issuer: Issuer,
    /// What stands between each function and AWS.
    pub(crate) recorders: BTreeMap<&'static str, Recorder>,
    /// Who says who signed.
    sts: String,
    pub(crate) entrance: Entrance,
    pub(crate) client: Client,
    /// In the order in which they were made: the last one is in force.
    pub(crate) certificates: Vec<Certificate>,
    stack: Option<Stack>,
}

impl Stage {
    pub(crate) async fn set() -> Self {
        let cloud = Ministack::start_with(&[
            // Signatures are verified, and the roles of the stack are what counts.
            ("AUTH", "true"),
            // The last part of the names under which APIs are asked for.
            ("MINISTACK_HOST", "us-east-1.amazonaws.com"),
        ])
        .await;
        let mut recorders = BTreeMap::new();
        for function in FUNCTIONS {
            let recorder = Microphone::bind().await.in_front_of(cloud.port);
            recorders.insert(function, recorder);
        }
        Self {
            story: Story::begin(),
            account: Account::at(&cloud.endpoint),
            authority: Authority::start().await,
            issuer: Issuer::start().await,
            recorders,
            sts: crate::sts::in_front_of(&cloud.endpoint).await,
            entrance: Entrance { port: cloud.port },
            client: Client::builder().no_proxy().build().unwrap(),
            certificates: Vec::new(),
            stack: None,
            cloud,
        }
    }

    /// The stack as it is.
    pub(crate) fn stack(&self) -> &Stack {
        self.stack.as_ref().expect("the stack has been created")
    }

    pub(crate) fn put_stack(&mut self, stack: Stack) {
        self.stack = Some(stack);
    }

    pub(crate) fn take_stack(&mut self) -> Stack {
        self.stack.take().expect("the stack has been created")
    }

    /// The stack of this release, with the parameters that an act chooses.
    pub(crate) fn recipe(&self, release: &str, chosen: &[(&'static str, &str)]) -> Recipe {
        let url =
            |(function, recorder): (&&'static str, &Recorder)| (*function, recorder.url.clone());
        let surroundings = Surroundings {
            authority: self.authority.url.clone(),
            cloud: self.cloud.endpoint.clone(),
            sts: self.sts.clone(),
            endpoints: self.recorders.iter().map(url).collect(),
        };
        let always = [
            ("EntraClientId", CLIENT_ID.to_owned()),
            // Any GUID is a company's.
            ("FeedPublisherId", CLIENT_ID.to_owned()),
            ("VendingIssuers", self.issuer.list()),
            ("EventBusArn", EVENT_BUS.to_owned()),
            ("CallerAccount1", "000000000000".to_owned()),
            // The collector knows the broker by another address here.
            ("VendingServerId", "broker.rehearsal".to_owned()),
            // The simulated Microsoft resolves no name of AWS's: an act sends what it would.
            ("FeedWebhookUrl", "none".to_owned()),
            ("EntraHomeTenant", self.authority.home().to_string()),
        ];
        let chosen = chosen
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()));
        Recipe {
            template: crate::package::template(release, &surroundings),
            parameters: always.into_iter().chain(chosen).collect(),
        }
    }

    /// A request to an address that the stack has told.
    pub(crate) fn request(&self, method: Method, url: &str) -> RequestBuilder {
        let url = Url::parse(url).unwrap();
        self.entrance.request(&self.client, method, &url)
    }

    /// The operator's program on this account, with what the guide exports of the stack;
    /// gives what it printed.
    pub(crate) async fn operate(&self, arguments: &[&str]) -> String {
        let (done, printed, said) = self.attempt(arguments).await;
        assert!(done, "operator {arguments:?}: {said}");
        printed
    }

    /// The same where it may fail: whether it was done, what it printed, what it said.
    pub(crate) async fn attempt(&self, arguments: &[&str]) -> (bool, String, String) {
        let output = Command::new(operator())
            .args(arguments)
            .env_clear()
            .env("AWS_ENDPOINT_URL", &self.account.endpoint)
            .env("AWS_REGION", REGION)
            .env("AWS_ACCESS_KEY_ID", ROOT_KEY)
            .env("AWS_SECRET_ACCESS_KEY", ROOT_KEY)
            .envs(self.exports())
            .output()
            .await
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.success(),
            text(output.stdout),
            text(output.stderr),
        )
    }

    /// The variables that the guide has a person export, once there is a stack; and the
    /// simulated authority, which is for the rehearsal alone.
    fn exports(&self) -> Vec<(&'static str, &str)> {
        let of_stack = self.stack.iter().flat_map(|stack| {
            EXPORTED_OUTPUTS.map(|(variable, output)| (variable, stack.output(output)))
        });
        of_stack
            .chain([
                ("ENTRA_CLIENT_ID", CLIENT_ID),
                ("ENTRA_CLOUD", "public"),
                ("ENTRA_AUTHORITY", &self.authority.url),
            ])
            .collect()
    }

    /// The tenants of this table, as the operator sees them.
    pub(crate) async fn tenants(&self, table: &str) -> Vec<Value> {
        let list = ["--table", table, "--json", "tenants", "list"];
        serde_json::from_str(&self.operate(&list).await).unwrap()
    }
}

/// The program, which `cargo test --workspace` builds for its own tests.
fn operator() -> std::path::PathBuf {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let binary = metadata.target_directory.join("debug").join("operator");
    assert!(
        binary.is_file(),
        "{binary} is missing; build it (infra/rehearse does): cargo build -p operator"
    );
    binary.into()
}
