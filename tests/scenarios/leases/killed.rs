//! A refresher is killed (SIGKILL) at each step of its run, with what it had done by
//! then; the next runs complete its work and ask for nothing twice within its lease.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use auth::ports::Clock as _;
use auth::schedule::RefreshSchedule;
use auth::turns::Slot;
use tests::halting::Step;
use tests::{MovedRun, connect_tenant};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

const TENANTS: usize = 6;
/// After this every token of the run is due: the lead is half of the life here.
const UNTIL_DUE: i64 = 1900;
/// What Lambda gives the refresher for a run; its leases end by then.
const LEASE: i64 = 240;

#[tokio::test(flavor = "multi_thread")]
async fn a_refresher_killed_at_any_step_is_completed_by_the_next_runs() {
    let directory = tempfile::tempdir().unwrap();
    let run = MovedRun::start(directory.path(), TENANTS).await;
    for index in 0..TENANTS {
        connect_tenant(&run.broker.ready, index).await;
    }
    assert_eq!(run.machine.refresh().await.refreshed, TENANTS as u32);
    for (step, name) in Step::ALL {
        run.clock.advance(UNTIL_DUE);
        let before = requests(&run).await;
        kill_at(directory.path(), run.clock.now().unix(), name).await;

        // Within its lease: what is free is renewed, and nothing a second time.
        run.machine.refresh().await;
        let asked = since(&before, &requests(&run).await);
        assert!(asked.values().all(|times| *times <= 1), "{name}: {asked:?}");
        let known = renewed_tokens(&run).await;
        let renewed = known.iter().filter(|renewed| **renewed).count();
        match step {
            // No lease is held, or everything was done when the first was given back.
            Step::Due | Step::Released => assert_eq!(renewed, TENANTS, "{name}"),
            // The tenant at hand is the dead run's, written or not.
            Step::Leased | Step::Read | Step::Issued => assert!(renewed < TENANTS, "{name}"),
            Step::Settled => assert!(renewed >= 1, "{name}"),
        }

        // After it: everything is completed, and only what was lost is asked again.
        run.clock.advance(LEASE);
        run.machine.refresh().await;
        assert_eq!(renewed_tokens(&run).await, [true; TENANTS], "{name}");
        let asked = since(&before, &requests(&run).await);
        let lost = u64::from(step == Step::Issued);
        let early = early_turns(&run, &known);
        let total: u64 = asked.values().sum();
        assert_eq!(total, TENANTS as u64 + lost + early, "{name}: {asked:?}");
        let idle = run.machine.refresh().await;
        assert_eq!(idle, Default::default(), "{name}: nothing is left to do");
    }
}

/// Runs the refresher of another process up to `step`, and kills it there.
async fn kill_at(data_dir: &Path, now: i64, step: &str) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_halting_refresher"))
        .arg(data_dir)
        .arg(now.to_string())
        .arg(step)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = lines.next_line().await.unwrap();
    assert_eq!(said.as_deref(), Some("halted"), "{step}");
    child.kill().await.unwrap();
}

/// App-only requests by tenant, as the authority counts them.
async fn requests(run: &MovedRun) -> BTreeMap<String, u64> {
    let stats = run.broker.stats().await;
    serde_json::from_value(stats["app_only_by_tenant"].clone()).unwrap()
}

fn since(before: &BTreeMap<String, u64>, now: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let earlier = |tenant: &String| before.get(tenant).copied().unwrap_or_default();
    now.iter()
        .map(|(tenant, times)| (tenant.clone(), times - earlier(tenant)))
        .collect()
}

/// The renewed tokens whose first turn came within the lease: they could not wait for the next
/// one, because all six were renewed at a moment that is no turn of theirs.
fn early_turns(run: &MovedRun, renewed: &[bool]) -> u64 {
    let schedule = RefreshSchedule {
        outage_to_survive: Duration::from_secs(900),
        period: Duration::from_secs(3600),
        confirm_after: Duration::from_secs(300),
    };
    let (turns, now) = (schedule.turns(), run.clock.now());
    let renewed_at = now - Duration::from_secs(LEASE as u64);
    let early = |index: &usize| {
        let slot = Slot::of(run.tenant(*index).parse().unwrap());
        renewed[*index] && turns.last(slot, now) > renewed_at
    };
    (0..TENANTS).filter(early).count() as u64
}

/// Which tenants' tokens are of this round. A vend changes none of them: what is
/// not renewed still lives long enough.
async fn renewed_tokens(run: &MovedRun) -> Vec<bool> {
    let mut renewed = Vec::new();
    for index in 0..TENANTS {
        let vended = run.broker.vend(&run.tenant(index)).await;
        assert_eq!(vended.status, 200, "{}", vended.body);
        let life = vended.body["expires_in"].as_i64().unwrap();
        renewed.push(life > 3600 - UNTIL_DUE);
    }
    renewed
}
