//! Ending a run in order: first nothing new is taken or begun, then what the others stand
//! on ends. A refresh that runs still finds its table.

use tokio::sync::watch;

/// How far the end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ending {
    /// Everything runs.
    NotBegun,
    /// The gateways and the schedule end.
    NoNewWork,
    /// The table and the simulator end.
    Everything,
}

/// What the parts of a run watch.
pub(super) type Stopping = watch::Receiver<Ending>;

/// Ends when the run's end has come to `ending`, or when what could end the run is gone.
pub(super) async fn stopped(mut stopping: Stopping, ending: Ending) {
    let _ = stopping.wait_for(|reached| *reached >= ending).await;
}
