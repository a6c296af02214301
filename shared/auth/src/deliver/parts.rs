//! What delivery is built from.

use std::sync::Arc;

use crate::ports::{Clock, EventSink, Leases, Meter, Outbox, Pause};

/// What it is built from.
pub struct DeliveryParts {
    /// Where events wait.
    pub outbox: Arc<dyn Outbox>,
    /// The destinations; never empty, or nothing would leave the outbox.
    pub sinks: Vec<Arc<dyn EventSink>>,
    /// One deliverer at a time works on a shard.
    pub leases: Arc<dyn Leases>,
    /// Whose turn has come.
    pub clock: Arc<dyn Clock>,
    /// Ends what takes too long.
    pub pause: Arc<dyn Pause>,
    /// Where it is reported how long events wait; `None` where no one watches.
    pub meter: Option<Arc<dyn Meter>>,
}
