//! What lies in the directory of a run, as gzip and a shell read it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use tests::judge::installed;
use tests::stored;

/// Every record, by its object.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Stored(Vec<(PathBuf, Vec<String>)>);

impl Stored {
    /// SHA-256 of each record, sorted; one that is stored twice stands twice.
    pub(crate) fn records(&self) -> Vec<String> {
        let mut records: Vec<String> = self.0.iter().flat_map(|(_, lines)| lines.clone()).collect();
        records.sort();
        records
    }

    /// Whose objects there are.
    pub(crate) fn tenants(&self) -> BTreeSet<String> {
        let tenant = |key: &Path| stored::part(key, "tenant");
        self.0.iter().map(|(key, _)| tenant(key)).collect()
    }
}

/// The objects below a directory that may not be there yet.
pub(crate) fn stored(directory: &Path) -> Stored {
    let files = stored::objects(directory).into_values().flatten();
    let read = |file: PathBuf| {
        let lines = stored::lines(std::slice::from_ref(&file));
        (file, lines)
    };
    Stored(files.map(read).collect())
}

/// Runs the line that a person pastes, with DuckDB as `tests/run` installs it in the place of its
/// own program; gives the last column.
pub(crate) fn run_in_a_shell(line: &str) -> Vec<u64> {
    const PROGRAM: &str =
        "import duckdb, sys\nfor row in duckdb.sql(sys.argv[2]).fetchall(): print(row[-1])";
    let function = r#"duckdb() { "$PYTHON" -c "$PROGRAM" "$@"; }; "#;
    let output = Command::new("sh")
        .args(["-c", &format!("{function}{line}")])
        .env("PYTHON", installed("JUDGES_PYTHON"))
        .env("PROGRAM", PROGRAM)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{line}: {said}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|count| count.parse().unwrap()).collect()
}
