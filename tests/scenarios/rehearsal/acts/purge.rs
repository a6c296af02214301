//! The very last: a customer leaves, and what is stored of it goes, with every version.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{interval, timeout};

use super::{collect, schedule};
use crate::stage::Stage;

/// A run has to see first that the tenant is suspended, which the next one does.
const PATIENCE: Duration = Duration::from_secs(120);
const TICK: Duration = Duration::from_secs(1);

pub(crate) async fn a_tenants_audit_log_is_purged(stage: &mut Stage) {
    stage.story.act("A tenant's audit log is purged");
    let tenant = stage.authority.tenants()[0].tenant_id.to_string();
    let bucket = stage.stack().output("AuditLogBucketName").to_owned();
    let before = collect::keys(stage, &bucket).await;
    let own = format!("tenant={tenant}/");
    assert!(before.iter().any(|key| key.starts_with(&own)), "{before:?}");
    let purge = ["--json", "feed", "purge", &tenant, "--yes"];
    let (done, _, said) = stage.attempt(&purge).await;
    assert!(!done && said.contains("feed pause"), "{said}");
    stage
        .operate(&["tenants", "suspend", &tenant, "--yes"])
        .await;
    schedule::is_due_now(stage, "CollectorSchedule", "collect-before-purge").await;
    let purged = timeout(PATIENCE, purged(stage, &purge)).await;
    let purged = purged.unwrap_or_else(|_| panic!("no run saw it: {}", stage.cloud.log()));
    let after = collect::keys(stage, &bucket).await;
    let others = before.into_iter().filter(|key| !key.starts_with(&own));
    assert!(after.is_superset(&others.collect::<BTreeSet<_>>()));
    assert!(!after.iter().any(|key| key.starts_with(&own)), "{after:?}");
    let versions = stage.account.bytes(&format!("/{bucket}?versions")).await;
    let versions = String::from_utf8(versions).unwrap();
    assert!(!versions.contains(&format!("<Key>{own}")), "{versions}");
    stage.story.seen(format!(
        "`operator feed purge` refused a tenant that is collected; suspended, and seen so by a run, it \
         deleted {} objects, {} bytes, with every version, and {} rows: nothing is left below {own}",
        purged["objects"], purged["bytes"], purged["rows"]
    ));
}

async fn purged(stage: &Stage, purge: &[&str]) -> Value {
    let mut ticks = interval(TICK);
    loop {
        ticks.tick().await;
        let (done, printed, said) = stage.attempt(purge).await;
        if done {
            return serde_json::from_str(&printed).unwrap();
        }
        assert!(said.contains("no run has seen"), "{said}");
    }
}
