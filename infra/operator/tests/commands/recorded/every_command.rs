//! A row for each command of the program, and what it leaves in the log.

use std::collections::BTreeSet;
use std::fs;

use auth::operator_action::Outcome;
use clap::CommandFactory as _;
use operator::{Arguments, Exit};

use super::{ISSUER, ISSUERS, POLICY, says, since, world, written};
use crate::world::{OTHER, TENANT};

/// A command and what its row says: `None` where there is none.
struct Row {
    line: Vec<String>,
    says: Option<&'static str>,
}

fn row(line: &[&str], says: Option<&'static str>) -> Row {
    let line = line.iter().map(ToString::to_string).collect();
    Row { line, says }
}

/// Every command, in an order in which each finds what it needs. Entra ID does not answer here.
fn rows(directory: &str, policy: &str, issuers: &str, import: &str) -> Vec<Row> {
    let certificate = format!("{directory}/certificate.pem");
    vec![
        row(&["audit", "--operators"], None),
        row(
            &["caller", "add", "collector"],
            Some("caller add collector: done"),
        ),
        row(
            &["caller", "add", "collector"],
            Some("caller add collector: failed"),
        ),
        row(&["caller", "list"], None),
        row(
            &[
                "certificate",
                "create",
                "--subject",
                "b",
                "--out",
                directory,
            ],
            None,
        ),
        row(&["certificate", "inspect", &certificate], None),
        row(
            &["certificate", "publish", directory, "--yes"],
            Some("certificate publish: done"),
        ),
        row(
            &["certificate", "publish", "--pending", directory],
            Some("certificate publish --pending: failed"),
        ),
        row(
            &["certificate", "rotate"],
            Some("certificate rotate: failed"),
        ),
        row(&["certificate", "status"], Some("certificate status: done")),
        row(
            &["invite", "Contoso, Inc.", "--tenant", TENANT],
            Some("invite TENANT Contoso, Inc.: done"),
        ),
        row(&["completions", "bash"], None),
        row(&["doctor"], Some("doctor: failed")),
        row(&["man", "--out", directory], None),
        row(&["invite", "Fabrikam"], Some("invite Fabrikam: done")),
        row(&["issuer", "check", issuers], None),
        row(&["issuer", "put", issuers], Some("issuer put: done")),
        row(
            &["issuer", "put", issuers, "--only"],
            Some("issuer put --only: done"),
        ),
        row(&["issuer", "list"], None),
        row(
            &["issuer", "remove", ISSUER, "--yes"],
            Some("issuer remove https://issuer.example: done"),
        ),
        row(&["keys", "create"], Some("keys create: done")),
        row(&["keys", "status"], Some("keys status: done")),
        row(
            &["keys", "rotate", "--yes", "--no-wait"],
            Some("keys rotate --no-wait: done"),
        ),
        row(
            &["keys", "rotate", "--webhook", "--yes", "--no-wait"],
            Some("keys rotate --no-wait --webhook: done"),
        ),
        row(
            &["keys", "retire", "k9", "--yes"],
            Some("keys retire k9: failed"),
        ),
        row(
            &["bulk", "recheck", "--search", "nobody", "--yes"],
            Some("bulk recheck --search: done"),
        ),
        row(
            &["bulk", "suspend", "--search", "nobody", "--yes"],
            Some("bulk suspend --search: done"),
        ),
        row(
            &["bulk", "resume", "--search", "nobody", "--yes"],
            Some("bulk resume --search: done"),
        ),
        row(
            &["bulk", "tag", "--search", "nobody", "--yes", "--set", "a=b"],
            Some("bulk tag --search: done"),
        ),
        row(
            &["bulk", "link", "--search", "nobody", "--yes"],
            Some("bulk link --search: done"),
        ),
        row(
            &["bulk", "remove", "--search", "nobody", "--yes"],
            Some("bulk remove --search: done"),
        ),
        row(&["policy", "check", policy], None),
        row(
            &["policy", "put", policy, "--confirm"],
            Some("policy put --confirm: done"),
        ),
        row(
            &["policy", "put", policy, "--candidate"],
            Some("policy put --candidate: done"),
        ),
        row(
            &["policy", "drop-candidate"],
            Some("policy drop-candidate: done"),
        ),
        row(&["policy", "history"], None),
        row(&["policy", "rollback"], Some("policy rollback: failed")),
        row(&["policy", "show"], None),
        row(
            &[
                "policy",
                "explain",
                "--caller",
                "Key::collector",
                "--tenant",
                TENANT,
            ],
            None,
        ),
        row(&["runs"], None),
        row(&["status"], Some("status: done")),
        row(&["token", TENANT], Some("token TENANT: done")),
        row(
            &["token", TENANT, "--raw"],
            Some("token TENANT --raw: done"),
        ),
        row(
            &["token", OTHER, "--raw"],
            Some("token OTHER --raw: failed"),
        ),
        row(&["tenants", "list"], None),
        row(&["tenants", "show", OTHER], None),
        row(
            &["tenants", "link", OTHER],
            Some("tenants link OTHER: done"),
        ),
        row(
            &["tenants", "import", import, "--dry-run"],
            Some("tenants import --dry-run: failed"),
        ),
        row(
            &["tenants", "import", import],
            Some("tenants import: failed"),
        ),
        row(
            &["tenants", "recheck", OTHER],
            Some("tenants recheck OTHER: failed"),
        ),
        row(
            &["tenants", "tag", TENANT, "tier=gold"],
            Some("tenants tag TENANT: done"),
        ),
        row(
            &["tenants", "move", TENANT, "--to", "Fabrikam", "--yes"],
            Some("tenants move TENANT Fabrikam: done"),
        ),
        row(&["feed", "status"], None),
        row(&["feed", "gaps"], None),
        // The collector has not run here.
        row(
            &["feed", "backfill", TENANT, "--from", "2h", "--no-wait"],
            Some("feed backfill TENANT 7200s/now: failed"),
        ),
        row(
            &["feed", "pause", TENANT],
            Some("feed pause TENANT: failed"),
        ),
        row(
            &["feed", "resume", "--all", "--yes"],
            Some("feed resume --all: done"),
        ),
        // There is no bucket here.
        row(
            &["feed", "purge", TENANT, "--yes"],
            Some("feed purge TENANT: failed"),
        ),
        row(
            &["tenants", "suspend", TENANT, "--yes"],
            Some("tenants suspend TENANT: done"),
        ),
        row(
            &["tenants", "resume", TENANT],
            Some("tenants resume TENANT: failed"),
        ),
        row(
            &["tenants", "remove", TENANT, "--yes"],
            Some("tenants remove TENANT: done"),
        ),
        row(
            &["caller", "remove", "collector", "--yes"],
            Some("caller remove collector: done"),
        ),
    ]
}

/// The words of every command that the program has.
fn commands(of: &clap::Command, before: &[String], into: &mut BTreeSet<String>) {
    let children: Vec<_> = of.get_subcommands().collect();
    if children.is_empty() {
        into.insert(before.join(" "));
    }
    for child in children {
        let words = [before, &[child.get_name().to_owned()]].concat();
        commands(child, &words, into);
    }
}

#[tokio::test]
async fn each_command_that_changes_something_or_reads_a_secret_leaves_its_event() {
    let world = world().await;
    let file = |name: &str, text: &str| {
        let path = world.directory().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let policy = file("policy.cedar", POLICY);
    let issuers = file("issuers.json", ISSUERS);
    let import = file(
        "import.csv",
        &format!("tenant_id,customer\n{OTHER},Fabrikam\n"),
    );
    let made = world.directory().join("made").to_str().unwrap().to_owned();
    let mut missing = BTreeSet::new();
    commands(&Arguments::command(), &[], &mut missing);
    let (mut before, mut shown) = (Vec::new(), String::new());
    for Row {
        line,
        says: expected,
    } in rows(&made, &policy, &issuers, &import)
    {
        let line: Vec<&str> = line.iter().map(String::as_str).collect();
        missing.remove(&line[..line.len().min(2)].join(" "));
        missing.remove(line[0]);
        let ran = world.run(&line).await;
        shown += &ran.out;
        let new = since(&mut before, &world).await;
        let said: Vec<String> = new.iter().map(says).collect();
        assert_eq!(
            said,
            expected.into_iter().collect::<Vec<_>>(),
            "{line:?}: {ran:?}"
        );
        for action in new {
            let (ended_at, outcome) = action.ended.unwrap();
            assert!(action.began_at <= ended_at, "{line:?}");
            assert_eq!(
                outcome == Outcome::Done,
                ran.exit == Exit::Done,
                "{line:?}: {ran:?}"
            );
            assert_eq!(action.actor, "os user unknown", "{line:?}");
        }
    }
    assert_eq!(missing, BTreeSet::new(), "commands without a row here");
    let log = format!("{:?}", written(&world).await);
    for secret in ["eyJ", "e30.", "m365tb_", "invite=", "PRIVATE"] {
        assert!(!log.contains(secret), "{secret}");
    }
    assert!(
        ["e30.", "m365tb_", "invite="]
            .iter()
            .all(|secret| shown.contains(secret))
    );
}
