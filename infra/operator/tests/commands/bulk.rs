//! `bulk …` on a table and a simulated Entra ID.

use std::fs;
use std::process::Stdio;

use auth::{CauseCode, TenantStatus};
use operator::Exit;
use serde_json::{Value, json};

use crate::authority::Authority;
use crate::world::{OTHER, TENANT, World, tenant};

use TenantStatus as S;

/// So many tenants of the simulator's, all of them consented and active in the table.
async fn fleet(count: usize) -> (World, Authority) {
    let world = World::start().await;
    let authority = Authority::start(&world, count).await;
    authority.grant(&authority.tenants);
    for id in &authority.tenants {
        world.connect(&tenant(id, S::Active, None)).await;
    }
    (world, authority)
}

/// Its JSON, which is printed whether or not all was done.
fn printed(ran: &crate::world::Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap()
}

fn count(report: &Value, field: &str) -> usize {
    report[field].as_array().unwrap().len()
}

#[tokio::test]
async fn each_verb_does_to_all_what_its_command_does_to_one() {
    let (world, _authority) = fleet(3).await;
    let rows: [(&[&str], usize, usize, S); 9] = [
        (&["suspend"], 3, 0, S::Suspended),
        (&["suspend"], 0, 3, S::Suspended),
        (&["recheck"], 0, 3, S::Suspended),
        (&["resume"], 3, 0, S::Active),
        (&["tag", "--set", "ring=1"], 3, 0, S::Active),
        (&["tag", "--set", "ring=1"], 0, 3, S::Active),
        (&["recheck"], 3, 0, S::Active),
        (&["remove"], 3, 0, S::Removed),
        (&["resume"], 0, 3, S::Removed),
    ];
    for (verb, done, passed_over, status) in rows {
        let line = [&["bulk"], verb, &["--all", "--yes", "--json"]].concat();
        let report = world.run(&line).await.json();
        assert_eq!(count(&report, "done"), done, "{verb:?}: {report}");
        assert_eq!(report["passed_over"], passed_over, "{verb:?}: {report}");
        let listed = world.run(&["tenants", "list", "--json"]).await.json();
        for tenant in listed.as_array().unwrap() {
            assert_eq!(tenant["status"], status.as_str(), "{verb:?}");
        }
    }
    let tagged = ["tenants", "list", "--json", "--tag", "ring=1"];
    let tagged = world.run(&tagged).await.json();
    assert_eq!(tagged.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_filter_that_fits_nobody_does_nothing_and_no_filter_is_not_everybody() {
    let (world, authority) = fleet(2).await;
    let nobody = ["bulk", "suspend", "--search", "fabrikam", "--yes"];
    let ran = world.run(&nobody).await;
    let expected = "0 suspended, 0 passed over, 0 refused, 0 not tried\n";
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Done, expected));
    let ran = world.run(&["bulk", "suspend", "--yes"]).await;
    assert_eq!(ran.exit, Exit::Usage);
    assert!(ran.err.contains("--all"), "{}", ran.err);
    // Nobody can be asked here.
    assert_eq!(
        world.run(&["bulk", "suspend", "--all"]).await.exit,
        Exit::Usage
    );
    for id in &authority.tenants {
        assert_eq!(world.find(id).await.status, S::Active);
    }
}

#[tokio::test]
async fn a_person_is_asked_once_for_all_and_a_dry_run_asks_nobody() {
    let (world, authority) = fleet(2).await;
    let all = ["bulk", "suspend", "--all"];
    let refused = world.run_typing(&all, "no\n").await;
    assert_eq!(refused.exit, Exit::Failed);
    let question = "Suspend 2 tenants of 1 customer account? Their tokens are deleted";
    assert!(refused.err.contains(question), "{}", refused.err);
    let dry = world.run(&["bulk", "suspend", "--all", "--dry-run"]).await;
    assert_eq!(dry.exit, Exit::Done, "{dry:?}");
    assert!(
        dry.out.contains("2 tenants would be suspended"),
        "{}",
        dry.out
    );
    assert_eq!(world.find(&authority.tenants[0]).await.status, S::Active);
    let ran = world.run_typing(&all, "yes\n").await;
    assert_eq!(ran.exit, Exit::Done, "{ran:?}");
    assert_eq!(world.find(&authority.tenants[0]).await.status, S::Suspended);
}

#[tokio::test]
async fn a_file_is_refused_whole_or_taken_in_its_order() {
    let (world, authority) = fleet(2).await;
    let file = world.directory().join("tenants.csv");
    let path = file.to_str().unwrap();
    let suspend = ["bulk", "suspend", "--file", path, "--yes", "--json"];
    let [first, second] = [0, 1].map(|index| authority.tenants[index].as_str());
    fs::write(&file, format!("{first}\nnonsense\n{second}\n{first}\n")).unwrap();
    let ran = world.run(&suspend).await;
    assert_eq!((ran.exit, ran.out.as_str()), (Exit::Failed, ""));
    for part in ["2 lines", "line 2: nonsense", "line 4"] {
        assert!(ran.err.contains(part), "{part} in {}", ran.err);
    }
    assert_eq!(world.find(first).await.status, S::Active);

    fs::write(&file, format!("{second}\n{OTHER}\n{first}\n")).unwrap();
    let ran = world.run(&suspend).await;
    assert_eq!(ran.exit, Exit::Failed);
    let report = printed(&ran);
    let done = report["done"].as_array().unwrap().iter();
    let done: Vec<_> = done.map(|row| row["tenant_id"].as_str().unwrap()).collect();
    assert_eq!(done, [second, first]);
    assert_eq!(report["refused"][0]["tenant_id"], OTHER);
    assert!(ran.err.contains("1 tenant not suspended"), "{}", ran.err);
}

#[tokio::test]
async fn links_are_csv_and_only_for_whom_consent_is_not_refused() {
    let world = World::start().await;
    let cause = || Some(CauseCode::NotConsented.into());
    world.connect(&tenant(TENANT, S::Revoked, cause())).await;
    let suspended = tenant(OTHER, S::Suspended, Some(CauseCode::Suspended.into()));
    world.connect(&suspended).await;
    let active = "6babcaad-604b-40ac-a9d7-9fd97c0b779f";
    world.connect(&tenant(active, S::Active, None)).await;
    let removed = "7babcaad-604b-40ac-a9d7-9fd97c0b779f";
    world.connect(&tenant(removed, S::Removed, None)).await;
    let ran = world.run(&["bulk", "link", "--all", "--yes"]).await;
    assert_eq!(ran.exit, Exit::Failed);
    assert!(ran.err.contains("2 passed over"), "{}", ran.err);
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines[0], "tenant_id,customer,consent_url,expires_on");
    let start = format!("{TENANT},\"Contoso, Inc.\",http://localhost:8080/consent?invite=");
    assert!(lines[1].starts_with(&start), "{}", lines[1]);
    assert_eq!(lines.len(), 2);
    assert!(ran.err.contains("Resume it first."), "{}", ran.err);
    // A removed one gets a link where it was named as such.
    let named = ["bulk", "link", "--status", "removed", "--yes"];
    let named = world.run(&named).await;
    assert!(named.out.contains(removed), "{named:?}");
    // No link is no line, and no word of ours in the file.
    let none = ["bulk", "link", "--status", "active", "--yes"];
    let none = world.run(&none).await;
    assert_eq!(none.out, "tenant_id,customer,consent_url,expires_on\n");
    let link = lines[1].split("invite=").nth(1).unwrap();
    assert!(!ran.err.contains(&link[..20]), "{}", ran.err);
}

#[tokio::test]
async fn it_stops_where_every_tenant_would_fail_in_the_same_way() {
    let (world, authority) = fleet(60).await;
    authority.register(&[]);
    let line = [
        "bulk",
        "recheck",
        "--all",
        "--yes",
        "--json",
        "--concurrency",
        "1",
    ];
    let ran = world.run(&line).await;
    let report = printed(&ran);
    assert_eq!(
        (count(&report, "refused"), count(&report, "not_tried")),
        (3, 57)
    );
    assert!(
        ran.err.contains("stopped after 3 failures in a row"),
        "{}",
        ran.err
    );
    // One tenant's own refusal stops nothing.
    authority.register(&[&world.certificate]);
    let lost = authority.tenants[7].clone();
    authority
        .fault(json!({"kind": "app_disabled", "tenant": lost}))
        .await;
    let ran = world.run(&line).await;
    let report = printed(&ran);
    assert_eq!(
        (count(&report, "done"), count(&report, "refused")),
        (59, 1),
        "{report}"
    );
    assert_eq!(report["refused"][0]["tenant_id"], json!(lost));
}

#[tokio::test]
async fn an_interrupt_lets_what_is_under_way_end_and_leaves_a_report() {
    let (world, authority) = fleet(60).await;
    authority
        .fault(json!({"kind": "latency", "value": 200}))
        .await;
    let directory = world.directory().to_str().unwrap();
    let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_operator"));
    command
        .args([
            "--data-dir",
            directory,
            "bulk",
            "recheck",
            "--all",
            "--yes",
            "--json",
        ])
        .args(["--concurrency", "4"])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let id = child.id().unwrap().to_string();
    // The first answers are there, and most are not.
    while authority.asked().await < 8 {
        tokio::task::yield_now().await;
    }
    let killed = std::process::Command::new("kill")
        .args(["-INT", &id])
        .status();
    assert!(killed.unwrap().success());
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let (done, not_tried) = (count(&report, "done"), count(&report, "not_tried"));
    assert!(
        done >= 4 && not_tried >= 1 && done + not_tried == 60,
        "{report}"
    );
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("interrupted"), "{err}");
    // What is reported as done is written.
    let renewed = report["done"][0]["tenant_id"].as_str().unwrap();
    let shown = world.run(&["token", renewed]).await.json();
    assert_eq!(shown["source"], "table");
}
