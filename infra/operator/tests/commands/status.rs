//! `status` on a table.

use auth::last_run::LastRun;
use auth::ports::{Clock as _, Runs as _, Write};
use auth::{CauseCode, TenantStatus};
use aws::SystemClock;
use operator::Exit;
use serde_json::json;

use crate::world::{OTHER, World, tenant};

#[tokio::test]
async fn one_page_says_how_everything_stands() {
    let world = World::connected().await;
    let cause = Some(CauseCode::NotConsented.into());
    let revoked = tenant(OTHER, TenantStatus::Revoked, cause);
    world.connect(&revoked).await;
    let now = SystemClock.now();
    let run = LastRun {
        times: (now, now),
        refreshed: 1,
        ..LastRun::default()
    };
    let write = world.table.put_last_run(&run, None).await;
    assert_eq!(write.unwrap(), Write::Done);
    let page = world.run(&["status"]).await;
    assert_eq!((page.exit, page.err.as_str()), (Exit::Done, ""), "{page:?}");
    for part in [
        "tenants      2 in all: 1 active, 1 revoked",
        "fleet        well",
        "1 renewed, 0 failed",
        " days left, until ",
        "sealing: k1 is primary",
        "policy       none; no candidate",
        "- 1 revoked tenant: `operator tenants list --status revoked`",
        "- the webhook ring has no keys",
    ] {
        assert!(page.out.contains(part), "{part:?} in {}", page.out);
    }
    let view = world.run(&["status", "--json"]).await.json();
    assert_eq!(
        view["tenants"]["by_status"],
        json!({"active": 1, "revoked": 1})
    );
    assert_eq!(view["last_run"]["refreshed"], 1);
    assert_eq!(view["unread"], json!({}));
    assert_eq!(view["attention"].as_array().unwrap().len(), 3, "{view}");
}

#[tokio::test]
async fn what_cannot_be_read_takes_nothing_from_the_rest() {
    let world = World::connected().await;
    world.write_secret("sealing-keys", &json!("torn"));
    let page = world.run(&["status"]).await;
    assert_eq!(page.exit, Exit::Failed);
    assert!(page.out.contains("CANNOT BE READ"), "{}", page.out);
    assert!(page.out.contains("1 active"), "{}", page.out);
    assert!(page.err.contains("1 of the parts"), "{}", page.err);
    assert!(!page.out.contains("torn"), "{}", page.out);

    let world = World::connected().await;
    world.refuse_actions("PutItem").await;
    let page = world.run(&["status", "--json"]).await;
    let view: serde_json::Value = serde_json::from_str(&page.out).unwrap();
    assert_eq!(view["tenants"]["total"], 1);
    for part in ["certificate", "rings"] {
        assert_eq!(view[part], json!(null));
        let why = view["unread"][part].as_str().unwrap();
        assert!(why.contains("cannot be written down"), "{why}");
    }
}

#[tokio::test]
async fn a_wait_of_no_time_is_refused() {
    let world = World::start().await;
    let page = world.run(&["status", "--watch", "--every", "0s"]).await;
    assert_eq!(page.exit, Exit::Usage, "{page:?}");
}
