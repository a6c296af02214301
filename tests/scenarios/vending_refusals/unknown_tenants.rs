//! One caller that asks for ten thousand tenants that nobody has connected: each is
//! answered, nobody asks Entra ID, and the process does not grow with them.

use futures::StreamExt as _;
use reqwest::Method;

use super::stage::{Stage, UNKNOWN_TENANT, Version, answer};

const ASKED: usize = 10_000;
const AT_A_TIME: usize = 16;
/// What a decision and an answer leave behind (a few hundred bytes each, up to a bound)
/// and what an allocator keeps. A record of a tenant with its token would take more than
/// 4 KB of each.
const GROWTH_MAX_KIB: u64 = 24 * 1024;

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
async fn ten_thousand_unknown_tenants_cost_no_request_and_little_memory() {
    let stage = Stage::start_logging("warn").await;
    // What every process takes once it is at work is no growth.
    ask(&stage, 0..1_000).await;
    let before = stage.resident_kib();
    ask(&stage, 1_000..1_000 + ASKED).await;
    let grown = stage.resident_kib().saturating_sub(before);
    println!("{ASKED} unknown tenants: {grown} KiB more");
    assert!(grown <= GROWTH_MAX_KIB, "{grown} KiB more");
    stage.unchanged("ten thousand unknown tenants").await;
    let vended = stage.broker.vend(&stage.person(0).tenant_id).await;
    assert_eq!(vended.status, 200, "{}", vended.body);
    stage
        .unchanged("the one that is connected, from memory")
        .await;
}
