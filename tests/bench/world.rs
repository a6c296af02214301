//! What surrounds the measured process: the simulator with its tenants, who all have
//! consented, and the table, together in a process of their own.

use std::path::Path;
use std::sync::Arc;

use aws::SystemClock;
use local::{Machine, Options, Parts};
use tempfile::TempDir;
use tests::{ReadyLine, in_process};

use crate::child::{Running, role, say};

/// A running world.
pub(crate) struct World {
    pub(crate) directory: TempDir,
    pub(crate) ready: ReadyLine,
    process: Running,
}

impl World {
    pub(crate) async fn start(tenants: usize) -> Self {
        Self::start_with(tenants, &[]).await
    }

    /// The same over TLS, as most clients want it.
    pub(crate) async fn start_with_tls(tenants: usize) -> Self {
        Self::start_with(tenants, &["--tls"]).await
    }

    async fn start_with(tenants: usize, options: &[&str]) -> Self {
        let directory = tests::clock::directory();
        let mut command = role("world");
        command.arg(directory.path()).arg(tenants.to_string());
        command.args(options);
        let process = Running::start(command).await;
        Self {
            directory,
            ready: serde_json::from_str(&process.line).unwrap(),
            process,
        }
    }

    pub(crate) fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// The IDs of its tenants.
    pub(crate) fn tenants(&self) -> Vec<String> {
        let people = self.ready.simulated_tenants.iter();
        people.map(|person| person.tenant_id.clone()).collect()
    }
}

/// Plays it until somebody ends the process.
pub(crate) async fn play(data_dir: &Path, tenants: usize, tls: bool) {
    let options = Options {
        tls,
        simulated_tenants: tenants,
        ..in_process::options(data_dir)
    };
    let parts = Parts::new(Arc::new(SystemClock));
    let machine = Machine::start(&options, parts).await.unwrap();
    let people = machine.ready.simulated_tenants.iter();
    let ids: Vec<_> = people.map(|one| one.tenant_id.parse().unwrap()).collect();
    machine.consent_at_simulator(&ids).unwrap();
    say(&serde_json::to_string(&machine.ready).unwrap()).await;
    std::future::pending::<()>().await;
}
