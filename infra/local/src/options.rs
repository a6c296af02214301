//! What a one-machine run is started with.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use auth::ports::{Clock, Pause, Random};
use aws::{SystemPause, SystemRandom};

/// The options of a run. [`Options::default`] is what `cargo run` alone means.
#[derive(Debug, Clone)]
pub struct Options {
    /// Consent and vending; 0 takes a free port.
    pub port: u16,
    /// The simulated Entra ID; 0 takes a free port.
    pub entra_port: u16,
    /// The function URL; 0 takes a free port.
    pub function_url_port: u16,
    /// Everything that must survive a restart.
    pub data_dir: PathBuf,
    /// No simulator: the real authority.
    pub real_entra: Option<RealEntra>,
    /// Everything over TLS, with a CA of the data directory's own.
    pub tls: bool,
    /// Life of the simulator's tokens, in seconds.
    pub token_life: u64,
    /// How many tenants the simulator makes at its first start.
    pub simulated_tenants: usize,
    /// How often the scheduled refresher runs.
    pub refresh_every: Duration,
    /// Whether audit logs are collected.
    pub collect: bool,
    /// How often the collector looks for tenants that are due.
    pub collect_every: Duration,
    /// Whether anything runs by itself at all; a test that moves the clock runs it when it wants.
    pub scheduled: bool,
}

/// The person's own application, for the real authority.
#[derive(Debug, Clone)]
pub struct RealEntra {
    /// `ENTRA_CLIENT_ID`.
    pub client_id: String,
    /// `ENTRA_CERTIFICATE_FILE`: PEM with the certificate and its key.
    pub certificate_file: PathBuf,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            port: 8080,
            entra_port: 8081,
            function_url_port: 0,
            data_dir: PathBuf::from(".local"),
            real_entra: None,
            tls: false,
            token_life: 3599,
            simulated_tenants: 3,
            refresh_every: Duration::from_secs(60),
            collect: true,
            collect_every: Duration::from_secs(10),
            scheduled: true,
        }
    }
}

/// A way to look a variable up by its name.
pub type Lookup = Box<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What a run takes from outside, so that a test can hold it.
pub struct Parts {
    /// The one clock of functions and simulator.
    pub clock: Arc<dyn Clock>,
    /// Keys, ids and states are made of it.
    pub random: Arc<dyn Random>,
    /// How the functions wait for a moment.
    pub pause: Arc<dyn Pause>,
    /// Settings of the functions that the run does not set itself, by the names of
    /// their variables.
    pub environment: Lookup,
}

impl Parts {
    /// Chance and waiting of the system, and no settings.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            random: Arc::new(SystemRandom),
            pause: Arc::new(SystemPause),
            environment: Box::new(|_| None),
        }
    }
}
