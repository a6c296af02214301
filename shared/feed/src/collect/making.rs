//! What is being made of a batch: the object of its records, that of what is dead, their counts.

use std::collections::BTreeSet;

use auth::Timestamp;

use super::writing::Writing;
use crate::ledger::{BatchRow, StoredBatch};
use crate::object_key::Place;
use crate::records::RecordId;

/// What is being made of a batch.
pub(super) struct Making {
    pub(super) records: Writing,
    pub(super) dead: Writing,
    pub(super) batch: StoredBatch,
    pub(super) ids: BTreeSet<RecordId>,
    /// The listing's `Date`.
    pub(super) listed_at: Timestamp,
}

/// Digits that set the objects of a batch apart from what is under their keys already.
#[derive(Default)]
pub(super) struct Apart {
    pub(super) records: Option<String>,
    pub(super) dead: Option<String>,
}

/// What a batch becomes, before anything of it was fetched.
pub(super) fn making(row: &BatchRow, apart: &Apart, listed_at: Timestamp) -> Making {
    let place = Place {
        apart: apart.records.as_deref(),
        ..place(row)
    };
    let beside = Place {
        apart: apart.dead.as_deref(),
        ..place
    };
    Making {
        records: Writing::to(place.records(row.format), row.format),
        dead: Writing::to(beside.dead(row.format), row.format),
        batch: StoredBatch::default(),
        ids: BTreeSet::new(),
        listed_at,
    }
}

/// Where it is stored.
pub(super) fn place(row: &BatchRow) -> Place<'_> {
    Place {
        tenant: row.tenant,
        content_type: row.content_type,
        hour: row.hour.start(),
        name: &row.name,
        apart: None,
    }
}

impl Making {
    /// Throws it away.
    pub(super) async fn abort(self) {
        self.records.abort().await;
        self.dead.abort().await;
    }
}
