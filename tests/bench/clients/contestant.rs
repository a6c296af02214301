//! One client in its process: it is given the settings in a line, and asked for a token of each
//! tenant by a further one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use auth::ports::Clock as _;
use aws::SystemClock;
use serde_json::{Value, json};
use tests::judge::{Judge, installed};
use tokio::process::Command;

use crate::child::{beside, role};
use crate::cpu::{memory_of, time_of};
use crate::report::micros_each;
use crate::world::World;

/// A client that is measured.
pub(super) struct Contestant {
    /// As the table names it, with its version.
    pub(super) name: String,
    process: Judge,
    /// What each turn took.
    pub(super) turns: Vec<Turn>,
}

/// A token of each tenant.
pub(super) struct Turn {
    tokens: usize,
    cpu: Duration,
    wall: Duration,
}

impl Turn {
    /// CPU microseconds a token.
    pub(super) fn micros(&self) -> f64 {
        micros_each(self.cpu, self.tokens)
    }

    pub(super) fn tokens_a_second(&self) -> f64 {
        self.tokens as f64 / self.wall.as_secs_f64()
    }
}

impl Contestant {
    /// All of them, ours first.
    pub(super) fn all(world: &World, with_azure_identity: bool) -> Vec<Self> {
        let mut own = role("clients-process");
        own.arg(world.directory.path());
        let mut python = Command::new(installed("JUDGES_PYTHON"));
        python.arg(here("python.py")).env_clear();
        let mut node = Command::new(installed("JUDGES_NODE"));
        node.arg(here("node.mjs"))
            .env_clear()
            .env("NODE_MODULES", installed("JUDGES_NODE_MODULES"))
            .env("NODE_EXTRA_CA_CERTS", world.directory.path().join("ca.pem"));
        let mut commands = vec![own, python, node];
        if with_azure_identity {
            commands.push(Command::new(beside("azure_identity_client")));
        }
        commands.into_iter().map(Self::of).collect()
    }

    fn of(command: Command) -> Self {
        Self {
            name: String::new(),
            process: Judge::run(command),
            turns: Vec::new(),
        }
    }

    pub(super) async fn begin(&mut self, settings: &Value) {
        self.process.tell(settings).await;
        let said = self.process.hear().await;
        said["name"].as_str().unwrap().clone_into(&mut self.name);
    }

    /// A token of each tenant; what prepares them is not counted.
    pub(super) async fn turn(&mut self, tenants: usize) {
        self.process.tell(&json!("prepare")).await;
        self.process.hear().await;
        let (begun, before) = (SystemClock.since_start(), time_of(self.process.id()));
        self.process.tell(&json!("tokens")).await;
        let said = self.process.hear().await;
        let wall = SystemClock.since_start() - begun;
        let cpu = time_of(self.process.id()) - before;
        assert_eq!(said["tokens"], json!(tenants), "{}: {said}", self.name);
        self.turns.push(Turn {
            tokens: tenants,
            cpu,
            wall,
        });
    }

    /// The most memory there was.
    pub(super) fn memory_mib(&self) -> f64 {
        memory_of(self.process.id(), "VmHWM") as f64 / 1024.0
    }
}

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("bench/clients")
        .join(name)
}
