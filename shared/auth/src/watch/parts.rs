//! What watching is built from.

use std::sync::Arc;

use crate::ports::{Clock, Meter, SigningCertificate, Tenants};
use crate::schedule::RefreshSchedule;

/// What watching is built from.
pub struct WatchParts {
    /// The tenants, to be counted.
    pub tenants: Arc<dyn Tenants>,
    /// When tokens are due.
    pub schedule: RefreshSchedule,
    /// What signs.
    pub certificate: Arc<dyn SigningCertificate>,
    /// Where the figures go.
    pub meter: Arc<dyn Meter>,
    /// How much life and how many days are left.
    pub clock: Arc<dyn Clock>,
}
