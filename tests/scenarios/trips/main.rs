//! Round trips of every path, exactly: a change that adds a request to one of them changes this
//! snapshot. The programs are those of the test build, or those that are deployed
//! (`tests/run --release`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test code: a panic is how it fails"
)]

use std::time::Duration;

use tests::deployed::function_binary;
use tests::trips::{Path, Walk, walk};

/// Which way it is that asks once more shows in the difference.
#[tokio::test]
async fn each_path_makes_these_requests_and_no_other() {
    let paths = walk(Walk {
        program: &function_binary,
        time_of: |_| Duration::ZERO,
        tenants: 3,
    });
    let told: Vec<String> = paths.await.iter().map(told).collect();
    insta::assert_snapshot!("trips", told.join("\n"));
}

/// Its name, and each request with how often.
fn told(path: &Path) -> String {
    let all: u32 = path.asked.values().sum();
    let each = path.asked.iter();
    let each = each.map(|(what, times)| format!("  {times} × {what}\n"));
    format!("{}: {all}\n{}", path.name, each.collect::<String>())
}
