//! The data directory: what must survive a restart, made at the first start and never
//! overwritten. A file that is there but cannot be used is reported by its name and
//! left as it was. Every directory and file is its owner's only, from its first moment on;
//! only `ca.pem`, which is to be trusted by others, may be read by others who get into
//! the directory.

mod access_key;
mod authority;
mod error;
mod files;
mod secrets;

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use auth::ClientId;
use auth::ports::{Clock, Random};
use gateway_sim::AccessKey;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use error::DataError;
pub(crate) use secrets::{CERTIFICATE, CONSENT_KEYS, EVENT_KEYS, SEALING_KEYS, WEBHOOK_KEYS};

use crate::development_issuer::DevelopmentIssuer;
use crate::tls::Authority as CertificateAuthority;

/// The data directory of one run, locked for as long as this value lives.
pub(crate) struct DataDirectory {
    root: PathBuf,
    /// The system gives the lock back when the process ends, however it ends.
    lock: File,
}

/// Gives the lock back at once. Closing the file would not: a process that is being started
/// elsewhere in this one has a copy of each open file until its own program runs.
impl Drop for DataDirectory {
    fn drop(&mut self) {
        // Where this fails, the lock ends with the last copy.
        let _ = self.lock.unlock();
    }
}

/// What a data directory was begun for: the application, and the authority that its
/// tenants and tokens are of.
#[derive(Serialize, Deserialize)]
struct Application {
    client_id: ClientId,
    authority: Authority,
}

/// Whose tenants a data directory holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Authority {
    Simulated,
    Real,
}

const LOCK: &str = "lock";
const TABLE: &str = "table.sqlite";

/// What earlier versions made for others to read, as far as the umask let them. Files with
/// keys are not among it: one that others could read is refused, not mended.
const ONCE_OPEN: [&str; 9] = [
    ".",
    "secrets",
    "entra",
    LOCK,
    "application.json",
    "run.json",
    TABLE,
    "table.sqlite-wal",
    "table.sqlite-shm",
];

impl DataDirectory {
    /// Opens the directory, or makes it, and keeps others out. A directory that somebody
    /// uses for other things besides keeps its mode.
    pub(crate) fn open(root: &Path) -> Result<Self, DataError> {
        let root = files::make_directory(root)?;
        let path = root.join(LOCK);
        let is_ours = path.exists() || files::is_empty(&root)?;
        let lock = files::open_or_make(&path)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(DataError::InUse(root)),
            Err(TryLockError::Error(source)) => return Err(DataError::File { path, source }),
        }
        // What an earlier run left names ports that may be another run's by now.
        files::remove(&root.join("run.json"))?;
        if is_ours {
            let mut paths = ONCE_OPEN.iter().map(|name| root.join(name));
            paths.try_for_each(|path| files::tighten(&path))?;
        }
        files::make_directory(&root.join("secrets"))?;
        Ok(Self { root, lock })
    }

    /// Absolute and without links: the operator's commands compare it with the directory
    /// that they are given.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The table's file. It is made here, empty, because SQLite would make it for others
    /// to read; what SQLite puts beside it takes its mode over.
    pub(crate) fn make_table_file(&self) -> Result<PathBuf, DataError> {
        let path = self.table_file();
        if !path.exists() {
            files::open_or_make(&path)?;
        }
        Ok(path)
    }

    pub(crate) fn table_file(&self) -> PathBuf {
        self.root.join(TABLE)
    }

    pub(crate) fn simulator_directory(&self) -> PathBuf {
        self.root.join("entra")
    }

    pub(crate) fn secrets_directory(&self) -> PathBuf {
        self.root.join("secrets")
    }

    /// Where audit logs are collected; made where it is not there.
    pub(crate) fn objects_directory(&self) -> Result<PathBuf, DataError> {
        files::make_directory(&self.root.join("objects"))
    }

    /// Writes `run.json`: where everything is. Holds no secret.
    pub(crate) fn write_run(&self, run: &impl Serialize) -> Result<(), DataError> {
        files::write_json(&self.root.join("run.json"), run)
    }

    /// The client ID: the person's own at the real authority, else one that was made
    /// at the first start. A directory is of one application and one authority: the
    /// simulator does not know real tenants, and would have them taken for deleted.
    pub(crate) fn client_id(
        &self,
        real: Option<ClientId>,
        random: &dyn Random,
    ) -> Result<ClientId, DataError> {
        let path = self.root.join("application.json");
        let authority = match real {
            Some(_) => Authority::Real,
            None => Authority::Simulated,
        };
        let application: Application = files::read_or_make(&path, || {
            let made = || random_guid(random).to_string().parse();
            let client_id = real.map_or_else(made, Ok);
            client_id
                .map(|client_id| Application {
                    client_id,
                    authority,
                })
                .map_err(|_| "no GUID could be made".to_owned())
        })?;
        let same = real.is_none_or(|client_id| client_id == application.client_id);
        if application.authority == authority && same {
            Ok(application.client_id)
        } else {
            Err(DataError::OtherApplication(self.root.clone()))
        }
    }

    /// The development issuer: its key holds across restarts, so that a caller's token
    /// does too.
    pub(crate) fn issuer(&self, random: &dyn Random) -> Result<DevelopmentIssuer, DataError> {
        let path = self.root.join("issuer.json");
        let stored = files::read_or_make(&path, || {
            DevelopmentIssuer::create(random_guid(random)).map_err(|error| error.to_string())
        })?;
        DevelopmentIssuer::open(stored).map_err(|reason| DataError::Damaged { path, reason })
    }

    /// The access key of the function URL.
    pub(crate) fn access_key(&self, random: &dyn Random) -> Result<AccessKey, DataError> {
        access_key::open(&self.access_key_file(), access_key::CALLER, random)
    }

    /// The access key of the collector's role, in the region of `beside`.
    pub(crate) fn collector_key(
        &self,
        beside: &AccessKey,
        random: &dyn Random,
    ) -> Result<AccessKey, DataError> {
        let path = self.root.join("collector-key.json");
        let key = access_key::open(&path, access_key::COLLECTOR, random)?;
        Ok(AccessKey {
            region: beside.region.clone(),
            ..key
        })
    }

    pub(crate) fn access_key_file(&self) -> PathBuf {
        self.root.join("access-key.json")
    }

    /// The certificate authority, and where its certificate is for others. `clock`: the
    /// one that clients check certificates by.
    pub(crate) fn certificate_authority(
        &self,
        clock: &dyn Clock,
        random: &dyn Random,
    ) -> Result<(CertificateAuthority, PathBuf), DataError> {
        authority::open(&self.root, clock.now(), random)
    }

    /// Writes the CAs that the functions trust when they are more than the run's own.
    /// For its owner only: a person's file is copied whole, and may hold a key as well.
    pub(crate) fn write_trusted(&self, pem: &str) -> Result<PathBuf, DataError> {
        let path = self.root.join("trusted.pem");
        files::write(&path, pem.as_bytes(), files::Readers::Owner)?;
        Ok(path)
    }

    /// Makes the secrets that are missing: certificate, consent keys, sealing ring.
    pub(crate) fn make_secrets(
        &self,
        clock: &dyn Clock,
        random: &dyn Random,
    ) -> Result<(), DataError> {
        secrets::make_missing(&self.secrets_directory(), clock, random)
    }
}

fn random_guid(random: &dyn Random) -> Uuid {
    let mut bytes = [0u8; 16];
    random.fill(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_can_be_used_again_while_another_process_still_holds_a_copy_of_its_lock() {
        let directory = tempfile::tempdir().unwrap();
        let first = DataDirectory::open(directory.path()).unwrap();
        let inherited = first.lock.try_clone().unwrap();
        let second = DataDirectory::open(directory.path());
        assert!(matches!(second, Err(DataError::InUse(_))));
        drop(first);
        DataDirectory::open(directory.path()).unwrap();
        drop(inherited);
    }
}
