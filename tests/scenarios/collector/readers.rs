//! Readers that others wrote read what a run has stored: DuckDB, Python's gzip and json, jq. They
//! see the bytes that the simulator's book offered, each record once for each time it was
//! offered, with the numbers that were in it; and the guide's lines run as they are printed.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tests::MovedRun;
use tests::clock::START;
use tests::judge::{Judge, installed};

use super::offered::Offered;
use super::{connected, directory};

const GUIDE: &str = include_str!("../../../infra/guides/feed.md");

/// The programs that a person has, as `tests/run` installs them.
const PROGRAMS: &str = r#"
duckdb() { "$PYTHON" -c 'import duckdb, sys
for row in duckdb.sql(sys.argv[2]).fetchall(): print(*row)' "$@"; }
jq() { "$PYTHON" -c 'import jq, sys
print(jq.compile(sys.argv[2]).input_text(sys.stdin.read()).text())' "$@"; }
"#;

/// A record as a reader shows it: SHA-256 of its text, its Id, its `ItemSize`.
struct Seen<'a>(&'a Value);

impl Seen<'_> {
    fn text(&self, column: usize) -> &str {
        self.0[column].as_str().unwrap_or_default()
    }
}

fn seen<'a>(found: &'a Value, reader: &str) -> Vec<Seen<'a>> {
    found[reader].as_array().unwrap().iter().map(Seen).collect()
}

fn column<'a>(records: &'a [Seen<'a>], column: usize) -> Vec<&'a str> {
    let mut values: Vec<_> = records.iter().map(|record| record.text(column)).collect();
    values.sort_unstable();
    values
}

async fn read(directory: &Path) -> Value {
    let directory = directory.to_str().unwrap();
    let variables = [("OBJECTS", directory)];
    let python = installed("JUDGES_PYTHON");
    let mut judge = Judge::start(&python, "readers.py", &variables).await;
    judge.hear().await
}

/// A run that has collected one tenant, in objects of this format.
async fn collected(data: &Path, format: &'static str) -> (MovedRun, Offered) {
    let setting = move |name: &str| (name == "FEED_FORMAT").then(|| format.to_owned());
    let run = MovedRun::start_at(data, 1, START, setting).await;
    connected(&run, 0).await;
    run.machine.collect().await.unwrap();
    let offered = Offered::of(&run.broker, &run.tenant(0)).await;
    assert!(offered.len() > 100, "{}", offered.len());
    (run, offered)
}

#[tokio::test]
async fn every_reader_finds_the_records_that_were_offered_and_duckdb_and_python_their_bytes() {
    let data = tempfile::tempdir().unwrap();
    let (run, offered) = collected(data.path(), "gzip").await;
    let found = read(directory(&run)).await;
    let [python, duckdb, jq] = ["python", "duckdb", "jq"].map(|reader| seen(&found, reader));
    assert_eq!(column(&python, 0), offered.digests());
    assert_eq!(column(&duckdb, 0), offered.digests());
    assert_eq!(column(&duckdb, 1), column(&python, 1));
    assert_eq!(column(&jq, 1), column(&python, 1));
    assert_eq!(found["disordered"], json!([]));
    // Repeats of an Id are all there, those with other bytes among them.
    let [digests, ids] = [0, 1].map(|of| column(&python, of).into_iter().collect::<BTreeSet<_>>());
    assert!(ids.len() < digests.len() && digests.len() < python.len());
}

#[tokio::test]
async fn big_integers_survive_in_every_reader() {
    let data = tempfile::tempdir().unwrap();
    let (run, _) = collected(data.path(), "gzip").await;
    let found = read(directory(&run)).await;
    let [python, duckdb, jq] = ["python", "duckdb", "jq"].map(|reader| {
        let numbers = seen(&found, reader);
        let numbers = numbers.iter().map(|record| record.text(2).to_owned());
        numbers.collect::<BTreeSet<_>>()
    });
    assert_eq!(duckdb, python);
    for number in [
        "9007199254740993",
        "9223372036854775807",
        "18446744073709551615",
        "-9223372036854775808",
    ] {
        assert!(python.contains(number), "{number}: {python:?}");
        assert!(jq.contains(number), "{number}: {jq:?}");
    }
}

#[tokio::test]
async fn objects_of_zstd_have_the_same_bytes_for_duckdb() {
    let data = tempfile::tempdir().unwrap();
    let (run, offered) = collected(data.path(), "zstd").await;
    let found = read(directory(&run)).await;
    assert_eq!(column(&seen(&found, "duckdb_zstd"), 0), offered.digests());
    assert!(seen(&found, "python").is_empty(), "no other objects");
}

#[tokio::test]
async fn the_lines_of_the_guide_run_as_they_are_printed() {
    let data = tempfile::tempdir().unwrap();
    let (run, offered) = collected(data.path(), "gzip").await;
    let place = directory(&run).to_str().unwrap().to_owned();
    let [counts, selected] = lines_of_the_guide().map(|line| {
        let line = line.replace(".local/objects", &place);
        // What a person puts in: the day and the operation that are wanted.
        printed(
            &line
                .replace("day=2026-11-29", "day=*")
                .replace("HardDelete", "UserLoggedIn"),
        )
    });
    let counts: Vec<(&str, usize)> = counts
        .lines()
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(operation, count)| (operation, count.parse().unwrap()))
        .collect();
    let sum: usize = counts.iter().map(|(_, count)| count).sum();
    assert!(
        counts.len() > 3 && sum < offered.len() && sum * 10 > offered.len() * 9,
        "{counts:?} of {}",
        offered.len()
    );
    let is_selected = |line: &str| line.contains("UserLoggedIn") && line.contains("Exchange");
    assert!(
        selected.lines().count() > 3 && selected.lines().all(is_selected),
        "{selected}"
    );
}

/// The commands under "How it is read", each in one line.
fn lines_of_the_guide() -> [String; 2] {
    let (_, part) = GUIDE.split_once("## How it is read\n\n").unwrap();
    let (block, _) = part.split_once("\n\n").unwrap();
    let (first, second) = block.split_once("\n    zcat ").unwrap();
    [first.trim().to_owned(), format!("zcat {second}")]
}

fn printed(line: &str) -> String {
    let output = Command::new("sh")
        .args(["-c", &format!("{PROGRAMS}{line}")])
        .env("PYTHON", installed("JUDGES_PYTHON"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{line}: {said}");
    String::from_utf8(output.stdout).unwrap()
}
