//! `run.json`: what a one-machine run writes down about itself in its data directory.
//! It holds no secret and stays behind when the run is killed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

/// What a run says about itself. What it says for others is passed over.
#[derive(Debug, Clone, Deserialize)]
pub struct RunFile {
    /// The DynamoDB endpoint: `http://127.0.0.1:{port}`.
    pub table_endpoint: String,
    /// The directory with its secrets, one file each.
    pub secrets_directory: PathBuf,
    /// A PEM file with the certificate and its key, in place of the certificate's
    /// secret: only when the run works with the real Entra ID.
    #[serde(default)]
    pub certificate_file: Option<PathBuf>,
    /// The functions' settings by the names of their variables.
    pub settings: BTreeMap<String, String>,
}

impl RunFile {
    /// Reads it; `None` when it is missing or is not what a run writes. Either way the
    /// run has to be started (again).
    pub(super) fn read(directory: &Path) -> Option<Self> {
        let text = fs::read_to_string(directory.join("run.json")).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Host and port of the table's endpoint.
    pub(super) fn table_address(&self) -> Option<&str> {
        let address = self.table_endpoint.strip_prefix("http://")?;
        Some(address.trim_end_matches('/'))
    }

    /// A setting; empty counts as not set, as in the environment.
    pub(super) fn setting(&self, name: &str) -> Option<String> {
        let value = self.settings.get(name)?;
        Some(value.clone()).filter(|value| !value.is_empty())
    }
}
