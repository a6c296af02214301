//! Whether the run of a data directory lives: something listens at its table's port, and the
//! directory is held. Who listens there is for the caller to find out.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use tokio::net::TcpStream;

/// A port on this machine answers at once, or nothing listens.
const ANSWERS_WITHIN: Duration = Duration::from_secs(1);

/// Whether something listens at `address`.
pub(super) async fn listens(address: Option<&str>) -> bool {
    let Some(address) = address else {
        return false;
    };
    let connecting = TcpStream::connect(address);
    let connected = tokio::time::timeout(ANSWERS_WITHIN, connecting).await;
    matches!(connected, Ok(Ok(_)))
}

/// Whether a run works on the directory: it holds the lock for as long as it lives, however
/// it ends. Asked of the system, because the port in a file that was left behind may be
/// another program's by now.
///
/// Asked only when something answers at that port: a run that starts at this very moment
/// would find its lock taken.
pub(super) fn is_in_use(directory: &Path) -> bool {
    let held = |lock: File| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock));
    File::open(directory.join("lock")).is_ok_and(held)
}
