//! Each benchmark runs, with so little that it takes a second: one that a change has broken is seen
//! with that change, not when the next figures are wanted. What it measures here says nothing.
//!
//! `start`, `warm` and `memory` measure release builds: `tests/run --release` runs the first.
//! `trips` has a test of its own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test code: a panic is how it fails"
)]

use std::process::Command;

/// The arguments, and how many lines of figures come out.
const RUNS: [(&[&str], usize); 10] = [
    (&["refresh", "--tenants", "22"], 4),
    (&["whole", "--tenants", "12", "--concurrency", "3"], 9),
    (
        &[
            "clients",
            "--tenants",
            "3",
            "--turns",
            "2",
            "--without-azure-identity",
        ],
        3,
    ),
    (&["vend", "--requests", "20"], 12),
    (&["decide", "--decisions", "50"], 5),
    (&["many", "--tenants", "150", "--requests", "20"], 2),
    (&["store", "--tenants", "4"], 2),
    (
        &[
            "collect",
            "--hours",
            "1",
            "--records",
            "3",
            "--large",
            "1",
            "--turns",
            "1",
            "--at-once",
            "2",
        ],
        6,
    ),
    (&["idle", "--tenants", "2", "--hours", "1"], 2),
    (&["webhook", "--requests", "20"], 5),
];

#[test]
fn each_benchmark_runs_and_all_its_lines_have_figures() {
    for (arguments, lines) in RUNS {
        let run = Command::new(env!("CARGO_BIN_EXE_bench"))
            .args(arguments)
            .output();
        let run = run.unwrap();
        let said = String::from_utf8_lossy(&run.stdout);
        let complained = String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success(), "{arguments:?}: {complained}");
        let figures = said.lines().filter(|line| has_figures(line)).count();
        assert!(figures >= lines, "{arguments:?}: {said}");
    }
}

/// A row of a table with a number in a cell of its own.
fn has_figures(line: &str) -> bool {
    let mut cells = line
        .strip_prefix('|')
        .unwrap_or_default()
        .split('|')
        .skip(1);
    cells.any(|cell| cell.trim().replace(',', "").parse::<f64>().is_ok())
}
