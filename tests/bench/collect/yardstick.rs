//! `curl | gzip -1`: the same contents one after the other on one connection, packed into a file.

use std::fmt::Write as _;
use std::process::Stdio;
use std::time::Duration;

use auth::ports::Clock as _;
use aws::SystemClock;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::tenant::Contents;
use super::{MB, Spent};
use crate::cpu::{children_time, time_of};
use crate::world::World;

/// Fetches all contents through `program`.
pub(super) async fn fetched(world: &World, contents: &Contents, program: &str) -> Spent {
    let file = world.directory.path().join("yardstick");
    let line = format!("curl --config - | {program} > \"$FILE\"");
    let before = (
        SystemClock.since_start(),
        children_time(),
        world_time(world),
    );
    let mut shell = Command::new("bash")
        .args(["-o", "pipefail", "-c", &line])
        .env("FILE", &file)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = shell.stdin.take().unwrap();
    stdin
        .write_all(settings(contents).as_bytes())
        .await
        .unwrap();
    drop(stdin);
    assert!(shell.wait().await.unwrap().success(), "{line}");
    let megabytes = contents.bytes as f64 / MB;
    let since = |now: Duration, before: Duration| (now - before).as_secs_f64() / megabytes;
    let spent = Spent {
        wall: since(SystemClock.since_start(), before.0),
        cpu: since(children_time(), before.1),
        world_cpu: since(world_time(world), before.2),
    };
    std::fs::remove_file(file).unwrap();
    spent
}

fn world_time(world: &World) -> Duration {
    time_of(world.process_id())
}

/// curl's settings: the token is in no list of processes.
fn settings(contents: &Contents) -> String {
    let mut text = format!(
        "silent\nshow-error\nfail\ngloboff\nheader = \"Authorization: Bearer {}\"\n",
        contents.token
    );
    for url in &contents.urls {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "url = \"{url}\"");
    }
    text
}
