//! The record of the last run in memory, with a writer who can come first.

use std::sync::Mutex;

use async_trait::async_trait;
use auth::fleet::{FleetChange, Transition};
use auth::last_run::LastRun;
use auth::ports::{Runs, StoreError, Write};
use auth::version::Version;

/// One record, and the transitions that were written with it.
#[derive(Default)]
pub struct FakeRuns {
    last: Mutex<Option<LastRun>>,
    changes: Mutex<Vec<Transition>>,
    rival: Mutex<Option<LastRun>>,
    written: Mutex<u64>,
}

impl FakeRuns {
    pub fn last(&self) -> Option<LastRun> {
        self.last.lock().unwrap().clone()
    }

    pub fn changes(&self) -> Vec<Transition> {
        self.changes.lock().unwrap().clone()
    }

    /// How often it was written.
    pub fn written(&self) -> u64 {
        *self.written.lock().unwrap()
    }

    /// Another run writes this just before the next write.
    pub fn another_is_first(&self, run: LastRun) {
        *self.rival.lock().unwrap() = Some(run);
    }

    fn put(&self, run: &LastRun) {
        let mut written = self.written.lock().unwrap();
        *written += 1;
        let version = Some(Version(written.to_string()));
        let run = run.clone();
        *self.last.lock().unwrap() = Some(LastRun { version, ..run });
    }
}

#[async_trait]
impl Runs for FakeRuns {
    async fn last_run(&self) -> Result<Option<LastRun>, StoreError> {
        Ok(self.last())
    }

    async fn put_last_run(
        &self,
        run: &LastRun,
        change: Option<&FleetChange>,
    ) -> Result<Write, StoreError> {
        let rival = self.rival.lock().unwrap().take();
        if let Some(rival) = rival {
            self.put(&rival);
        }
        if self.last().and_then(|last| last.version) != run.version {
            return Ok(Write::Stale);
        }
        self.put(run);
        let made = change.map(|change| change.transitions.clone());
        self.changes
            .lock()
            .unwrap()
            .extend(made.into_iter().flatten());
        Ok(Write::Done)
    }
}
