//! The consent function: without its secrets or its table every page asks to come again,
//! before an admin has clicked through Microsoft's for nothing.

use serde_json::Value;

use super::function::{Function, landing};
use super::guide::{self, Row};
use super::recovery::Watched;
use super::stage::Stage;
use super::trouble::{OfService, Trouble};

#[tokio::test]
async fn the_consent_function_starts_and_recovers() {
    let mut stage = Stage::start().await;
    let page = Landing(landing(&invite(&stage).await));
    let mut starts = Vec::new();
    let troubles = Trouble::of_secret("consent-keys");
    for trouble in troubles.chain(Trouble::of_secrets()) {
        starts.push(page.at_start(&mut stage, trouble).await);
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

/// Asked for the landing page of an invite.
struct Landing(Value);

impl Watched for Landing {
    const REQUESTS: usize = 1;

    async fn start(&self, stage: &Stage) -> Function {
        Function::consent(stage).await
    }

    async fn served(&self, stage: &Stage, consent: &Function) -> String {
        let served = consent.serve(stage, &self.0).await;
        assert!(
            Self::is_well(&served) || served.starts_with("503"),
            "{served}"
        );
        served
    }

    fn is_well(served: &str) -> bool {
        served.starts_with("200")
    }
}

async fn while_running(stage: &mut Stage, page: &Landing, trouble: Trouble) -> Row {
    stage.reset().await;
    let name = trouble.name();
    let consent = Function::consent(stage).await;
    trouble.begin(stage).await;
    let meanwhile = page.served(stage, &consent).await;
    let told = stage.faults(&name);
    let served = Landing::is_well(&meanwhile);
    assert_eq!(told.is_empty(), served, "{name}: {meanwhile}: {told:?}");
    assert!(told.len() <= 1, "{name}: {told:?}");
    stage.mend().await;
    page.recovered(stage, &consent, (name, told, meanwhile))
        .await
}
