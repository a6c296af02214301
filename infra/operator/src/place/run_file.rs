//! `run.json`: what a one-machine run writes down about itself in its data directory.
//! It holds no secret and stays behind when the run is killed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use auth::text::shown_path;
use aws::{Connection, Endpoint, connect};
use microsoft::TrustRoots;
use serde::Deserialize;

/// What a run says about itself. What it says for others is passed over.
#[derive(Debug, Clone, Deserialize)]
pub struct RunFile {
    /// The directory that the run works on, absolute and without links.
    pub data_directory: PathBuf,
    /// The DynamoDB endpoint: `http://127.0.0.1:{port}`, or `https://` with `ca_file`.
    pub table_endpoint: String,
    /// The CA of the run's own, PEM: only when it works over TLS.
    #[serde(default)]
    pub ca_file: Option<PathBuf>,
    /// The object store of the audit logs, likewise.
    #[serde(default)]
    objects_url: Option<String>,
    /// The directory with its secrets, one file each.
    pub secrets_directory: PathBuf,
    /// A PEM file with the certificate and its key, in place of the certificate's
    /// secret: only when the run works with the real Entra ID.
    #[serde(default)]
    pub certificate_file: Option<PathBuf>,
    /// The functions' settings by the names of their variables.
    pub settings: BTreeMap<String, String>,
}

/// The access key of the run's collector.
const COLLECTOR_KEY: &str = "collector-key.json";

/// What is read of it.
#[derive(Deserialize)]
struct Key {
    access_key_id: String,
    secret_access_key: String,
}

/// The run's own CA cannot be used, so that nothing under it can be reached: whether the
/// run is well is not known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "something answers where the run's table is, but the CA of the run cannot be used: {}: \
     {reason}: make it readable as the run wrote it; or stop the run, move it away, and \
     start it again with --tls, which makes it again",
    shown_path(file)
)]
pub(super) struct UnusableCa {
    file: PathBuf,
    reason: String,
}

/// The file was written in another directory: a command that follows it works on that one's run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{directory} was copied or moved: its run.json is of the run of {origin}. Start a run of its \
     own with `cargo run -- --data-dir {directory}` (with other ports while the other one \
     runs), or name the other directory"
)]
pub(super) struct OfAnotherDirectory {
    directory: String,
    origin: String,
}

impl RunFile {
    /// Fails closed where the run cannot be proven to be this directory's: a command would
    /// change the tenants of another one.
    pub(super) fn check_origin(&self, directory: &Path) -> Result<(), OfAnotherDirectory> {
        let here = directory.canonicalize();
        if here.is_ok_and(|here| here == self.data_directory) {
            return Ok(());
        }
        Err(OfAnotherDirectory {
            directory: shown_path(directory).to_string(),
            origin: shown_path(&self.data_directory).to_string(),
        })
    }

    /// Reads it; `None` when it is missing or is not what a run writes. Either way the
    /// run has to be started (again).
    pub(super) fn read(directory: &Path) -> Option<Self> {
        let text = fs::read_to_string(directory.join("run.json")).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Host and port of the table's endpoint.
    pub(super) fn table_address(&self) -> Option<&str> {
        let scheme = match self.ca_file {
            Some(_) => "https://",
            None => "http://",
        };
        let address = self.table_endpoint.strip_prefix(scheme)?;
        Some(address.trim_end_matches('/'))
    }

    /// The way to the table.
    pub(super) fn endpoint(&self) -> Result<Endpoint, UnusableCa> {
        self.endpoint_at(self.table_endpoint.clone())
    }

    /// The way to the object store, with the key of the run's collector: it knows no other.
    pub(super) async fn objects(&self) -> anyhow::Result<Connection> {
        let url = self.objects_url.clone();
        let url = url.context("the run is of an earlier release: stop it and start it again")?;
        let file = self.data_directory.join(COLLECTOR_KEY);
        let key = fs::read_to_string(&file).ok();
        let key = key.and_then(|text| serde_json::from_str::<Key>(&text).ok());
        let key = key.with_context(|| format!("{} cannot be read", shown_path(&file)))?;
        let connection = connect(&self.endpoint_at(url)?).await;
        Ok(connection.signing_as(&key.access_key_id, &key.secret_access_key.into()))
    }

    fn endpoint_at(&self, url: String) -> Result<Endpoint, UnusableCa> {
        let Some(file) = &self.ca_file else {
            return Ok(Endpoint::Local(url));
        };
        let unusable = |reason: String| UnusableCa {
            file: file.clone(),
            reason,
        };
        let ca_pem = fs::read_to_string(file).map_err(|error| unusable(error.to_string()))?;
        TrustRoots::load(Some(file)).map_err(|_| unusable("it is damaged".to_owned()))?;
        Ok(Endpoint::LocalTls { url, ca_pem })
    }

    /// A setting; empty counts as not set, as in the environment.
    pub(super) fn setting(&self, name: &str) -> Option<String> {
        let value = self.settings.get(name)?;
        Some(value.clone()).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(ca_file: Option<PathBuf>) -> RunFile {
        let scheme = ca_file.as_ref().map_or("http", |_| "https");
        RunFile {
            data_directory: PathBuf::new(),
            table_endpoint: format!("{scheme}://127.0.0.1:1"),
            ca_file,
            objects_url: None,
            secrets_directory: PathBuf::new(),
            certificate_file: None,
            settings: BTreeMap::new(),
        }
    }

    #[test]
    fn a_table_over_tls_is_not_asked_without_its_ca() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("ca.pem");
        let over_tls = run(Some(file.clone()));
        assert_eq!(over_tls.table_address(), Some("127.0.0.1:1"));
        assert!(over_tls.endpoint().is_err(), "there is none");
        for damaged in [
            "",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            fs::write(&file, damaged).unwrap();
            let refused = over_tls.endpoint().expect_err(damaged).to_string();
            assert!(refused.contains(file.to_str().unwrap()), "{refused}");
        }
        assert!(matches!(run(None).endpoint(), Ok(Endpoint::Local(_))));
        // A CA, but an address without TLS: the file was changed.
        let changed = RunFile {
            table_endpoint: "http://127.0.0.1:1".to_owned(),
            ..over_tls
        };
        assert_eq!(changed.table_address(), None);
    }
}
