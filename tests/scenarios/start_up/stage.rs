//! A data directory that a run has left behind, copies of it, and starts that fail.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tests::process::Start;

pub(super) const MACHINE: &str = env!("CARGO_BIN_EXE_machine");

/// What is remade or touched by every start, whatever it finds.
const FLEETING: [&str; 4] = ["lock", "run.json", "table.sqlite-wal", "table.sqlite-shm"];

/// A data directory after one clean run.
pub(super) struct Template(TempDir);

impl Template {
    pub(super) async fn make() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let process = Start::new(MACHINE, directory.path()).run().await;
        let (code, log) = process.interrupt().await;
        assert_eq!(code, 0, "{log}");
        Self(directory)
    }

    /// A copy, to be damaged.
    pub(super) fn copy(&self) -> Copied {
        let directory = tempfile::tempdir().unwrap();
        for file in files(self.0.path()) {
            let target = directory.path().join(&file);
            std::fs::create_dir_all(target.parent().unwrap()).unwrap();
            // Permissions go along.
            std::fs::copy(self.0.path().join(&file), target).unwrap();
        }
        Copied(directory)
    }
}

/// A data directory that is about to be started from.
pub(super) struct Copied(TempDir);

impl Copied {
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    pub(super) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        // The mode of the file stays what it was.
        std::fs::write(self.path(name), content).unwrap();
    }

    pub(super) fn start(&self) -> Start {
        start(self.0.path())
    }

    /// Fails, says so in one line with these words, and touches no file.
    pub(super) async fn refuses(&self, row: &str, start: &Start, words: &[&str]) {
        let before = self.snapshot();
        fails(row, start, words).await;
        let after = self.snapshot();
        for (name, content) in &before {
            let same = after.get(name) == Some(content);
            assert!(same, "{row}: {} is not as it was", name.display());
        }
        assert_eq!(after.len(), before.len(), "{row}: files were added");
    }

    fn snapshot(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let lasting = |name: &PathBuf| !FLEETING.iter().any(|fleeting| name == Path::new(fleeting));
        files(self.0.path())
            .into_iter()
            .filter(lasting)
            .map(|name| {
                let content = std::fs::read(self.0.path().join(&name)).unwrap();
                (name, content)
            })
            .collect()
    }
}

/// A start with logs as a person sees them.
pub(super) fn start(directory: &Path) -> Start {
    Start::new(MACHINE, directory).variable("RUST_LOG", "")
}

/// Fails with exit code 1 and says so in one line that holds these words.
pub(super) async fn fails(row: &str, start: &Start, words: &[&str]) {
    let (code, said) = start.fails().await;
    assert_eq!(code, 1, "{row}: {said}");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 1, "{row}: {said}");
    assert!(said.starts_with("error: "), "{row}: {said}");
    for word in words {
        assert!(said.contains(word), "{row} lacks {word:?}: {said}");
    }
    assert!(!said.contains("BEGIN PRIVATE KEY-----\n"), "{row}");
}

/// Every file below, relative.
pub(super) fn files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![PathBuf::new()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(root.join(&directory)).unwrap() {
            let entry = entry.unwrap();
            let name = directory.join(entry.file_name());
            match entry.file_type().unwrap().is_dir() {
                true => open.push(name),
                false => found.push(name),
            }
        }
    }
    found.sort();
    found
}
