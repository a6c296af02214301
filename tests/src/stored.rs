//! What lies in the directory of a run, as people's own tools read it: gzip, and DuckDB from PyPI.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use auth::digest::sha256;
use auth::encoding::hex;

use crate::judge::installed;

/// How many records of each SHA-256 there are, by tenant and type.
pub type Stored = BTreeMap<(String, String), BTreeMap<String, u64>>;

/// Every object of records below a directory, by the directory that it is in.
pub fn objects(directory: &Path) -> BTreeMap<PathBuf, Vec<PathBuf>> {
    of_ending(directory, ".json.gz")
}

/// The same of what is no JSON.
pub fn dead_objects(directory: &Path) -> BTreeMap<PathBuf, Vec<PathBuf>> {
    of_ending(directory, ".dead.gz")
}

fn of_ending(directory: &Path, ending: &str) -> BTreeMap<PathBuf, Vec<PathBuf>> {
    let mut found = BTreeMap::new();
    walk(directory, ending, &mut found);
    found
}

fn walk(directory: &Path, ending: &str, found: &mut BTreeMap<PathBuf, Vec<PathBuf>>) {
    // It may not be there yet.
    for entry in std::fs::read_dir(directory).into_iter().flatten() {
        let path = entry.unwrap().path();
        let name = path.to_string_lossy();
        if path.is_dir() {
            walk(&path, ending, found);
        } else if name.contains("tenant=") && name.ends_with(ending) {
            found.entry(directory.to_owned()).or_default().push(path);
        }
    }
    found.values_mut().for_each(|files| files.sort());
}

/// The value of a part of an object's path: `tenant=…`, `type=…`, `day=…`.
pub fn part(path: &Path, name: &str) -> String {
    let parts = path.iter().map(|part| part.to_string_lossy());
    let mut values = parts.filter_map(|part| Some(part.strip_prefix(name)?.to_owned()));
    let value = values.next().unwrap();
    value.strip_prefix('=').unwrap().to_owned()
}

/// SHA-256 of each line of these objects, which gzip reads.
pub fn lines(files: &[PathBuf]) -> Vec<String> {
    let output = Command::new("gzip").arg("-dc").args(files).output();
    let output = output.unwrap();
    assert!(output.status.success(), "gzip reads {files:?}");
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    lines.map(|line| hex(&sha256(line))).collect()
}

/// What gzip reads below a directory.
pub fn read_by_gzip(directory: &Path) -> Stored {
    let mut stored = Stored::new();
    for (place, files) in objects(directory) {
        let key = (part(&place, "tenant"), part(&place, "type"));
        let counts = stored.entry(key).or_default();
        for line in lines(&files) {
            *counts.entry(line).or_default() += 1;
        }
    }
    stored
}

/// Reads the lines as they are: no byte of JSON is its separator or its quote.
const QUERY: &str = r"
import duckdb, sys
rows = duckdb.sql(f'''SELECT tenant, type, sha256(line), count(*) FROM read_csv(
    '{sys.argv[1]}/**/*.json.gz', columns={{'line': 'VARCHAR'}}, auto_detect=false, header=false,
    delim='\x01', quote='', escape='', hive_partitioning=true,
    hive_types={{'tenant': VARCHAR, 'type': VARCHAR, 'day': VARCHAR}}) GROUP BY ALL''')
for row in rows.fetchall(): print(*row)
";

/// What DuckDB reads below a directory. Needs what `tests/run` installs.
pub fn read_by_duckdb(directory: &Path) -> Stored {
    let output = Command::new(installed("JUDGES_PYTHON"))
        .args(["-c", QUERY])
        .arg(directory)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let mut stored = Stored::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let mut words = line.split(' ').map(str::to_owned);
        let mut word = || words.next().unwrap();
        let (key, digest) = ((word(), word()), word());
        let counts = stored.entry(key).or_default();
        counts.insert(digest, word().parse().unwrap());
    }
    stored
}
