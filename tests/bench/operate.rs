//! The operator's program on a fleet of many tenants: rows a second and memory of the list, and the
//! time of the commands that a person waits for.

use std::process::Stdio;
use std::time::Duration;

use auth::ports::Clock as _;
use aws::SystemClock;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::child::beside;
use crate::cpu::memory_of;
use crate::memory;
use crate::report::{median, note, row, table};

/// What the IDs of `fleet` begin with.
const ID: &str = "00000000-0000-4000-8000-";
/// Of each command that a person waits for.
const TURNS: usize = 21;

/// Measures and prints the table.
pub(crate) async fn run(tenants: usize) {
    let directory = tempfile::tempdir().unwrap();
    let local = memory::start(directory.path()).await;
    memory::fill(directory.path(), tenants).await;
    let data_dir = directory.path().to_str().unwrap();
    let mut rows = vec![row(["operator", "measured", "aim"])];
    for form in ["--csv", "--json"] {
        let listed = list(data_dir, form, tenants).await;
        let rate = tenants as f64 / listed.took.as_secs_f64();
        let [early, late] = [listed.early, listed.late].map(|kib| kib as f64 / 1024.0);
        rows.push(row([
            &format!("`tenants list {form}`, rows a second"),
            &format!("{rate:.0}"),
            "≥ 5,000",
        ]));
        rows.push(row([
            &format!("`tenants list {form}`, resident MiB early and late"),
            &format!("{early:.1} and {late:.1}"),
            "constant",
        ]));
    }
    for (line, aim) in [
        (&["--help"][..], "≤ 30"),
        (&["--data-dir", data_dir, "doctor"], "≤ 10,000"),
        (&["--data-dir", data_dir, "status"], ""),
    ] {
        let took = times(line).await;
        let name = format!("`{}`, ms", line.last().unwrap());
        rows.push(row([&name, &format!("{:.0}", median(&took)), aim]));
    }
    local.interrupt().await;
    table("Operator", &rows);
    note(&format!(
        "{tenants} tenants in the table of a one-machine run; medians of {TURNS}."
    ));
}

/// One list.
struct Listed {
    took: Duration,
    /// Resident KiB after a tenth of the lines, and before the last hundredth.
    early: u64,
    late: u64,
}

async fn list(data_dir: &str, form: &str, tenants: usize) -> Listed {
    let began = SystemClock.since_start();
    let mut child = Command::new(beside("operator"))
        .args(["--data-dir", data_dir, "tenants", "list", form])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let id = child.id().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut listed, mut early, mut late) = (0, 0, 0);
    while let Some(line) = lines.next_line().await.unwrap() {
        // In JSON one of the lines of each.
        let is_tenant = line.starts_with(ID) || line.contains("\"tenant_id\"");
        if !is_tenant {
            continue;
        }
        listed += 1;
        if listed == tenants / 10 {
            early = memory_of(id, "VmRSS");
        }
        if listed == tenants - tenants / 100 {
            late = memory_of(id, "VmRSS");
        }
    }
    assert!(child.wait().await.unwrap().success());
    assert_eq!(listed, tenants);
    Listed {
        took: SystemClock.since_start() - began,
        early,
        late,
    }
}

/// Milliseconds of the whole process.
async fn times(line: &[&str]) -> Vec<f64> {
    let mut times = Vec::new();
    for _ in 0..TURNS {
        let began = SystemClock.since_start();
        let ran = Command::new(beside("operator")).args(line).output().await;
        // A doctor's finding is an answer, too.
        assert!(ran.unwrap().status.code() != Some(2), "{line:?}");
        let took = SystemClock.since_start() - began;
        times.push(took.as_secs_f64() * 1_000.0);
    }
    times
}
