//! The directory: tenants, applications, service principals, on one file.
//!
//! Readers take a snapshot and never wait for the disk. A change is made on a
//! copy, written to the file, and only then shown: a change that a caller has seen
//! survives a restart, and a failed write changes nothing.

pub(crate) mod applications;
pub(crate) mod consents;
mod redirect_uris;
pub(crate) mod resources;
pub(crate) mod tenants;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::applications::{Application, RegisterError};
use self::consents::ServicePrincipal;
use self::tenants::Tenant;
use crate::files::{self, OpenError};
use crate::platform::{RandomnessFailed, random_uuid};
use crate::registration::Registration;

/// Name of the directory's file in the data directory.
const FILE: &str = "directory.json";
/// Version of the file's layout.
const FORMAT: u32 = 1;

/// The shared directory.
pub(crate) struct Directory {
    shown: RwLock<Arc<Snapshot>>,
    /// Held for the length of a change, so that changes follow each other.
    changing: Mutex<()>,
    file: Option<PathBuf>,
}

/// The directory at one moment.
#[derive(Clone, Default)]
pub(crate) struct Snapshot {
    /// In the order in which they were made.
    tenants: Arc<Vec<Arc<Tenant>>>,
    positions: Arc<HashMap<String, usize>>,
    applications: HashMap<Uuid, Arc<Application>>,
    principals: HashMap<(Uuid, Uuid), Arc<ServicePrincipal>>,
}

/// What the file holds.
#[derive(Serialize, Deserialize)]
struct Record {
    format: u32,
    tenants: Vec<Tenant>,
    registrations: Vec<Registration>,
    service_principals: Vec<ServicePrincipal>,
}

impl Directory {
    /// Loads the directory, or makes one with that many tenants.
    pub(crate) fn open(data_dir: Option<&Path>, tenants: usize) -> Result<Self, OpenError> {
        let file = data_dir.map(|directory| directory.join(FILE));
        let stored = match &file {
            Some(path) => files::read(path)?.map(|content| (path, content)),
            None => None,
        };
        let directory = match stored {
            Some((path, content)) => Self::showing(load(path, &content)?, file),
            None => {
                let made = Self::showing(Snapshot::make(tenants)?, file);
                made.persist(&made.snapshot())?;
                made
            }
        };
        Ok(directory)
    }

    fn showing(snapshot: Snapshot, file: Option<PathBuf>) -> Self {
        Self {
            shown: RwLock::new(Arc::new(snapshot)),
            changing: Mutex::new(()),
            file,
        }
    }

    /// The directory as it is now.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        let shown = self.shown.read().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&shown)
    }

    /// Makes one change, keeps it, then shows it.
    pub(crate) fn change<T, E: From<OpenError>>(
        &self,
        change: impl FnOnce(&mut Snapshot) -> Result<T, E>,
    ) -> Result<T, E> {
        let _turn = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut next = Snapshot::clone(&self.snapshot());
        let outcome = change(&mut next)?;
        self.persist(&next)?;
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(next);
        Ok(outcome)
    }

    fn persist(&self, snapshot: &Snapshot) -> Result<(), OpenError> {
        let Some(path) = &self.file else {
            return Ok(());
        };
        let content =
            serde_json::to_vec_pretty(&snapshot.to_record()).map_err(|error| OpenError::File {
                path: path.clone(),
                source: error.into(),
            })?;
        files::replace(path, &content)
    }
}

impl Snapshot {
    fn make(tenants: usize) -> Result<Self, OpenError> {
        let tenants = (0..tenants)
            .map(Tenant::make)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Self::default().with_tenants(tenants))
    }

    fn with_tenants(mut self, tenants: Vec<Tenant>) -> Self {
        let mut positions = HashMap::new();
        for (position, tenant) in tenants.iter().enumerate() {
            positions.insert(tenant.tenant_id.to_string(), position);
            positions.insert(tenant.domain.to_ascii_lowercase(), position);
        }
        self.tenants = Arc::new(tenants.into_iter().map(Arc::new).collect());
        self.positions = Arc::new(positions);
        self
    }

    fn from_record(record: Record) -> Result<Self, RegisterError> {
        let mut snapshot = Self::default().with_tenants(record.tenants);
        for registration in record.registrations {
            let application = Application::parse(registration)?;
            snapshot
                .applications
                .insert(application.client_id(), Arc::new(application));
        }
        for principal in record.service_principals {
            snapshot.put_principal(principal);
        }
        Ok(snapshot)
    }

    fn to_record(&self) -> Record {
        let mut registrations: Vec<_> = self
            .applications
            .values()
            .map(|application| application.registration.clone())
            .collect();
        registrations.sort_by_key(|registration| registration.client_id);
        let mut service_principals: Vec<_> = self
            .principals
            .values()
            .map(|principal| ServicePrincipal::clone(principal))
            .collect();
        service_principals.sort_by_key(|principal| (principal.client_id, principal.tenant_id));
        Record {
            format: FORMAT,
            tenants: self
                .tenants
                .iter()
                .map(|tenant| Tenant::clone(tenant))
                .collect(),
            registrations,
            service_principals,
        }
    }

    /// Every tenant, in the order in which they were made.
    pub(crate) fn tenants(&self) -> &[Arc<Tenant>] {
        &self.tenants
    }

    /// The tenant with this GUID or verified domain.
    pub(crate) fn tenant(&self, name: &str) -> Option<&Arc<Tenant>> {
        let name = Uuid::try_parse(name).map_or_else(
            |_| name.to_ascii_lowercase(),
            |tenant_id| tenant_id.to_string(),
        );
        self.positions
            .get(&name)
            .and_then(|position| self.tenants.get(*position))
    }

    pub(crate) fn application(&self, client_id: Uuid) -> Option<&Arc<Application>> {
        self.applications.get(&client_id)
    }

    pub(crate) fn principal(
        &self,
        tenant_id: Uuid,
        client_id: Uuid,
    ) -> Option<&Arc<ServicePrincipal>> {
        self.principals.get(&(tenant_id, client_id))
    }

    /// Changes the application's presence in the tenant, made where it is missing.
    pub(crate) fn change_principal(
        &mut self,
        tenant_id: Uuid,
        client_id: Uuid,
        change: impl FnOnce(&mut ServicePrincipal),
    ) -> Result<(), RandomnessFailed> {
        let mut principal = match self.principal(tenant_id, client_id) {
            Some(principal) => ServicePrincipal::clone(principal),
            None => ServicePrincipal::new(tenant_id, client_id, random_uuid()?),
        };
        change(&mut principal);
        self.put_principal(principal);
        Ok(())
    }

    fn put_principal(&mut self, principal: ServicePrincipal) {
        let key = (principal.tenant_id, principal.client_id);
        self.principals.insert(key, Arc::new(principal));
    }

    /// Takes a registration, in place of one with the same client ID. The home
    /// tenant has a service principal from the start, as after the portal's
    /// "New registration".
    pub(crate) fn register(&mut self, registration: Registration) -> Result<(), RegisterError> {
        let application = Application::parse(registration)?;
        let client_id = application.client_id();
        if let Some(home) = application.registration.home_tenant {
            if self.tenant(&home.to_string()).is_none() {
                return Err(RegisterError::UnknownHomeTenant(home));
            }
            self.change_principal(home, client_id, |_| {})?;
        }
        self.applications.insert(client_id, Arc::new(application));
        Ok(())
    }
}

fn load(path: &Path, content: &[u8]) -> Result<Snapshot, OpenError> {
    let damaged = |reason: String| OpenError::Damaged {
        path: path.to_owned(),
        reason,
    };
    let record: Record =
        serde_json::from_slice(content).map_err(|error| damaged(error.to_string()))?;
    if record.format != FORMAT {
        return Err(damaged(format!("format {} is not {FORMAT}", record.format)));
    }
    Snapshot::from_record(record).map_err(|error| damaged(error.to_string()))
}
