//! A value that is read, with a clock that is moved by hand.

mod sequences;
mod waiting;

use std::sync::Mutex as StdMutex;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::Semaphore;

use super::*;
use crate::ports::HeldClock;

const FRESH_FOR: Duration = Duration::from_secs(60);
const BELIEVED_FOR: Duration = Duration::from_secs(300);
const PAUSE: u64 = 20;
const PAUSE_AFTER_FAILURE: u64 = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Broken;

type Found = Result<u32, Broken>;

/// What is read, and a source that counts its reads and can be slow.
struct Stage {
    clock: Arc<HeldClock>,
    refreshed: Refreshed<u32, Broken>,
    source: StdMutex<Found>,
    reads: AtomicU32,
    /// A read takes one.
    lets_through: Semaphore,
}

impl Stage {
    fn set(believed_for: Option<Duration>) -> Self {
        let clock = Arc::new(HeldClock::default());
        let mut refreshed = Refreshed::new(clock.clone(), FRESH_FOR);
        if let Some(believed_for) = believed_for {
            refreshed.set_believed_for(believed_for);
        }
        Self {
            clock,
            refreshed,
            source: StdMutex::new(Ok(1)),
            reads: AtomicU32::new(0),
            lets_through: Semaphore::new(1_000),
        }
    }

    fn finds(&self, found: Found) {
        *self.source.lock().unwrap() = found;
    }

    async fn read(&self) -> Found {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.lets_through.acquire().await.unwrap().forget();
        *self.source.lock().unwrap()
    }

    async fn current(&self) -> Option<u32> {
        self.refreshed.current(pause, |_| self.read()).await
    }

    /// Asks for something that is not there.
    async fn insists(&self) -> Option<Result<(), Broken>> {
        let read = |_| self.read();
        self.refreshed.read_unless(|| false, pause, read).await
    }

    fn reads(&self) -> u32 {
        self.reads.load(Ordering::SeqCst)
    }
}

fn pause(last: &Result<(), Broken>) -> Duration {
    Duration::from_secs(if last.is_ok() {
        PAUSE
    } else {
        PAUSE_AFTER_FAILURE
    })
}
