//! `runs` on a table.

use auth::CauseCode;
use auth::fleet::{FleetFault, FleetState};
use auth::last_run::LastRun;
use auth::ports::{Clock as _, Runs as _, Write};
use aws::SystemClock;
use operator::Exit;
use serde_json::{Value, json};

use crate::world::World;

#[tokio::test]
async fn before_the_first_run_there_is_none() {
    let world = World::start().await;
    let outcome = world.run(&["runs"]).await;
    let expected = "no run has renewed anything yet\n";
    assert_eq!((outcome.exit, outcome.out.as_str()), (Exit::Done, expected));
    assert_eq!(world.run(&["runs", "--json"]).await.json(), Value::Null);
}

#[tokio::test]
async fn shows_the_last_run_and_what_stops_the_fleet() {
    let world = World::start().await;
    let now = SystemClock.now();
    let fault = FleetFault {
        cause: CauseCode::CredentialRefused,
        since: now,
    };
    let run = LastRun {
        times: (now, now),
        refreshed: 7,
        fleet: FleetState {
            fault: Some(fault),
            ..FleetState::default()
        },
        ..LastRun::default()
    };
    assert_eq!(
        world.table.put_last_run(&run, None).await.unwrap(),
        Write::Done
    );
    let shown = world.run(&["runs"]).await;
    assert_eq!(shown.exit, Exit::Done);
    for part in [
        "stopped by a fault on our side",
        "credential_refused",
        "fleet-refresh-fault.md",
    ] {
        assert!(shown.out.contains(part), "{part}: {}", shown.out);
    }
    let view = world.run(&["runs", "--json"]).await.json();
    assert_eq!(view["refreshed"], 7);
    let fault = &view["fleet"]["fault"];
    assert_eq!(fault["cause"], json!("credential_refused"));
    assert_eq!(view["fleet"]["state"], "our_fault");
}
