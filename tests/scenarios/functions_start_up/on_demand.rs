//! The refresher on demand: without its secrets or its table it says so, writes nothing
//! of any tenant, and works as soon as they are mended.

use serde_json::{Value, json};
use tests::Broker;

use super::function::{Function, renew, vend};
use super::guide::{self, Row};
use super::recovery::{TRY_AGAIN, Watched};
use super::stage::Stage;
use super::trouble::{OfSecret, OfService, Trouble};

/// A token is renewed again after so long at the earliest.
const LATER: i64 = 61;

#[tokio::test]
async fn the_refresher_on_demand_starts_and_recovers() {
    let mut stage = Stage::start().await;
    let mut starts = Vec::new();
    let secrets = ["certificate", "sealing-keys"];
    let troubles = secrets.into_iter().flat_map(Trouble::of_secret);
    for trouble in troubles.chain(Trouble::of_secrets()) {
        starts.push(OnDemand.at_start(&mut stage, trouble).await);
    }
    let mut later = Vec::new();
    let more = [Trouble::Secrets(OfService::Down)];
    for trouble in Trouble::of_table().chain(more) {
        later.push(while_running(&mut stage, trouble).await);
    }
    let sections = [("At the start", starts), ("While it runs", later)];
    guide::holds("on-demand", &sections);
}

/// Asked for a renewal, and whether it takes itself for ready.
struct OnDemand;

impl Watched for OnDemand {
    const REQUESTS: usize = 2;

    async fn start(&self, stage: &Stage) -> Function {
        Function::on_demand(stage).await
    }

    async fn served(&self, stage: &Stage, on_demand: &Function) -> String {
        let renewed = on_demand.serve(stage, &renew(stage, 0)).await;
        let ready = on_demand.serve(stage, &json!({"ready": {}})).await;
        format!("renew: {renewed}; ready: {ready}")
    }

    fn is_well(served: &str) -> bool {
        served == "renew: `renewed`; ready: `ready`"
    }
}

async fn while_running(stage: &mut Stage, trouble: Trouble) -> Row {
    stage.reset().await;
    let name = trouble.name();
    let on_demand = Function::on_demand(stage).await;
    stage.clock.advance(LATER);
    trouble.begin(stage).await;
    let meanwhile = OnDemand.served(stage, &on_demand).await;
    let told = stage.faults(&name);
    assert!(told.len() <= 1, "{name}: {told:?}");
    stage.mend().await;
    stage.clock.advance(LATER);
    let troubled = (name, told, meanwhile);
    OnDemand.recovered(stage, &on_demand, troubled).await
}

/// A tenant whose token is missing meanwhile is at no fault: nothing is written of it, and it
/// gets its token as soon as the secret is mended.
#[tokio::test]
async fn without_a_certificate_no_tenants_record_says_a_failure() {
    let mut stage = Stage::start().await;
    stage.connect(1).await;
    stage.reset().await;
    Trouble::Secret("certificate", OfSecret::Expired)
        .begin(&mut stage)
        .await;
    let on_demand = Function::on_demand(&stage).await;
    stage.lines.take();
    let refused = on_demand.serve(&stage, &renew(&stage, 1)).await;
    assert_eq!(refused, "`unable` (`broker_unavailable`)");
    let lines = stage.lines.take();
    let events: Vec<&Value> = lines.iter().map(|line| &line["event"]).collect();
    let faults = ["fleet_fault", "renewal_failed"];
    assert!(
        !events
            .iter()
            .any(|event| faults.iter().any(|fault| *event == fault)),
        "{events:?}"
    );
    stage.mend().await;
    stage.clock.advance(TRY_AGAIN);
    let renewed = on_demand.serve(&stage, &renew(&stage, 1)).await;
    assert_eq!(renewed, "`renewed`");
    let before = app_only_requests(&stage).await;
    let vending = Function::vending(&stage).await;
    assert_eq!(vending.serve(&stage, &vend(&stage, 1)).await, "a token");
    assert_eq!(
        app_only_requests(&stage).await,
        before,
        "it was in the table"
    );
}

async fn app_only_requests(stage: &Stage) -> Option<u64> {
    let stats = Broker::of(&stage.process.ready).stats().await;
    stats["app_only_by_tenant"][&stage.tenant(1)].as_u64()
}
