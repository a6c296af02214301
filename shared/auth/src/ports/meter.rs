//! Figures of the broker's work, for whoever watches it.

use crate::metric::Metric;
use crate::timestamp::Timestamp;

/// Takes figures and passes them on.
///
/// Failure policy: none. A figure that gets lost is no reason to refuse a token, so that
/// nothing here can fail.
pub trait Meter: Send + Sync {
    /// Notes a figure. Cheap: it may be called while somebody waits for a token.
    fn record(&self, metric: Metric, value: u64);

    /// Passes on what was noted. To be called before the answer: afterwards a function is
    /// frozen, perhaps for good.
    fn flush(&self);
}

/// The certificate whose key signs client assertions.
pub trait SigningCertificate: Send + Sync {
    /// When it ends; `None` while there is none.
    fn expires_at(&self) -> Option<Timestamp>;
}
