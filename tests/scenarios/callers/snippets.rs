//! The snippets of the callers' documentation, run as they stand there by curl, Python and
//! Node over TLS. A snippet is given the variables that its page names, and no other.

use std::process::{Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tests::judge::installed;
use tests::{Signer, jwt};
use tokio::process::Command;
use tokio::time::timeout;

use super::page::{Block, Fate, Page};
use super::pages::pages;
use super::stage::{Stage, UNKNOWN_TENANT};

/// A loaded machine is slow; a snippet that has not ended after this never will.
const PATIENCE: Duration = Duration::from_secs(60);

/// A token is asked for anew once a minute at most, in seconds.
const BETWEEN_RENEWALS: i64 = 61;

/// What is told of a tenant that is not connected.
const NOT_CONNECTED: &str = "its admin has to open the consent link";

/// What each page's table of variables can name.
fn variables(stage: &Stage, tenant: &str) -> Vec<(&'static str, String)> {
    let ready = &stage.broker.ready;
    let signer = Signer::of(ready);
    let path = |name: &str| stage.file(name).to_str().unwrap().to_owned();
    let ca_file = path("ca.pem");
    vec![
        ("BROKER_URL", ready.vending_url.clone()),
        ("FUNCTION_URL", ready.function_url.clone()),
        ("TENANT_ID", tenant.to_owned()),
        ("CALLER_TOKEN_FILE", path("caller-token")),
        ("CALLER_KEY", stage.key.clone()),
        ("AWS_REGION", signer.region),
        ("AWS_ACCESS_KEY_ID", signer.access_key_id),
        ("AWS_SECRET_ACCESS_KEY", signer.secret_access_key),
        // The key of one machine has none.
        ("AWS_SESSION_TOKEN", String::new()),
        ("IDENTITY_ENDPOINT", stage.identity_endpoint()),
        ("IDENTITY_HEADER", stage.key.clone()),
        ("AZURE_CLIENT_ID", tenant.to_owned()),
        ("AZURE_TENANT_ID", tenant.to_owned()),
        ("AZURE_AUTHORITY_HOST", ready.vending_url.clone()),
        ("AZURE_FEDERATED_TOKEN_FILE", path("caller-token")),
        ("CURL_CA_BUNDLE", ca_file.clone()),
        ("REQUESTS_CA_BUNDLE", ca_file.clone()),
        ("NODE_EXTRA_CA_CERTS", ca_file),
    ]
}

/// The directory in which a page's snippets are run, one after the other.
struct Workplace {
    directory: TempDir,
    variables: Vec<(&'static str, String)>,
}

impl Workplace {
    fn of(page: &Page, stage: &Stage, tenant: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        // A module of the ES kind does not look at NODE_PATH.
        let modules = installed("JUDGES_NODE_MODULES");
        std::os::unix::fs::symlink(modules, directory.path().join("node_modules")).unwrap();
        let variables = variables(stage, tenant).into_iter();
        Self {
            directory,
            variables: variables.filter(|(name, _)| page.names(name)).collect(),
        }
    }

    async fn run(&self, block: &Block) -> Output {
        let (program, options, file) = match block.language.as_str() {
            "sh" => ("sh".to_owned(), &["-eu"][..], "snippet.sh"),
            "python" => (installed("JUDGES_PYTHON"), &[][..], "snippet.py"),
            "js" => (installed("JUDGES_NODE"), &[][..], "snippet.mjs"),
            other => panic!("nothing runs {other}"),
        };
        std::fs::write(self.directory.path().join(file), &block.text).unwrap();
        let run = Command::new(program)
            .args(options)
            .arg(file)
            .current_dir(&self.directory)
            .env_clear()
            .env("PATH", aws::environment("PATH").unwrap())
            .envs(self.variables.iter().cloned())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        timeout(PATIENCE, run).await.expect("it ends").unwrap()
    }

    fn read(&self, file: &str) -> Option<String> {
        std::fs::read_to_string(self.directory.path().join(file)).ok()
    }
}

#[tokio::test]
async fn every_snippet_gets_the_tenants_token() {
    let stage = Stage::start(2).await;
    for page in pages() {
        // The other one, so that a snippet which names no tenant shows.
        let tenant = &stage.tenants[1];
        let place = Workplace::of(&page, &stage, tenant);
        for block in page.run() {
            let rejected = block.text.contains("rejected=");
            if rejected {
                stage.clock.advance(BETWEEN_RENEWALS);
            }
            let before = place.read("token.json");
            let output = place.run(block).await;
            let said = said(&output);
            let what = format!("{}: {}\n{said}", page.name, block.text);
            assert!(output.status.success(), "{what}");
            assert!(!said.contains("eyJ"), "a token is printed: {what}");
            match &block.fate {
                Fate::LeavesFile(file) => check_file(&place, file, tenant, &what),
                _ => check_printed(&output, tenant, &what),
            }
            // Every other one shows the token that the broker keeps.
            if rejected {
                assert_ne!(token(before), token(place.read("token.json")), "{what}");
            }
        }
    }
    stage.stop().await;
}

/// The token in an answer.
fn token(answer: Option<String>) -> String {
    let answer: Value = serde_json::from_str(&answer.expect("token.json")).unwrap();
    answer["access_token"].as_str().expect("a token").to_owned()
}

/// `TENANT SECONDS`, both of which come with the token.
fn check_printed(output: &Output, tenant: &str, what: &str) {
    let printed = String::from_utf8_lossy(&output.stdout);
    let (printed_tenant, seconds) = printed.trim().split_once(' ').expect(what);
    assert_eq!(printed_tenant, tenant, "{what}");
    let seconds: f64 = seconds.parse().expect(what);
    // The run's clock may be ahead of the snippet's.
    assert!((300.0..=3700.0).contains(&seconds), "{what}");
}

fn check_file(place: &Workplace, file: &str, tenant: &str, what: &str) {
    let text = place.read(file).expect(what);
    let answer: Value = serde_json::from_str(&text).expect(what);
    match file {
        "token.json" => {
            let token = answer["access_token"].as_str().expect(what);
            assert_eq!(jwt::claims(token)["tid"], tenant, "{what}");
        }
        "tenants.json" => {
            let tenants = answer["tenants"].as_array().expect(what);
            let is_there = tenants.iter().any(|shown| shown["tenant_id"] == tenant);
            assert!(is_there, "{what}");
        }
        "tokens.json" => {
            let member = &answer["tokens"][0];
            let token = member["access_token"].as_str().expect(what);
            assert_eq!(jwt::claims(token)["tid"], tenant, "{what}");
        }
        "invite.json" => assert!(answer["consent_url"].is_string(), "{what}"),
        other => panic!("what is in {other}? {what}"),
    }
}

/// What is said to whoever copies a snippet for a tenant that is not connected.
#[tokio::test]
async fn every_snippet_fails_with_our_words_where_there_is_no_token() {
    let stage = Stage::start(1).await;
    for page in pages() {
        let place = Workplace::of(&page, &stage, UNKNOWN_TENANT);
        for block in page.run() {
            let file = match &block.fate {
                Fate::LeavesFile(file) if file != "token.json" => continue,
                Fate::LeavesFile(file) => Some(file),
                _ => None,
            };
            let output = place.run(block).await;
            let left = file.and_then(|file| place.read(file)).unwrap_or_default();
            let said = format!("{}{left}", said(&output));
            let what = format!("{}: {}\n{said}", page.name, block.text);
            assert!(!output.status.success(), "{what}");
            assert!(said.contains(NOT_CONNECTED), "{what}");
            for secret in [&stage.key, &stage.broker.ready.caller_token] {
                assert!(!said.contains(secret.as_str()), "{what}");
            }
        }
    }
    stage.stop().await;
}

/// Everything that it printed.
fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    format!("{}{}", text(&output.stdout), text(&output.stderr))
}

/// What a page's table names is what its snippets are given.
#[tokio::test]
async fn every_variable_of_a_page_is_one_that_is_given() {
    let stage = Stage::start(0).await;
    let known = variables(&stage, UNKNOWN_TENANT);
    for page in pages() {
        for line in page.text.lines().filter(|line| line.starts_with("| `")) {
            let name = line.split('`').nth(1).unwrap();
            let is_variable = name
                .bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte == b'_');
            let is_given = known.iter().any(|(given, _)| *given == name);
            assert!(!is_variable || is_given, "{}: {name}", page.name);
        }
    }
    stage.stop().await;
}
