//! A certificate of the application, as a person makes and publishes one with the
//! operator's program: in a directory that holds the private key until it is published.

use microsoft_sim::KeyCredential;
use serde_json::Value;
use tempfile::TempDir;

use crate::stage::Stage;

/// The files of `certificate create`.
pub(crate) struct Certificate {
    directory: TempDir,
    /// What the application's manifest takes, as the command wrote it.
    pub(crate) credential: KeyCredential,
}

impl Certificate {
    /// `operator certificate create`.
    pub(crate) async fn create(stage: &Stage, subject: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let create = [
            "certificate",
            "create",
            "--days",
            "90",
            "--subject",
            subject,
        ];
        let out = ["--out", path(&directory)];
        stage.operate(&[&create[..], &out].concat()).await;
        let credential = std::fs::read(directory.path().join("key-credential.json")).unwrap();
        Self {
            credential: serde_json::from_slice(&credential).unwrap(),
            directory,
        }
    }

    /// `operator certificate publish`, and the private key's file is deleted as the guide
    /// says; gives what the command printed.
    pub(crate) async fn publish(&self, stage: &Stage, options: &[&str]) -> Value {
        let publish = ["--json", "certificate", "publish", path(&self.directory)];
        let published = stage.operate(&[&publish, options].concat()).await;
        std::fs::remove_file(self.directory.path().join("private-key.pem")).unwrap();
        serde_json::from_str(&published).unwrap()
    }
}

fn path(directory: &TempDir) -> &str {
    directory.path().to_str().unwrap()
}
