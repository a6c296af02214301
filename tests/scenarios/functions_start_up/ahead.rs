//! What the vending function fetches before anybody asks (decision 0027), and what it does
//! not wait for.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::ports::Pause;
use lambda::starting::Starting;
use serde_json::{Value, json};
use tests::issuer::Issuer;
use tokio::net::TcpListener;

use super::function::{Function, vend};
use super::stage::Stage;
use super::trouble::{OfSecret, Trouble};

/// The listed issuers and one more.
fn listed(stage: &Stage, issuer: Value) -> String {
    let listed = stage.setting("VENDING_ISSUERS").unwrap();
    let mut listed: Vec<Value> = serde_json::from_str(&listed).unwrap();
    listed.push(issuer);
    json!(listed).to_string()
}

/// With an issuer of its own that counts.
async fn stage_with_issuer() -> (Stage, Issuer) {
    let mut stage = Stage::start().await;
    let issuer = Issuer::start().await;
    let own: Vec<Value> = serde_json::from_str(&issuer.list()).unwrap();
    let list = listed(&stage, own[0].clone());
    stage.set("VENDING_ISSUERS", list);
    stage.reset().await;
    (stage, issuer)
}

/// Policies and issuers' keys are there by then: what is left is the tenant's row.
#[tokio::test]
async fn the_first_caller_waits_for_one_row() {
    let (stage, issuer) = stage_with_issuer().await;
    let vending = Function::vending(&stage).await;
    assert_eq!(issuer.asked(), 2, "its configuration and its keys");
    let (of_table, of_secrets) = (stage.table.requests(), stage.secrets.requests());
    assert_eq!(vending.serve(&stage, &vend(&stage, 0)).await, "a token");
    assert_eq!(stage.table.requests(), of_table + 1);
    assert_eq!(stage.secrets.requests(), of_secrets);
}

#[tokio::test]
async fn a_later_attempt_of_a_start_is_for_the_secrets_alone() {
    let (mut stage, issuer) = stage_with_issuer().await;
    let trouble = Trouble::Secret("sealing-keys", OfSecret::Empty);
    trouble.begin(&mut stage).await;
    let vending = Function::vending(&stage).await;
    let (of_table, of_secrets) = (stage.table.requests(), stage.secrets.requests());
    stage.clock.advance(2);
    let refused = vending.serve(&stage, &vend(&stage, 0)).await;
    assert_eq!(refused, "503 `broker_unavailable`");
    assert!(
        stage.secrets.requests() > of_secrets,
        "they were looked for"
    );
    assert_eq!((stage.table.requests(), issuer.asked()), (of_table, 2));
}

/// A pause that is over at once, and known.
#[derive(Default)]
struct Over(Mutex<Vec<Duration>>);

#[async_trait]
impl Pause for Over {
    async fn pause(&self, duration: Duration) {
        self.0.lock().unwrap().push(duration);
    }
}

#[tokio::test]
async fn an_issuer_that_never_answers_delays_a_start_by_a_second_at_most() {
    let mut stage = Stage::start().await;
    // It takes connections, and nobody ever reads from them.
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let list = listed(&stage, json!({"issuer": url, "audience": "vending"}));
    stage.set("VENDING_ISSUERS", list);
    stage.reset().await;
    let over = Arc::new(Over::default());
    let mut basis = stage.basis().await;
    basis.platform.pause = over.clone();
    let started = Starting::begin(basis).await;
    let vending = Function::Vending(Box::new(started.unwrap()));
    assert_eq!(stage.faults("a silent issuer"), Vec::<String>::new());
    let waited = over.0.lock().unwrap().clone();
    assert!(
        waited.contains(&Duration::from_secs(1)) && waited.iter().all(|time| time.as_secs() <= 1),
        "{waited:?}"
    );
    // Nobody asked for that issuer's word.
    assert_eq!(vending.serve(&stage, &vend(&stage, 0)).await, "a token");
}
