//! What lies in the directory of a run, as gzip and a shell read it.

use std::collections::{BTreeMap, BTreeSet};
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

    /// Those of a tenant's type.
    pub(crate) fn of(&self, tenant: &str, content_type: &str) -> Vec<String> {
        let folder = format!("tenant={tenant}/type={content_type}/");
        let own = self
            .0
            .iter()
            .filter(|(key, _)| key.to_string_lossy().contains(&folder));
        let mut records: Vec<String> = own.flat_map(|(_, lines)| lines.clone()).collect();
        records.sort();
        records
    }

    /// Whose objects there are.
    pub(crate) fn tenants(&self) -> BTreeSet<String> {
        let tenant = |key: &Path| stored::part(key, "tenant");
        self.0.iter().map(|(key, _)| tenant(key)).collect()
    }
}

/// The objects of records below a directory that may not be there yet.
pub(crate) fn stored(directory: &Path) -> Stored {
    kept(stored::objects(directory))
}

/// Those of what is no JSON.
pub(crate) fn dead(directory: &Path) -> Stored {
    kept(stored::dead_objects(directory))
}

fn kept(objects: BTreeMap<PathBuf, Vec<PathBuf>>) -> Stored {
    let read = |file: PathBuf| {
        let lines = stored::lines(std::slice::from_ref(&file));
        (file, lines)
    };
    Stored(objects.into_values().flatten().map(read).collect())
}

/// Runs the line that a person pastes, with DuckDB as `tests/run` installs it in the place of its
/// own program; gives the last column.
#[cfg_attr(
    not(feature = "real-parts"),
    expect(dead_code, reason = "DuckDB is a real part")
)]
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
