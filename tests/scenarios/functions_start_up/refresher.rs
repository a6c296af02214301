//! The refresher: a run ends early in one line, and the next one does what it left.

use serde_json::json;

use super::function::Function;
use super::guide::{self, Row};
use super::stage::Stage;
use super::trouble::{OfService, Trouble};

/// A run that died holds its shards for as long as Lambda would have left it.
const LATER: i64 = 61;

#[tokio::test]
async fn the_refresher_starts_and_recovers() {
    let mut stage = Stage::start().await;
    stage.connect(1).await;
    let mut starts = Vec::new();
    let secrets = ["certificate", "sealing-keys"];
    let troubles = secrets.into_iter().flat_map(Trouble::of_secret);
    for trouble in troubles.chain(Trouble::of_secrets()) {
        starts.push(at_start(&mut stage, trouble).await);
    }
    let mut later = vec![];
    let more = [
        Trouble::Table(OfService::ThrottledWrites),
        Trouble::NoIndex("due"),
        Trouble::Secrets(OfService::Down),
    ];
    for trouble in Trouble::of_table().chain(more) {
        later.push(while_running(&mut stage, trouble).await);
    }
    let sections = [("At the start", starts), ("While it runs", later)];
    guide::holds("refresher", &sections);
}

async fn at_start(stage: &mut Stage, trouble: Trouble) -> Row {
    stage.reset().await;
    stage.make_due(0).await;
    trouble.begin(stage).await;
    let name = trouble.name();
    let refresher = Function::refresher(stage).await;
    let told = stage.faults(&name);
    assert_eq!(told.len(), 1, "{name}: {told:?}");
    let meanwhile = refresher.serve(stage, &json!({})).await;
    assert_eq!(stage.faults(&name), told, "{name}: each run tells it");
    stage.mend().await;
    stage.clock.advance(2);
    recovered(
        stage,
        &refresher,
        Row {
            trouble: name,
            told,
            meanwhile,
            mended: String::new(),
        },
    )
    .await
}

/// It had everything, and its table or its secrets go away.
async fn while_running(stage: &mut Stage, trouble: Trouble) -> Row {
    stage.reset().await;
    let name = trouble.name();
    let refresher = Function::refresher(stage).await;
    stage.make_due(0).await;
    stage.make_due(1).await;
    trouble.begin(stage).await;
    let meanwhile = refresher.serve(stage, &json!({})).await;
    let told = stage.faults(&name);
    assert!(told.len() <= 1, "{name}: {told:?}");
    stage.mend().await;
    stage.clock.advance(LATER);
    stage.make_due(0).await;
    recovered(
        stage,
        &refresher,
        Row {
            trouble: name,
            told,
            meanwhile,
            mended: String::new(),
        },
    )
    .await
}

/// The next run of the same process renews what is due and has nothing to complain of.
async fn recovered(stage: &Stage, refresher: &Function, row: Row) -> Row {
    let mended = refresher.serve(stage, &json!({})).await;
    let name = &row.trouble;
    assert_eq!(stage.faults(name), Vec::<String>::new(), "{name}");
    assert!(
        mended.starts_with("a run: ") && !mended.contains(": 0 renewed"),
        "{name}: {mended}"
    );
    assert!(mended.ends_with(" none failed"), "{name}: {mended}");
    let mended = "the next run renews what is due".to_owned();
    Row { mended, ..row }
}
