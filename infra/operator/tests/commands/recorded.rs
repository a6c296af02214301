//! What operators do stands in the log before it is done: every command has its row in a table
//! here, and what cannot be written down is not done.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use auth::operator_action::{OperatorAction, Outcome};
use auth::ports::{CallerKeyBook as _, Clock as _, OperatorLog as _};
use auth::{CauseCode, TenantStatus};
use aws::SystemClock;
use clap::CommandFactory as _;
use operator::{Arguments, Exit};

use crate::world::{OTHER, TENANT, World, tenant};

const HOUR: Duration = Duration::from_secs(3600);
const POLICY: &str = "@id(\"one\") permit (principal == Key::\"collector\", action, resource == \
                      Tenant::\"41463f53-8812-40f4-890f-865bf6e35190\");";

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
fn rows(directory: &str, policy: &str, import: &str) -> Vec<Row> {
    let certificate = format!("{directory}/certificate.pem");
    vec![
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
            &["invite", "Contoso, Inc.", "--tenant", TENANT],
            Some("invite TENANT Contoso, Inc.: done"),
        ),
        row(&["invite", "Fabrikam"], Some("invite Fabrikam: done")),
        row(&["keys", "create"], Some("keys create: done")),
        row(
            &["keys", "rotate", "--status"],
            Some("keys rotate --status: done"),
        ),
        row(
            &["keys", "rotate", "--yes", "--no-wait"],
            Some("keys rotate --no-wait: done"),
        ),
        row(
            &["keys", "rotate", "--yes", "--retire", "k9"],
            Some("keys rotate k9 --retire: failed"),
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
        // Nobody has to consent, and nothing is made; and a link.
        row(&["tenants", "show", TENANT], None),
        row(
            &["tenants", "show", OTHER],
            Some("tenants show OTHER: done"),
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

fn says(action: &OperatorAction) -> String {
    let mut text = action.command.clone();
    let tenant = action.tenant.map(|tenant| match tenant.to_string() {
        id if id == TENANT => "TENANT",
        _ => "OTHER",
    });
    let customer = action.customer.as_ref().map(ToString::to_string);
    let about = [tenant.map(str::to_owned), customer, action.name.clone()];
    for word in about.into_iter().flatten() {
        text += &format!(" {word}");
    }
    for option in &action.options {
        text += &format!(" --{option}");
    }
    let ended = action.ended.map_or("open", |(_, outcome)| outcome.as_str());
    text + ": " + ended
}

/// What stands in the log of today.
async fn written(world: &World) -> Vec<OperatorAction> {
    let (actions, damaged) = world.table.of_day(SystemClock.now()).await.unwrap();
    assert!(damaged.is_empty(), "{damaged:?}");
    actions
}

/// What is new in it. Actions of one second stand in no order.
async fn since(before: &mut Vec<OperatorAction>, world: &World) -> Vec<OperatorAction> {
    let now = written(world).await;
    let mut new = now.clone();
    for old in std::mem::replace(before, now) {
        let at = new.iter().position(|action| *action == old);
        new.remove(at.unwrap());
    }
    new
}

async fn world() -> World {
    let world = World::connected().await;
    let gone = tenant(
        OTHER,
        TenantStatus::Revoked,
        Some(CauseCode::NotConsented.into()),
    );
    world.connect(&gone).await;
    world.hold_token(TENANT, HOUR).await;
    world
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
    } in rows(&made, &policy, &import)
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
    let lines: [&[&str]; 12] = [
        &["token", TENANT, "--raw"],
        &["token", TENANT],
        &["tenants", "suspend", TENANT, "--yes"],
        &["tenants", "remove", TENANT, "--yes"],
        &["tenants", "move", TENANT, "--to", "Fabrikam", "--yes"],
        &["tenants", "tag", TENANT, "tier=gold"],
        &["tenants", "recheck", TENANT],
        &["caller", "add", "collector"],
        &["invite", "Fabrikam"],
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
    assert!(world.table.list_keys().await.unwrap().keys.is_empty());
    assert!(secrets() == held && written(&world).await.is_empty());
    let shown = world.run(&["tenants", "show", OTHER]).await;
    assert!(
        !shown.out.contains("invite="),
        "no link without a row: {shown:?}"
    );
    assert!(shown.out.contains("it cannot be written down"), "{shown:?}");
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
