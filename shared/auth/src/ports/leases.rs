//! Leases: who works on something that is to be done once, across processes.

use std::time::Duration;

use async_trait::async_trait;

use super::store::StoreError;
use crate::timestamp::Timestamp;

/// No lease is longer. The longest is a run's, which has the 15 minutes of Lambda at most; the rest
/// is room for clocks that differ.
///
/// One that ends later than this was taken by a process whose clock was ahead, and is free: if that
/// process died, nothing else would end it before the clock that it had.
pub const LONGEST_LEASE: Duration = Duration::from_secs(20 * 60);

/// A lease that was taken. It ends by itself; giving it back only lets the next one
/// begin sooner.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a lease that is not given back keeps others waiting until it ends"]
pub struct Lease {
    /// What it is for.
    pub name: String,
    /// Text that nobody else has: a lease that was lost is not given back for another.
    pub holder: String,
}

/// How far the holders of a lease have come with what it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looked {
    /// All turns up to this moment were looked at.
    pub until: Timestamp,
    /// Seconds of the cycle that these turns are of ([`Turns::cycle`](crate::turns::Turns::cycle)).
    pub cycle: u64,
    /// What the holders noted of the turns of the last cycle, in the order of time. Empty where
    /// they note nothing, as the refresher does.
    pub noted: Vec<Noted>,
}

/// A time that a holder noted of the turns which it looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Noted {
    /// It is about the turns up to this moment, from the one before it in the list on.
    pub until: Timestamp,
    /// What it noted; what it means is its own business.
    pub time: Timestamp,
}

/// Short leases. They save work and decide nothing: what is written is fenced by the
/// version that was read, so that two holders (a clock that jumps) do no harm.
///
/// Failure policy: a table that does not answer gives no lease.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Takes the lease called `name` until `until`, or for [`LONGEST_LEASE`] if that is sooner;
    /// `None` while somebody else holds it, which is judged by `now`: until its end, where that is
    /// no farther ahead than a lease can be.
    async fn take(
        &self,
        name: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError>;

    /// Gives a lease back. One that has ended meanwhile, and perhaps is somebody
    /// else's now, is left alone.
    async fn release(&self, lease: Lease) -> Result<(), StoreError>;

    /// The same, and leaves behind how far its holder has come. Taking the lease again keeps
    /// that.
    async fn release_at(&self, lease: Lease, looked: Looked) -> Result<(), StoreError>;

    /// How far the holders have come; `None` where that is not known. Eventually consistent:
    /// what it says may be behind, never ahead.
    async fn looked(&self, name: &str) -> Result<Option<Looked>, StoreError>;
}
