//! What is not in the log: what was never begun, and what could not be written down, which is not
//! done.

use std::fs;

use auth::TenantStatus;
use auth::ports::CallerKeyBook as _;
use operator::Exit;

use super::{ISSUER, ISSUERS, POLICY, says, since, world, written};
use crate::world::{OTHER, TENANT};

#[tokio::test]
async fn what_was_never_begun_leaves_no_event_and_a_no_leaves_one() {
    let world = world().await;
    let rows: [(&[&str], &str, Option<&str>); 5] = [
        (&["token", TENANT, "--raw", "--json"], "", None),
        (&["policy", "put", "no-such-file.cedar"], "", None),
        (
            &["policy", "put", "no-such-file.cedar", "--mode", "shadow"],
            "",
            None,
        ),
        (
            &["tenants", "suspend", TENANT],
            "no\n",
            Some("tenants suspend TENANT: failed"),
        ),
        (
            &["tenants", "remove", TENANT],
            "",
            Some("tenants remove TENANT: failed"),
        ),
    ];
    let mut before = Vec::new();
    for (line, typed, expected) in rows {
        let ran = world.run_typing(line, typed).await;
        assert_ne!(ran.exit, Exit::Done, "{line:?}");
        let new: Vec<_> = since(&mut before, &world).await.iter().map(says).collect();
        assert_eq!(
            new,
            expected.into_iter().collect::<Vec<_>>(),
            "{line:?}: {ran:?}"
        );
    }
    let unanswerable = world.run(&["tenants", "remove", TENANT]).await;
    assert_eq!(unanswerable.exit, Exit::Usage);
    assert_eq!(written(&world).await.len(), 2);
    assert_eq!(world.find(TENANT).await.status, TenantStatus::Active);
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_done_and_shows_nothing() {
    let world = world().await;
    world.refuse_actions("PutItem").await;
    let directory = world.directory().join("certificate");
    let directory = directory.to_str().unwrap();
    let create = [
        "certificate",
        "create",
        "--subject",
        "b",
        "--out",
        directory,
    ];
    assert_eq!(world.run(&create).await.exit, Exit::Done);
    let policy = world.directory().join("policy.cedar");
    fs::write(&policy, POLICY).unwrap();
    let policy = policy.to_str().unwrap();
    let issuers = world.directory().join("issuers.json");
    fs::write(&issuers, ISSUERS).unwrap();
    let issuers = issuers.to_str().unwrap();
    let lines: [&[&str]; 15] = [
        &["token", TENANT, "--raw"],
        &["token", TENANT],
        &["tenants", "suspend", TENANT, "--yes"],
        &["tenants", "remove", TENANT, "--yes"],
        &["tenants", "move", TENANT, "--to", "Fabrikam", "--yes"],
        &["tenants", "tag", TENANT, "tier=gold"],
        &["tenants", "recheck", TENANT],
        &["tenants", "link", OTHER],
        &["caller", "add", "collector"],
        &["invite", "Fabrikam"],
        &["issuer", "put", issuers],
        &["issuer", "remove", ISSUER, "--yes"],
        &["policy", "put", policy, "--confirm"],
        &["keys", "rotate", "--yes", "--no-wait"],
        &["certificate", "publish", directory, "--yes"],
    ];
    let before = world.find(TENANT).await;
    let secrets = || {
        let names = ["certificate", "consent-keys", "sealing-keys"];
        names.map(|name| fs::read(world.directory().join("secrets").join(name)).ok())
    };
    let held = secrets();
    for line in lines {
        let ran = world.run(line).await;
        let refusal = ran.refusal();
        assert!(
            refusal.contains("it cannot be written down"),
            "{line:?}: {refusal}"
        );
    }
    assert_eq!(world.find(TENANT).await.version, before.version);
    assert!(world.control.list_keys().await.unwrap().keys.is_empty());
    assert!(secrets() == held && written(&world).await.is_empty());
}

#[tokio::test]
async fn an_end_that_cannot_be_written_is_reported_and_the_row_stays_open() {
    let world = world().await;
    world.refuse_actions("UpdateItem").await;
    let ran = world.run(&["token", TENANT, "--raw"]).await;
    assert_eq!(ran.exit, Exit::Done);
    assert!(ran.out.starts_with("e30."), "{}", ran.out);
    let warning = "warning: that this ended (done) could not be written down";
    assert!(ran.err.starts_with(warning), "{}", ran.err);
    let open: Vec<_> = written(&world).await.iter().map(says).collect();
    assert_eq!(open, ["token TENANT --raw: open"]);
}
