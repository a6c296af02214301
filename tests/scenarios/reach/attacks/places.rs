//! The rows that attacks are about, and the roles by which they are tried.

use crate::request::{Place, Request};

/// A role, what is tried with its permissions, and how.
pub(crate) type Attack = (&'static str, &'static str, Request);

pub(super) const TENANT: Place = ("Table", "T#1");
pub(super) const INVITE: Place = ("Table", "INVITE#1");
pub(super) const ONCE: Place = ("Table", "ONCE#1");
pub(super) const MISS_LEASE: Place = ("Table", "LEASE#vend#1");
pub(super) const SHARD_LEASE: Place = ("Table", "LEASE#refresh#1");
pub(super) const LAST_RUN: Place = ("Table", "RUN#refresh");
pub(super) const RECEIPT: Place = ("Table", "SIGNIN#1");
pub(super) const POLICY: Place = ("ControlTable", "POLICY");
pub(super) const CALLERS: Place = ("ControlTable", "CALLERS");
pub(super) const ISSUERS: Place = ("ControlTable", "ISSUERS");

pub(super) const BATCH: Place = ("Table", "F#1");
pub(super) const FEED_LEASE: Place = ("Table", "LEASE#feed#1");

pub(super) const COLLECTOR: &str = "CollectorRole";
pub(super) const CONSENT: &str = "ConsentRole";
pub(super) const VENDING: &str = "VendingRole";
pub(super) const REFRESHER: &str = "RefresherRole";
pub(super) const ON_DEMAND: &str = "RefresherOnDemandRole";
pub(super) const SCHEDULE: &str = "RefresherScheduleRole";
