//! The vending function: it hands out what memory holds for moments without the table, and
//! has everybody else come again soon. It has no certificate.

use tests::gateway_event::request;

use super::function::{Function, by_caller, vend};
use super::guide::{self, Row};
use super::recovery::Watched;
use super::stage::Stage;
use super::trouble::{OfService, Trouble};

/// `VEND_STATE_MAX_AGE_SECONDS` where nobody sets it: memory is not believed any more.
const STATE_MAX_AGE: i64 = 30;
/// The ring is read again after so long, and after a read that failed a minute later.
const RING_MAX_AGE: i64 = 900;
const RING_AGAIN: i64 = 60;

#[tokio::test]
async fn the_vending_function_starts_and_recovers() {
    let mut stage = Stage::start().await;
    let mut starts = Vec::new();
    let troubles = Trouble::of_secret("sealing-keys");
    for trouble in troubles.chain(Trouble::of_secrets()) {
        starts.push(Vending.at_start(&mut stage, trouble).await);
    }
    let mut cold = Vec::new();
    for trouble in Trouble::of_table() {
        cold.push(first_request(&mut stage, trouble).await);
    }
    cold.push(without_an_index(&mut stage).await);
    let mut warm = Vec::new();
    for trouble in [OfService::Denied, OfService::Throttled, OfService::Down] {
        warm.push(warm_and_fresh(&mut stage, Trouble::Table(trouble)).await);
    }
    for trouble in [OfService::Throttled, OfService::Down, OfService::Hanging] {
        warm.push(with_old_secrets(&mut stage, Trouble::Secrets(trouble)).await);
    }
    let sections = [
        ("At the start", starts),
        ("At the first request", cold),
        ("Later, with a token in memory", warm),
    ];
    guide::holds("vending", &sections);
}

/// Asked for a token, and whether it takes itself for healthy.
struct Vending;

impl Watched for Vending {
    const REQUESTS: usize = 2;

    async fn start(&self, stage: &Stage) -> Function {
        Function::vending(stage).await
    }

    async fn served(&self, stage: &Stage, vending: &Function) -> String {
        let token = vending.serve(stage, &vend(stage, 0)).await;
        let health = vending.serve(stage, &request("GET", "/health")).await;
        format!("{token}; health: {health}")
    }

    fn is_well(served: &str) -> bool {
        served == "a token; health: 200"
    }
}

async fn first_request(stage: &mut Stage, trouble: Trouble) -> Row {
    stage.reset().await;
    trouble.begin(stage).await;
    let name = trouble.name();
    let vending = Function::vending(stage).await;
    assert_eq!(
        stage.faults(&name),
        Vec::<String>::new(),
        "{name}: it starts"
    );
    let meanwhile = vending.serve(stage, &vend(stage, 0)).await;
    let told = stage.faults(&name);
    assert_eq!(told.len(), 1, "{name}: {told:?}");
    let health = vending.serve(stage, &request("GET", "/health")).await;
    assert_eq!(stage.faults(&name).len(), 1, "{name}");
    stage.mend().await;
    let meanwhile = format!("{meanwhile}; health: {health}");
    Vending
        .recovered(stage, &vending, (name, told, meanwhile))
        .await
}

/// Only the listing needs it.
async fn without_an_index(stage: &mut Stage) -> Row {
    stage.reset().await;
    let trouble = Trouble::NoIndex("tenants");
    trouble.begin(stage).await;
    let name = trouble.name();
    let vending = Function::vending(stage).await;
    let token = Vending.served(stage, &vending).await;
    assert_eq!(stage.faults(&name), Vec::<String>::new(), "{name}");
    let listing = by_caller(stage, request("GET", "/tenants"));
    let listed = vending.serve(stage, &listing).await;
    let told = stage.faults(&name);
    assert_eq!(told.len(), 1, "{name}: {told:?}");
    stage.mend().await;
    assert_eq!(vending.serve(stage, &listing).await, "200", "{name}");
    let meanwhile = format!("{token}; `GET /tenants`: {listed}");
    Vending
        .recovered(stage, &vending, (name, told, meanwhile))
        .await
}

/// For as long as memory is believed the token comes from it; then the table is asked.
async fn warm_and_fresh(stage: &mut Stage, trouble: Trouble) -> Row {
    let (vending, name) = (warm(stage).await, trouble.name());
    trouble.begin(stage).await;
    let fresh = vending.serve(stage, &vend(stage, 0)).await;
    assert_eq!(
        stage.faults(&name),
        Vec::<String>::new(),
        "{name}: from memory"
    );
    stage.clock.advance(STATE_MAX_AGE);
    let old = vending.serve(stage, &vend(stage, 0)).await;
    let told = stage.faults(&name);
    assert_eq!(told.len(), 1, "{name}: {told:?}");
    stage.mend().await;
    let meanwhile = format!("for {STATE_MAX_AGE} s {fresh}, then {old}");
    Vending
        .recovered(stage, &vending, (name, told, meanwhile))
        .await
}

/// The ring in memory goes on; it is tried again a minute later.
async fn with_old_secrets(stage: &mut Stage, trouble: Trouble) -> Row {
    let (vending, name) = (warm(stage).await, trouble.name());
    trouble.begin(stage).await;
    stage.clock.advance(RING_MAX_AGE);
    let meanwhile = Vending.served(stage, &vending).await;
    let told = stage.faults(&name);
    assert_eq!(told.len(), 1, "{name}: {told:?}");
    let again = Vending.served(stage, &vending).await;
    assert_eq!(
        (&again, stage.faults(&name).len()),
        (&meanwhile, 0),
        "{name}"
    );
    stage.mend().await;
    stage.clock.advance(RING_AGAIN);
    let asked = stage.secrets.requests();
    let row = Vending
        .recovered(stage, &vending, (name, told, meanwhile))
        .await;
    let name = &row.trouble;
    assert_eq!(
        stage.secrets.requests(),
        asked + 1,
        "{name}: the ring was read"
    );
    Row {
        mended: format!("it is read again, {RING_AGAIN} s after the last try"),
        ..row
    }
}

/// It has everything, and the token in its memory.
async fn warm(stage: &mut Stage) -> Function {
    stage.reset().await;
    let vending = Function::vending(stage).await;
    let served = Vending.served(stage, &vending).await;
    assert!(Vending::is_well(&served), "{served}");
    assert_eq!(stage.faults("warm"), Vec::<String>::new());
    vending
}

/// That the policy cannot be read is no denial: a caller that is told 403 would not come again.
#[tokio::test]
async fn a_policy_that_cannot_be_read_is_told_as_an_outage() {
    let mut stage = Stage::start().await;
    stage.reset().await;
    stage.table.fail(tests::aws_service::Fault {
        only: Some("\"POLICY\"".to_owned()),
        act: tests::aws_service::Act::Answer(400, "ThrottlingException"),
    });
    let vending = Function::vending(&stage).await;
    assert_eq!(stage.faults("at the start"), Vec::<String>::new());
    let refused = vending.serve(&stage, &vend(&stage, 0)).await;
    assert_eq!(refused, "503 `broker_unavailable`");
    let told = stage.faults("policy");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].starts_with("policy_not_read: "), "{told:?}");
    stage.mend().await;
    assert_eq!(vending.serve(&stage, &vend(&stage, 0)).await, "a token");
}
