//! A one-machine run whose tables, secrets and authority the programs use; its own functions
//! are asked for nothing.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use aws::SystemClock;
use local::{Machine, Options, Parts};
use reqwest::Client;
use serde_json::Value;
use tempfile::TempDir;

use super::Walk;
use super::desk::Behind;
use crate::issuer::Issuer;
use crate::{ReadyLine, caller_key, in_process, put_policy};

/// A role of AWS, and a caller key; both have this name.
pub(super) const CALLER: &str = "collector";
/// The role's account.
pub(super) const ACCOUNT: &str = "111122223333";
/// What the authority counts of functions; browsers ask for none of it.
const AT_ENTRA: [(&str, &str); 4] = [
    ("discovery", "metadata"),
    ("jwks", "keys"),
    ("code_redemptions", "token for a code"),
    ("app_only_requests", "token for the application"),
];

/// The run and what callers have.
pub(super) struct Stage<'a> {
    pub(super) walk: Walk<'a>,
    pub(super) behind: Arc<Behind>,
    pub(super) variables: BTreeMap<String, String>,
    pub(super) ready: ReadyLine,
    pub(super) issuer: Issuer,
    pub(super) key: String,
    pub(super) _machine: Machine,
    pub(super) _directory: TempDir,
}

impl<'a> Stage<'a> {
    pub(super) async fn start(walk: Walk<'a>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let options = Options {
            simulated_tenants: walk.tenants,
            ..in_process::options(directory.path())
        };
        let parts = Parts::new(Arc::new(SystemClock));
        let machine = Machine::start(&options, parts).await.unwrap();
        let issuer = Issuer::start().await;
        put_policy(directory.path(), &policies(&issuer), &["--confirm"]).await;
        let key = caller_key(directory.path(), CALLER).await;
        let run = std::fs::read(directory.path().join("run.json")).unwrap();
        let run: Value = serde_json::from_slice(&run).unwrap();
        let text = |name: &str| run[name].as_str().unwrap().to_owned();
        let mut variables: BTreeMap<String, String> =
            serde_json::from_value(run["settings"].clone()).unwrap();
        variables.insert("VENDING_ISSUERS".to_owned(), issuer.list());
        Self {
            walk,
            behind: Arc::new(Behind {
                client: Client::builder().no_proxy().build().unwrap(),
                engine: text("table_endpoint"),
                secrets: PathBuf::from(text("secrets_directory")),
                on_demand: Mutex::new(None),
            }),
            variables,
            ready: in_process::ready(&machine),
            issuer,
            key,
            _machine: machine,
            _directory: directory,
        }
    }

    pub(super) fn tenant(&self, index: usize) -> &str {
        &self.ready.simulated_tenants[index].tenant_id
    }

    /// How often each server beside AWS has been asked so far.
    pub(super) async fn asked_elsewhere(&self) -> BTreeMap<String, u32> {
        let url = format!("{}/_sim/stats", self.ready.entra_url);
        let stats = self.behind.client.get(url).send().await.unwrap();
        let stats: Value = stats.json().await.unwrap();
        let count = |name: &str| u32::try_from(stats[name].as_u64().unwrap()).unwrap();
        let mut asked: BTreeMap<String, u32> = AT_ENTRA
            .iter()
            .map(|(counter, name)| (format!("Entra ID: {name}"), count(counter)))
            .collect();
        asked.insert(
            "a caller's issuer: document".to_owned(),
            self.issuer.asked(),
        );
        asked
    }
}

/// Each caller may have every tenant's token.
fn policies(issuer: &Issuer) -> String {
    format!(
        "@id(\"workload\") permit(principal is Workload, action, resource) \
         when {{ principal.issuer == \"{}\" && principal.subject == \"caller\" }};\n\
         @id(\"role\") permit(principal == AwsRole::\"{ACCOUNT}/{CALLER}\", action, resource);\n\
         @id(\"key\") permit(principal == Key::\"{CALLER}\", action, resource);\n",
        issuer.url
    )
}
