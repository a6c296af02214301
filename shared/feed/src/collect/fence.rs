//! What keeps a session apart from others that work for its tenant at the same time, where there
//! is a queue (decision 0065): the claim on what is new, and the hours that are out.
//!
//! Two sessions that list the same contents would make different batches of them, and store them
//! twice. So one stores for a tenant at a time: before its first batch it writes its claim into
//! the tenant's row, and reads the batches after that. The workers of windows have their hours to
//! themselves.

use std::sync::{Mutex, PoisonError};

use auth::Timestamp;
use auth::version::Version;

use super::Halt;
use crate::handed::Handed;
use crate::ledger::TenantFeed;
use crate::window::Window;

/// How a session is fenced.
pub(super) struct Fence {
    /// As it was read; `None` where nothing has to be claimed: no other session is there, or the
    /// session has hours of its own.
    pub(super) feed: Option<TenantFeed>,
    /// The version that the claim made.
    claimed: Mutex<Option<Version>>,
    /// Windows that workers do.
    pub(super) out: Vec<Handed>,
    /// A worker's own window: it has nothing to do with other hours.
    pub(super) own: Option<Window>,
    /// Workers did windows when the session began.
    pub(super) is_shared: bool,
}

impl Fence {
    /// Of a session that has the tenant, or its hours, for itself.
    pub(super) fn none(out: Vec<Handed>) -> Self {
        Self {
            feed: None,
            claimed: Mutex::default(),
            out,
            own: None,
            is_shared: false,
        }
    }

    /// Of the worker of a window.
    pub(super) fn within(own: Window) -> Self {
        Self {
            own: Some(own),
            ..Self::none(Vec::new())
        }
    }

    /// Of one that may meet others. A row that is not there yet has one session at the most.
    pub(super) fn of(feed: &TenantFeed) -> Self {
        Self {
            feed: feed.version.is_some().then(|| feed.clone()),
            ..Self::none(feed.handed.clone())
        }
    }

    /// Of a session that workers come beside: these windows were out when it began.
    pub(super) fn beside(self, handed: &[Handed]) -> Self {
        Self {
            is_shared: !handed.is_empty(),
            ..self
        }
    }

    /// The version that the tenant's row has by the claim, if there was one. It outlives the
    /// session, which may be dropped in the middle.
    pub(super) fn claimed(&self) -> Option<Version> {
        let claimed = self.claimed.lock();
        claimed.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn keep(&self, version: Version) {
        let mut claimed = self.claimed.lock().unwrap_or_else(PoisonError::into_inner);
        *claimed = Some(version);
    }
}

/// Whether a session may begin: not while another one stores.
pub(super) fn may_begin(feed: &TenantFeed, now: Timestamp) -> Result<(), Halt> {
    if feed.is_busy(now) {
        return Err(Halt::Raced);
    }
    Ok(())
}
