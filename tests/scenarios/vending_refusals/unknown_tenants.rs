//! One caller that asks for thousands of tenants that nobody has connected: each is
//! answered, nobody asks Entra ID, and the process hardly grows with them.

use futures::StreamExt as _;
use reqwest::Method;

use super::stage::{Stage, UNKNOWN_TENANT, Version, answer};

/// What every process takes once it is at work is no growth.
const WARM_UP: usize = 500;
/// Enough to tell what one of them leaves behind: it varied by a tenth from run to run. More
/// only take longer, some 4 ms of an unoptimised machine each.
const ASKED: usize = 2_500;
const AT_A_TIME: usize = 16;
/// What one of them may leave behind: two decisions, an empty place in memory and what an
/// allocator keeps, 0.9 KiB when this was written. A record of a tenant with its token would
/// take more than 4 KiB.
const GROWTH_MAX_KIB_EACH: u64 = 2;

/// Asks for the tenants with these numbers.
async fn ask(stage: &Stage, numbers: std::ops::Range<usize>) {
    let requests = numbers.map(|number| async move {
        let tenant = format!("41463f53-8812-40f4-890f-{number:012x}");
        let path = Version::V2.path(&tenant);
        let request = stage.request(Method::POST, &path);
        let request = request.form(&Version::V2.form());
        let refused = answer(request.bearer_auth(stage.caller_token())).await;
        refused.check_refusal(&tenant, UNKNOWN_TENANT);
    });
    let all = futures::stream::iter(requests).buffer_unordered(AT_A_TIME);
    all.collect::<Vec<()>>().await;
}

#[tokio::test]
async fn thousands_of_unknown_tenants_cost_no_request_and_little_memory() {
    let stage = Stage::start_logging("warn").await;
    ask(&stage, 0..WARM_UP).await;
    let before = stage.resident_kib();
    ask(&stage, WARM_UP..WARM_UP + ASKED).await;
    let grown = stage.resident_kib().saturating_sub(before);
    println!("{ASKED} unknown tenants: {grown} KiB more");
    let most = GROWTH_MAX_KIB_EACH * u64::try_from(ASKED).unwrap();
    assert!(grown <= most, "{grown} KiB more");
    stage.unchanged("unknown tenants").await;
    let vended = stage.broker.vend(&stage.person(0).tenant_id).await;
    assert_eq!(vended.status, 200, "{}", vended.body);
    stage
        .unchanged("the one that is connected, from memory")
        .await;
}
