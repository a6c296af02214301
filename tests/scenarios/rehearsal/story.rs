//! The rehearsal's log: one line per step with what was seen, in the order in which it
//! happened, printed and kept in `target/rehearsal.log`. What the emulator cannot do is
//! told by a word of its own.

use std::fs::File;
use std::io::Write as _;

use cargo_metadata::MetadataCommand;
use cargo_metadata::camino::Utf8PathBuf;

/// Tells what happens while it happens.
pub(crate) struct Story {
    acts: usize,
    file: File,
}

impl Story {
    pub(crate) fn begin() -> Self {
        Self {
            acts: 0,
            file: File::create(kept("rehearsal.log")).unwrap(),
        }
    }

    /// A new act.
    pub(crate) fn act(&mut self, title: &str) {
        self.acts += 1;
        self.tell(&format!("\n{}. {title}", self.acts));
    }

    /// What was seen.
    pub(crate) fn seen(&self, what: impl AsRef<str>) {
        self.tell(&format!("   {}", what.as_ref()));
    }

    /// What ministack cannot do, and what stood in for it.
    pub(crate) fn played(&self, what: impl AsRef<str>) {
        self.tell(&format!("   played by our own front: {}", what.as_ref()));
    }

    /// What was changed for the rehearsal alone.
    pub(crate) fn differs(&self, what: impl AsRef<str>) {
        self.tell(&format!("   for the rehearsal alone: {}", what.as_ref()));
    }

    fn tell(&self, line: &str) {
        println!("{line}");
        writeln!(&self.file, "{line}").unwrap();
    }
}

/// What the rehearsal leaves behind lies in `target/`.
pub(crate) fn kept(name: &str) -> Utf8PathBuf {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    metadata.target_directory.join(name)
}
