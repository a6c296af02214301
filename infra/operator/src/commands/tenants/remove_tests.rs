//! Removals that race with other writers: what is tried again, on what, and when it
//! is given up.

use std::sync::Mutex;

use async_trait::async_trait;
use auth::ports::{Connecting, Listing, ListingPage, StoreError};
use auth::token::Version;
use auth::{Cause, CauseCode, Cloud};

use super::*;

const NOW: Timestamp = Timestamp::from_unix(1_431_655_194);

struct HeldClock;

impl Clock for HeldClock {
    fn now(&self) -> Timestamp {
        NOW
    }
}

fn tenant(status: TenantStatus, version: u32) -> Tenant {
    let id: TenantId = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
    Tenant {
        id,
        customer: Customer::itself(id),
        cloud: Cloud::Public,
        status,
        cause: Some(Cause::new(CauseCode::NotConsented)),
        cause_resource: Some(Cloud::Public.management_resource()),
        since: Timestamp::from_unix(0),
        consented_at: Timestamp::from_unix(0),
        roles: vec![],
        version: Version(version.to_string()),
    }
}

/// Somebody else writes before each of the first `races` removals; before the last of
/// them, what is in `leaves`.
struct Raced {
    races: u32,
    leaves: TenantStatus,
    removals: Mutex<Vec<(String, Tenant)>>,
}

#[async_trait]
impl Tenants for Raced {
    async fn find(&self, _: TenantId) -> Result<Option<Tenant>, StoreError> {
        let version = u32::try_from(self.removals.lock().unwrap().len()).unwrap();
        let status = match version == self.races {
            true => self.leaves,
            false => TenantStatus::Active,
        };
        Ok(Some(tenant(status, version)))
    }

    async fn connect(&self, _: Connecting<'_>) -> Result<Write, StoreError> {
        unreachable!("a removal connects nobody")
    }

    async fn change(&self, _: &Tenant, _: &Tenant) -> Result<Write, StoreError> {
        unreachable!("a removal deletes the tokens")
    }

    async fn remove(&self, before: &Tenant, after: &Tenant) -> Result<Write, StoreError> {
        let mut removals = self.removals.lock().unwrap();
        removals.push((before.version.0.clone(), after.clone()));
        match u32::try_from(removals.len()).unwrap() <= self.races {
            true => Ok(Write::Stale),
            false => Ok(Write::Done),
        }
    }

    async fn list(&self, _: &Listing) -> Result<ListingPage, StoreError> {
        unreachable!("a removal lists nobody")
    }
}

async fn raced(races: u32, leaves: TenantStatus) -> (anyhow::Result<Removal>, Raced) {
    let tenants = Raced {
        races,
        leaves,
        removals: Mutex::default(),
    };
    let outcome = remove(&tenants, &HeldClock, tenant(TenantStatus::Active, 0)).await;
    (outcome, tenants)
}

#[tokio::test]
async fn each_retry_is_on_what_was_read_anew() {
    let (outcome, tenants) = raced(RETRIES, TenantStatus::Revoked).await;
    let removal = outcome.unwrap();
    assert!(removal.changed);
    let after = &removal.tenant;
    assert_eq!(after.status, TenantStatus::Removed);
    assert_eq!((&after.cause, &after.cause_resource), (&None, &None));
    assert_eq!(after.since, NOW);
    let removals = tenants.removals.lock().unwrap();
    let versions: Vec<_> = removals.iter().map(|(read, _)| read.as_str()).collect();
    assert_eq!(versions, ["0", "1", "2", "3"]);
}

#[tokio::test]
async fn gives_up_when_it_is_never_first() {
    let (outcome, _) = raced(RETRIES + 1, TenantStatus::Active).await;
    let error = outcome.err().unwrap().to_string();
    assert!(error.contains("try again"), "{error}");
}

#[tokio::test]
async fn a_tenant_that_somebody_else_removed_is_removed() {
    let (outcome, tenants) = raced(1, TenantStatus::Removed).await;
    assert!(!outcome.unwrap().changed);
    assert_eq!(tenants.removals.lock().unwrap().len(), 1);
}
