//! What operators do stands in the log before it is done: every command has its row in a table
//! here (`every_command.rs`), and what cannot be written down is not done (`unwritten.rs`).

mod every_command;
mod unwritten;

use std::time::Duration;

use auth::operator_action::OperatorAction;
use auth::ports::{Clock as _, OperatorLog as _};
use auth::{CauseCode, TenantStatus};
use aws::SystemClock;

use crate::world::{OTHER, TENANT, World, tenant};

const HOUR: Duration = Duration::from_secs(3600);
const ISSUER: &str = "https://issuer.example";
const ISSUERS: &str =
    r#"[{"issuer": "https://issuer.example", "audience": "https://broker.example"}]"#;
const POLICY: &str = "@id(\"one\") permit (principal == Key::\"collector\", action, resource == \
                      Tenant::\"41463f53-8812-40f4-890f-865bf6e35190\");";

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
    let (actions, damaged) = world.control.of_day(SystemClock.now()).await.unwrap();
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

/// What the rows say, for a person and for a script; another day has others.
#[tokio::test]
async fn an_auditor_reads_what_was_done() {
    let world = world().await;
    let empty = world.run(&["audit", "--operators"]).await;
    assert_eq!(empty.out, "no operator did anything on that day\n");
    world.run(&["token", TENANT, "--raw"]).await;
    let shown = world.run(&["audit", "--operators", "--json"]).await.json();
    let action = &shown[0];
    let said = ["who", "command", "tenant_id", "outcome"].map(|field| action[field].clone());
    assert_eq!(said, ["os user unknown", "token", TENANT, "done"]);
    assert_eq!(action["options"][0], "raw");
    assert!(action["began_at"].as_str().unwrap().ends_with('Z'));
    let read = world.run(&["audit", "--operators"]).await;
    assert!(
        read.out.contains("token --raw") && read.out.contains(TENANT),
        "{read:?}"
    );
    let before = world
        .run(&["audit", "--operators", "--days-ago", "2"])
        .await;
    assert_eq!(before.out, empty.out);
}
