//! The consent function: without its secrets or its table every page asks to come again,
//! before an admin has clicked through Microsoft's for nothing.

use serde_json::Value;

use super::function::{Function, landing};
use super::guide::{self, Row};
use super::stage::Stage;
use super::trouble::{OfService, Trouble};

/// What is missing is looked for again after so long.
const TRY_AGAIN: i64 = 2;

#[tokio::test]
async fn the_consent_function_starts_and_recovers() {
    let mut stage = Stage::start().await;
    let page = landing(&invite(&stage).await);
    let mut starts = Vec::new();
    let troubles = Trouble::of_secret("consent-keys");
    for trouble in troubles.chain(Trouble::of_secrets()) {
        starts.push(at_start(&mut stage, &page, trouble).await);
    }
    let mut later = Vec::new();
    let more = [Trouble::Secrets(OfService::Down)];
    for trouble in Trouble::of_table().chain(more) {
        later.push(while_running(&mut stage, &page, trouble).await);
    }
    let sections = [("At the start", starts), ("While it runs", later)];
    guide::holds("consent", &sections);
}

/// The id of an invite, which the landing page reads from the table.
async fn invite(stage: &Stage) -> String {
    let made = tests::operate(stage.directory.path(), &["--json", "invite", "Contoso"]).await;
    let made: Value = serde_json::from_str(&made).unwrap();
    let (_, id) = made["consent_url"]
        .as_str()
        .unwrap()
        .split_once("invite=")
        .unwrap();
    id.to_owned()
}

async fn at_start(stage: &mut Stage, page: &Value, trouble: Trouble) -> Row {
    stage.reset().await;
    trouble.begin(stage).await;
    let name = trouble.name();
    let consent = Function::consent(stage).await;
    let told = stage.faults(&name);
    assert_eq!(told.len(), 1, "{name}: {told:?}");
    let meanwhile = consent.serve(stage, page).await;
    assert!(meanwhile.starts_with("503"), "{name}: {meanwhile}");
    assert_eq!(stage.faults(&name), told, "{name}: each request tells it");
    stage.mend().await;
    stage.clock.advance(TRY_AGAIN);
    let row = recovered(stage, &consent, page, (name, told, meanwhile)).await;
    Row {
        mended: format!("the next request, {TRY_AGAIN} s after the last look at the earliest"),
        ..row
    }
}

async fn while_running(stage: &mut Stage, page: &Value, trouble: Trouble) -> Row {
    stage.reset().await;
    let name = trouble.name();
    let consent = Function::consent(stage).await;
    trouble.begin(stage).await;
    let meanwhile = consent.serve(stage, page).await;
    let told = stage.faults(&name);
    let served = meanwhile.starts_with("200");
    assert_eq!(told.is_empty(), served, "{name}: {meanwhile}: {told:?}");
    assert!(told.len() <= 1, "{name}: {told:?}");
    stage.mend().await;
    recovered(stage, &consent, page, (name, told, meanwhile)).await
}

/// The next request of the same process is answered as ever.
async fn recovered(
    stage: &Stage,
    consent: &Function,
    page: &Value,
    (trouble, told, meanwhile): (String, Vec<String>, String),
) -> Row {
    let mended = consent.serve(stage, page).await;
    assert!(mended.starts_with("200"), "{trouble}: {mended}");
    assert_eq!(stage.faults(&trouble), Vec::<String>::new(), "{trouble}");
    Row {
        trouble,
        told,
        meanwhile,
        mended: "the next request".to_owned(),
    }
}
