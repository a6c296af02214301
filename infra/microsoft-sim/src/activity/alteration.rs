//! What a fault makes of a blob, for good.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::faults::{Fault, FaultKind, Faults, FaultyEndpoint};

/// What a fault has made of a blob: what was offered once stays as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Alteration {
    /// That many megabytes of records.
    HugeBlob(u64),
    /// One more record of that many megabytes.
    HugeRecord(u64),
    /// One more record without an Id.
    WithoutId,
    /// One more record that is not UTF-8.
    InvalidUtf8,
    /// One more record with a raw NUL in a string.
    Nul,
    /// One more record of 10,000 levels.
    Deep,
}

impl Alteration {
    /// Whether a fault waits for a blob of this tenant that is offered since `offered_at`.
    pub(crate) fn waits(faults: &Faults, tenant: Uuid, offered_at: u64) -> bool {
        faults
            .see_any(Some(tenant), |fault| hits(fault, offered_at))
            .is_some()
    }

    /// What such a fault makes of it, counted as a hit. Only of a blob that was offered later
    /// than the fault was set: no client and no reader of the book has seen its bytes.
    pub(crate) fn take(faults: &Faults, tenant: Uuid, offered_at: u64) -> Option<Self> {
        let fault = faults.hit(Some(tenant), |fault| hits(fault, offered_at))?;
        Some(Self::of(&fault))
    }

    fn of(fault: &Fault) -> Self {
        match (fault.kind, fault.value.as_str()) {
            (FaultKind::HugeBlob, _) => Self::HugeBlob(fault.number_or(100)),
            (FaultKind::HugeRecord, _) => Self::HugeRecord(fault.number_or(20)),
            (_, Some("invalid_utf8")) => Self::InvalidUtf8,
            (_, Some("nul")) => Self::Nul,
            (_, Some("deep")) => Self::Deep,
            _ => Self::WithoutId,
        }
    }
}

fn hits(fault: &Fault, offered_at: u64) -> bool {
    let kinds = [
        FaultKind::HugeBlob,
        FaultKind::HugeRecord,
        FaultKind::OddRecord,
    ];
    let here = [FaultyEndpoint::default(), FaultyEndpoint::Blob];
    kinds.contains(&fault.kind) && here.contains(&fault.endpoint) && fault.set_at < offered_at
}
