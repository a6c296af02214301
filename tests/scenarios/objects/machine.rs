//! The contract on the object store of one machine, in process.

use std::path::Path;
use std::sync::Arc;

use auth::secret::SecretString;
use aws::{Connection, SystemRandom, connect};
use local::objects::{BUCKET, LocalObjects, Signer, serve};
use tempfile::TempDir;
use tests::object_contract::Engine;

/// A fresh store; ends with its test's runtime.
pub(crate) struct Machine {
    pub(crate) connection: Connection,
    directory: TempDir,
}

impl Machine {
    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }
}

pub(crate) fn secret() -> SecretString {
    SecretString::from("0123456789012345678901234567890123456789")
}

/// The store of a directory.
pub(crate) async fn store_of(directory: &Path) -> LocalObjects {
    let signer = Signer {
        access_key_id: "AKIATESTTESTTESTTEST",
        secret: &secret(),
    };
    let random = Arc::new(SystemRandom);
    serve(directory, signer, random, std::future::pending())
        .await
        .unwrap()
}

pub(crate) async fn machine() -> Machine {
    let directory = tempfile::tempdir().unwrap();
    let served = store_of(directory.path()).await;
    let connection = connect(&served.endpoint).await;
    Machine {
        connection: connection.signing_as("AKIATESTTESTTESTTEST", &secret()),
        directory,
    }
}

impl Engine for Machine {
    fn connection(&self) -> &Connection {
        &self.connection
    }

    fn bucket(&self) -> &str {
        BUCKET
    }

    async fn unfinished(&self, _: &str) -> usize {
        let uploads = std::fs::read_dir(self.directory().join(".uploads"));
        uploads.map_or(0, Iterator::count)
    }
}

tests::object_contract_tests!(machine);
