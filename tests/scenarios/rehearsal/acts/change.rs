//! Tenants break, come back and change their cloud: what the functions write then, they
//! write at no other time.

use serde_json::Value;

use super::{consent, refresh, vend};
use crate::stage::Stage;

pub(crate) async fn tenants_change(stage: &mut Stage) {
    stage
        .story
        .act("Tenants break, come back, and change their cloud");
    a_break_that_a_caller_finds(stage).await;
    a_break_that_the_schedule_finds(stage).await;
    another_cloud(stage).await;
}

/// A caller waits for the first token and Entra ID gives none: the tenant is degraded.
async fn a_break_that_a_caller_finds(stage: &Stage) {
    let tenant = stage.authority.tenants().remove(3);
    consent::connect_tenant(stage, &tenant).await;
    stage.authority.throttle(tenant.tenant_id).await;
    let id = tenant.tenant_id.to_string();
    let refused = vend::vend(stage, &id, &[]).await;
    assert_eq!(refused.status, 429, "{refused:?}");
    stage.authority.end_faults().await;
    let shown = shown(stage, &id).await;
    assert_eq!(shown["status"], "degraded", "{shown}");
    stage.story.seen(format!(
        "vending: a tenant that Entra ID throttles is answered with 429, cause {}, and is \
         degraded for the operator",
        refused.body["cause"]
    ));
}

async fn a_break_that_the_schedule_finds(stage: &Stage) {
    let tenant = stage.authority.tenants().remove(4);
    consent::connect_tenant(stage, &tenant).await;
    stage.authority.revoke(tenant.tenant_id).await;
    refresh::run_once(stage, "broken", tenant.tenant_id).await;
    let id = tenant.tenant_id.to_string();
    let refused = vend::vend(stage, &id, &[]).await;
    assert_eq!(refused.status, 409, "{refused:?}");
    stage
        .story
        .seen("refresher: another one is found by its next run; callers are answered with 409");
    consent::connect_tenant(stage, &tenant).await;
    vend::vend(stage, &id, &[]).await.token();
    stage
        .story
        .seen("consent: the admin connects it again, and its token is vended");
}

/// The record of the old cloud's API goes.
async fn another_cloud(stage: &Stage) {
    let tenant = stage.authority.tenants().remove(3);
    stage.authority.lives_in_gcc(tenant.tenant_id).await;
    consent::connect_in(stage, &tenant, Some("gcc")).await;
    let shown = shown(stage, &tenant.tenant_id.to_string()).await;
    assert_eq!(shown["cloud"], "gcc", "{shown}");
    stage.story.seen(
        "consent: the first one comes back under GCC; the record of the public cloud's API \
         is deleted",
    );
}

/// The tenant as the operator sees it.
async fn shown(stage: &Stage, id: &str) -> Value {
    let tenants = stage.tenants(stage.stack().output("TableName")).await;
    let mut these = tenants.into_iter();
    these.find(|shown| shown["tenant_id"] == id).unwrap()
}
