//! Faults that a test switches on: which are set, whom they hit, how often.
//!
//! A kind is added in `faults/kind.rs` (its name, its value) and at the place
//! that asks for it; this file only keeps and counts. A fault with `times` ends
//! by itself after that many hits.

mod approval;
pub(crate) mod kind;
mod replace;
mod touch;
pub(crate) mod transport;

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

pub(crate) use self::kind::{Endpoint, Kind};
use crate::platform::{RandomnessFailed, random_uuid};

/// A fault as it was asked for.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Fault {
    pub(crate) id: Uuid,
    pub(crate) kind: Kind,
    /// `None` hits every tenant.
    pub(crate) tenant: Option<Uuid>,
    pub(crate) value: Value,
    /// Hits left; `None` is no end.
    pub(crate) times: Option<u64>,
    /// Which endpoint answers wrongly (for kinds that replace or break an
    /// answer).
    pub(crate) endpoint: Endpoint,
    /// When it was set, in Unix seconds.
    pub(crate) set_at: u64,
}

/// The faults that are set.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Sets a fault and names it.
    pub(crate) fn set(&self, mut fault: Fault) -> Result<Uuid, RandomnessFailed> {
        fault.id = random_uuid()?;
        let id = fault.id;
        self.with(|faults| faults.push(fault));
        Ok(id)
    }

    /// Ends one fault; `false` where there is none of that id.
    pub(crate) fn end(&self, id: Uuid) -> bool {
        self.with(|faults| {
            let before = faults.len();
            faults.retain(|fault| fault.id != id);
            faults.len() < before
        })
    }

    /// Ends them all.
    pub(crate) fn end_all(&self) {
        self.with(Vec::clear);
    }

    /// Ends those of a tenant that its admin undoes by consenting again.
    pub(crate) fn end_by_consent(&self, tenant_id: Uuid) {
        self.with(|faults| {
            faults.retain(|fault| fault.tenant != Some(tenant_id) || !fault.kind.ends_by_consent());
        });
    }

    pub(crate) fn list(&self) -> Vec<Fault> {
        self.with(|faults| faults.clone())
    }

    /// A fault of that kind for that tenant, not counted as a hit.
    pub(crate) fn see(&self, kind: Kind, tenant: Option<Uuid>) -> Option<Fault> {
        self.with(|faults| {
            faults
                .iter()
                .find(|fault| fault.kind == kind && fault.hits(tenant))
                .cloned()
        })
    }

    /// The first fault that hits, counted.
    pub(crate) fn hit(
        &self,
        tenant: Option<Uuid>,
        wanted: impl Fn(&Fault) -> bool,
    ) -> Option<Fault> {
        self.with(|faults| {
            let position = faults
                .iter()
                .position(|fault| fault.hits(tenant) && wanted(fault))?;
            let fault = faults.get_mut(position)?;
            fault.times = fault.times.map(|left| left.saturating_sub(1));
            let hit = fault.clone();
            if hit.times == Some(0) {
                faults.remove(position);
            }
            Some(hit)
        })
    }

    /// The first fault of that kind, counted as a hit.
    pub(crate) fn hit_by(&self, kind: Kind, tenant: Option<Uuid>) -> Option<Fault> {
        self.hit(tenant, |fault| fault.kind == kind)
    }

    /// How far the authority's clock is from ours when it judges an assertion,
    /// in seconds; counted as a hit.
    pub(crate) fn clock_skew(&self, tenant: Option<Uuid>) -> i64 {
        self.hit_by(Kind::ClockSkew, tenant)
            .and_then(|fault| fault.value.as_i64())
            .unwrap_or(0)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Vec<Fault>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Fault {
    fn hits(&self, tenant: Option<Uuid>) -> bool {
        self.tenant.is_none() || self.tenant == tenant
    }

    /// The value as an AADSTS number, if it is one.
    pub(crate) fn code(&self) -> Option<u32> {
        self.value
            .as_u64()
            .and_then(|code| u32::try_from(code).ok())
    }

    /// The value as a number, or what the kind takes without one.
    pub(crate) fn number_or(&self, default: u64) -> u64 {
        self.value.as_u64().unwrap_or(default)
    }
}
