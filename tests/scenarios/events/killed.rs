//! The refresher's program is killed (SIGKILL) at each step of an event's way: the next run
//! completes it, and the receiver has the event, once by its id.

use std::time::Duration;

use serde_json::{Value, json};
use tests::Browser;
use tests::doomed::{Death, Doomed};
use tests::gate::Moment::{self, After, Before};
use tests::gate::Stop;

use super::receiver::{Stage, kinds};

/// So long ago the tenant consented, and had no role yet.
const AGO: i64 = 1_900;
/// What Lambda leaves the refresher for a run; leases end by then.
const RUN: Duration = Duration::from_secs(240);

const fn at(operation: &'static [&'static str], item: &'static str, moment: Moment) -> Death {
    Death::AtTable(Stop {
        operations: operation,
        item,
        moment,
    })
}

const STEPS: [Death; 10] = [
    at(&["TransactWriteItems"], "OUTBOX#", Before),
    at(&["TransactWriteItems"], "OUTBOX#", After),
    at(&["Query"], "OUTBOX#", Before),
    at(&["Query"], "OUTBOX#", After),
    at(&["UpdateItem"], "LEASE#outbox#", Before),
    at(&["UpdateItem"], "LEASE#outbox#", After),
    // The receiver has it, and the table does not know.
    at(&["DeleteItem"], "OUTBOX#", Before),
    at(&["DeleteItem"], "OUTBOX#", After),
    at(&["UpdateItem"], "looked_until", After),
    Death::Answered,
];

#[tokio::test(flavor = "multi_thread")]
async fn a_refresher_killed_at_any_step_loses_no_event() {
    for death in STEPS {
        let mut stage = Stage::set_ago(1, AGO).await;
        let tenant = stage.run.tenant(0);
        let broker = &stage.run.broker;
        broker.fault("propagation", Some(&tenant), json!(60)).await;
        let result = stage.run.connect(&mut Browser::default(), 0).await;
        assert_eq!(result.heading(), "Finishing", "{}", result.body);
        assert_eq!(kinds(&stage.seen().await), [""; 0], "{death:?}");
        stage.moves_on(AGO).await;
        let doomed = Doomed {
            binary: env!("CARGO_BIN_EXE_refresher_program"),
            data_dir: stage.data_dir(),
            variables: &[("REFRESH_CONCURRENCY", "1")],
            name: "refresher",
            event: json!({}),
            time: RUN,
        };
        doomed.die(&stage.run.broker, death).await;
        stage.pass(i64::try_from(RUN.as_secs()).unwrap()).await;
        stage.pass(60).await;
        let seen: Value = stage.seen().await;
        assert_eq!(kinds(&seen), ["TenantConnected"], "{death:?}: {seen}");
        assert_eq!(seen["refused"], json!([]), "{death:?}");
    }
}
