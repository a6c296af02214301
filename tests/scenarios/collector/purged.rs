//! `feed purge` on a run: a tenant's objects go, with the rows that name them, and nothing of another
//! tenant's; a person is asked first.

use std::path::Path;

use operator::Exit;
use serde_json::{Value, json};
use tests::{MovedRun, attempt, clock::START, operate};

use super::book::{TYPES, scenario, status};
use super::objects::stored;
use super::{connected, directory};

async fn collected(data_dir: &Path) -> MovedRun {
    let types = |name: &str| (name == "FEED_CONTENT_TYPES").then(|| TYPES.join(","));
    let run = MovedRun::start_at(data_dir, 2, START, types).await;
    let little = json!({"blob_every_seconds": 600, "records_per_blob": 3, "backlog_seconds": 7200});
    scenario(&run.broker, little).await;
    for index in [0, 1] {
        connected(&run, index).await;
    }
    run.machine.collect().await.unwrap();
    run
}

fn files_below(directory: &Path, tenant: &str) -> bool {
    directory.join(format!("tenant={tenant}")).exists()
}

#[tokio::test]
async fn a_tenants_log_is_purged_once_it_is_paused_and_another_tenants_stays() {
    let data = tempfile::tempdir().unwrap();
    let run = collected(data.path()).await;
    let [own, other] = [run.tenant(0), run.tenant(1)];
    let before = stored(directory(&run));
    assert_eq!(before.tenants(), [own.clone(), other.clone()].into());
    let purge = ["feed", "purge", &own, "--yes", "--json"];
    let (exit, out, err) = attempt(data.path(), &purge).await;
    assert_eq!((exit, out.as_str()), (Exit::Failed, ""));
    assert!(
        err.contains(&format!("`operator feed pause {own}`")),
        "{err}"
    );
    operate(data.path(), &["feed", "pause", &own]).await;
    let (exit, _, err) = attempt(data.path(), &purge).await;
    assert_eq!(exit, Exit::Failed);
    assert!(err.contains("in five minutes"), "{err}");
    run.clock.advance(600);
    run.machine.collect().await.unwrap();
    let (exit, _, err) = attempt(data.path(), &purge[..3]).await;
    assert_eq!(exit, Exit::Usage, "no one can be asked: {err}");
    assert!(files_below(directory(&run), &own));
    let purged: Value = serde_json::from_str(&operate(data.path(), &purge).await).unwrap();
    assert!(purged["objects"].as_u64() > Some(3), "{purged}");
    assert!(
        purged["rows"].as_u64() >= purged["objects"].as_u64(),
        "{purged}"
    );
    assert_eq!(purged["complete"], true);
    assert!(!files_below(directory(&run), &own), "its directories too");
    let after = stored(directory(&run));
    assert_eq!(after.tenants(), [other.clone()].into());
    for content_type in TYPES {
        let of = |found: &super::objects::Stored| found.of(&other, content_type);
        assert!(of(&before).iter().all(|record| of(&after).contains(record)));
    }
}

/// What was deleted does not come back, and what is made from then on arrives.
#[tokio::test]
async fn a_tenant_that_is_resumed_after_its_purge_begins_then() {
    let data = tempfile::tempdir().unwrap();
    let run = collected(data.path()).await;
    let own = run.tenant(0);
    operate(data.path(), &["feed", "pause", &own]).await;
    run.clock.advance(600);
    run.machine.collect().await.unwrap();
    let deleted = stored(directory(&run));
    operate(data.path(), &["feed", "purge", &own, "--yes"]).await;
    operate(data.path(), &["feed", "resume", &own]).await;
    for _ in 0..28 {
        run.clock.advance(3_600);
        run.machine.collect().await.unwrap();
    }
    let found = stored(directory(&run));
    for content_type in TYPES {
        let [deleted, found] = [&deleted, &found].map(|of| of.of(&own, content_type));
        assert!(deleted.len() > 3 && found.len() > 20, "{}", found.len());
        // A repeat of an older record is a record of its own, in a later blob.
        let again = deleted.iter().filter(|record| found.contains(record));
        let again = again.count();
        assert!(again * 4 < deleted.len(), "{again} of {}", deleted.len());
    }
    let complete = &status(data.path()).await[&own]["complete"];
    assert_eq!(*complete, true);
}
