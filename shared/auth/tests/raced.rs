//! A table of one tenant in which somebody else writes first.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auth::cause::{Cause, CauseCode};
use auth::ports::{Connecting, Listing, ListingPage, StoreError, Tenants, Write};
use auth::version::Version;
use auth::{Cloud, Resource, Tenant, TenantId, TenantStatus, Timestamp};

use TenantStatus as S;

pub(crate) fn tenant(status: TenantStatus, version: u32) -> Tenant {
    Tenant {
        status,
        cause: Some(Cause::new(CauseCode::NotConsented)),
        cause_resource: Some(Cloud::Public.management_resource()),
        version: Some(Version(version.to_string())),
        ..Tenant::connected(crate::fakes::tenant(), Timestamp::from_unix(0))
    }
}

/// Somebody else writes before each of the first `races` writes; before the last of them,
/// what `leaves` is.
pub(crate) struct Raced {
    races: u32,
    leaves: Option<Tenant>,
    writes: Mutex<Vec<Written>>,
}

#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) how: &'static str,
    pub(crate) read: String,
    pub(crate) after: Tenant,
    pub(crate) records: usize,
}

impl Raced {
    pub(crate) fn new(races: u32, leaves: Option<Tenant>) -> Arc<Self> {
        Arc::new(Self {
            races,
            leaves,
            writes: Mutex::default(),
        })
    }

    pub(crate) fn written(&self) -> Vec<Written> {
        self.writes.lock().unwrap().clone()
    }

    pub(crate) fn count(&self) -> u32 {
        u32::try_from(self.written().len()).unwrap()
    }

    fn write(&self, how: &'static str, before: &Tenant, after: &Tenant, records: usize) -> Write {
        let (read, after) = (before.version.clone().unwrap().0, after.clone());
        self.writes.lock().unwrap().push(Written {
            how,
            read,
            after,
            records,
        });
        match self.count() <= self.races {
            true => Write::Stale,
            false => Write::Done,
        }
    }
}

#[async_trait]
impl Tenants for Raced {
    async fn find(&self, _: TenantId) -> Result<Option<Tenant>, StoreError> {
        let version = self.count();
        match version == self.races {
            true => Ok(self.leaves.clone().map(|left| Tenant {
                version: Some(Version(version.to_string())),
                ..left
            })),
            false => Ok(Some(tenant(S::Suspended, version))),
        }
    }

    async fn next_attempt_at(
        &self,
        _: TenantId,
        _: &Resource,
    ) -> Result<Option<Timestamp>, StoreError> {
        unreachable!("a change asks for no token")
    }

    async fn connect(&self, connecting: Connecting<'_>) -> Result<Write, StoreError> {
        assert!(connecting.invite.is_none());
        let (before, resources) = (connecting.before.unwrap(), connecting.resources);
        Ok(self.write("connect", before, connecting.after, resources.len()))
    }

    async fn change(&self, before: &Tenant, after: &Tenant) -> Result<Write, StoreError> {
        Ok(self.write("change", before, after, 0))
    }

    async fn remove(&self, before: &Tenant, after: &Tenant) -> Result<Write, StoreError> {
        Ok(self.write("remove", before, after, 0))
    }

    async fn list(&self, _: &Listing) -> Result<ListingPage, StoreError> {
        unreachable!("a change lists nobody")
    }
}
