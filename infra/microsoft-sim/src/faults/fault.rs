//! The faults that are set: which tenants they hit, and how often. A fault with `times` ends
//! by itself after that many hits.

use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::endpoint::FaultyEndpoint;
use super::kind::FaultKind;

/// A fault as it was asked for.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Fault {
    pub(crate) id: Uuid,
    pub(crate) kind: FaultKind,
    /// `None` hits every tenant.
    pub(crate) tenant: Option<Uuid>,
    pub(crate) value: Value,
    /// Hits left; `None` is no end.
    pub(crate) times: Option<u64>,
    /// Which endpoint answers wrongly (for kinds that replace or break an
    /// answer).
    pub(crate) endpoint: FaultyEndpoint,
    /// When it was set, in Unix seconds.
    pub(crate) set_at: u64,
    /// Of 100 requests so many are hit, evenly spread; `None` is all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) share: Option<u8>,
    /// Requests that it could have hit.
    #[serde(skip)]
    pub(crate) met: u64,
}

/// The faults that are set.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Sets a fault.
    pub(crate) fn set(&self, fault: Fault) {
        self.with(|faults| faults.push(fault));
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
    pub(crate) fn see(&self, kind: FaultKind, tenant: Option<Uuid>) -> Option<Fault> {
        self.see_any(tenant, |fault| fault.kind == kind)
    }

    /// The first fault that would hit, not counted.
    pub(crate) fn see_any(
        &self,
        tenant: Option<Uuid>,
        wanted: impl Fn(&Fault) -> bool,
    ) -> Option<Fault> {
        self.with(|faults| {
            let mut all = faults.iter();
            all.find(|fault| fault.hits(tenant) && wanted(fault))
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
                .iter_mut()
                .position(|fault| fault.hits(tenant) && wanted(fault) && fault.is_its_turn())?;
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
    pub(crate) fn hit_by(&self, kind: FaultKind, tenant: Option<Uuid>) -> Option<Fault> {
        self.hit(tenant, |fault| fault.kind == kind)
    }

    /// Seconds by which the authority's clock is ahead when it judges an assertion;
    /// counted as a hit.
    pub(crate) fn clock_skew(&self, tenant: Option<Uuid>) -> i64 {
        self.hit_by(FaultKind::ClockSkew, tenant)
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

    /// Whether the share falls on this request; each counts.
    fn is_its_turn(&mut self) -> bool {
        let share = self.share.map_or(100, u64::from);
        let of = |met: u64| met * share / 100;
        let (before, met) = (of(self.met), self.met + 1);
        self.met = met % 100;
        of(met) > before
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
