//! Ending a run in order: first nobody asks and nothing is begun any more, then what
//! the others stand on ends. A refresh that runs still finds its table.

use tokio::sync::watch;

/// How far the end has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// Everything runs.
    Running,
    /// The front and the schedule end.
    NoNewWork,
    /// The table and the simulator end.
    Everything,
}

/// What the parts of a run watch.
pub(super) type Stopping = watch::Receiver<Stage>;

/// Ends when the run has come to `stage`, or when whoever could end it is gone.
pub(super) async fn stopped(mut stopping: Stopping, stage: Stage) {
    let _ = stopping.wait_for(|reached| *reached >= stage).await;
}
