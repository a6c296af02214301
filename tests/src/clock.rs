//! Clocks that a test moves, and a run in this process that lives by one.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auth::Timestamp;
use auth::ports::{Clock, HeldClock, Pause};
use aws::{SystemClock, SystemPause};
use local::{Machine, Options, Parts};
use tempfile::TempDir;

use crate::{Broker, Browser, Flow, Page, connect, in_process};

/// Where the clock stands at first.
pub const START: i64 = 1_800_000_000;

/// Runs beside the system's clock: for what is checked or made by programs that read that
/// one.
pub struct OffsetClock(HeldClock);

impl OffsetClock {
    /// So many seconds ahead of the system's, or behind it.
    pub fn by(seconds: i64) -> Self {
        Self(HeldClock::at(seconds))
    }

    /// Moves it ahead.
    pub fn advance(&self, seconds: i64) {
        self.0.advance(seconds);
    }
}

impl Clock for OffsetClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(SystemClock.now().unix() + self.0.now().unix())
    }

    fn since_start(&self) -> Duration {
        SystemClock.since_start() + self.0.since_start()
    }
}

/// The wait before another attempt, as the functions' clients have it, passes at once: days of an
/// outage would be hours of it. So does a limit of time that is as short, which a scenario must be
/// able to do without; longer ones are waited for.
pub struct Skipping;

/// PAUSE_MAX of the collector's client.
const SKIPPED: Duration = Duration::from_secs(5);

#[async_trait]
impl Pause for Skipping {
    async fn pause(&self, duration: Duration) {
        match duration <= SKIPPED {
            true => tokio::task::yield_now().await,
            false => SystemPause.pause(duration).await,
        }
    }
}

/// A slice of the collector's quota passes by moving the clock, of which the simulator counts its
/// own by. Longer and shorter waits are real: they may be limits of time.
pub struct QuotaPasses(pub Arc<OffsetClock>);

/// The slice (`SHARED` and `WOKEN` of `feed::collect::quota`).
const SLICE: Duration = Duration::from_secs(6);

#[async_trait]
impl Pause for QuotaPasses {
    async fn pause(&self, duration: Duration) {
        match SKIPPED < duration && duration <= SLICE {
            true => self.0.advance(SLICE.as_secs() as i64),
            false => SystemPause.pause(duration).await,
        }
    }
}

/// What a run is started with.
pub struct Setup<'a> {
    /// Its data directory; one that was used before goes on.
    pub data_dir: &'a Path,
    /// How many tenants the simulator makes in a new one.
    pub tenants: usize,
    /// The clock of functions and simulator.
    pub clock: Arc<HeldClock>,
    /// The period that the functions take the schedule to have. The run's own schedule
    /// never comes: a test calls `machine.refresh()`.
    pub refresh_every: Duration,
    /// How the functions wait.
    pub pause: Arc<dyn Pause>,
}

/// An empty directory, in memory where there is a place for it: days of writes wait for no disk.
pub fn directory() -> TempDir {
    let in_memory = tempfile::tempdir_in("/dev/shm");
    in_memory.or_else(|_| tempfile::tempdir()).unwrap()
}

/// A run in this process, with its clock.
pub struct MovedRun {
    /// The clock of functions and simulator.
    pub clock: Arc<HeldClock>,
    /// The run.
    pub machine: Machine,
    /// Its callers' side.
    pub broker: Broker,
}

impl MovedRun {
    /// Starts a run whose schedule never comes by itself: a test calls
    /// `machine.refresh()`.
    pub async fn start(data_dir: &Path, tenants: usize) -> Self {
        Self::start_at(data_dir, tenants, START, |_| None).await
    }

    /// The same at another time and with variables of the functions.
    pub async fn start_at(
        data_dir: &Path,
        tenants: usize,
        now: i64,
        environment: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let setup = Setup {
            data_dir,
            tenants,
            clock: Arc::new(HeldClock::at(now)),
            refresh_every: Duration::from_secs(3600),
            pause: Arc::new(SystemPause),
        };
        Self::start_by(setup, environment).await
    }

    /// The same with everything said.
    pub async fn start_by(
        setup: Setup<'_>,
        environment: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        let options = Options {
            simulated_tenants: setup.tenants,
            refresh_every: setup.refresh_every,
            ..in_process::options(setup.data_dir)
        };
        let parts = Parts {
            environment: Box::new(environment),
            pause: setup.pause,
            ..Parts::new(setup.clock.clone())
        };
        let machine = Machine::start(&options, parts).await.unwrap();
        let broker = Broker::of(&in_process::ready(&machine));
        Self {
            clock: setup.clock,
            machine,
            broker,
        }
    }

    /// The ID of a simulated tenant.
    pub fn tenant(&self, index: usize) -> String {
        self.broker.ready.simulated_tenants[index].tenant_id.clone()
    }

    /// Its admin connects it; gives the result page.
    pub async fn connect(&self, browser: &mut Browser, index: usize) -> Page {
        let admin = &self.broker.ready.simulated_tenants[index].admin;
        connect(browser, &self.broker.ready.consent_url, admin, Flow::V2).await
    }

    /// App-only requests that reached the authority so far.
    pub async fn app_only_requests(&self) -> u64 {
        self.broker.stats().await["app_only_requests"]
            .as_u64()
            .unwrap()
    }

    /// What `/tenants/{id}` says.
    pub async fn status(&self, index: usize) -> (String, String) {
        let shown = self
            .broker
            .get(&format!("/tenants/{}", self.tenant(index)))
            .await;
        let text = |name: &str| shown.body[name].as_str().unwrap_or_default().to_owned();
        (text("status"), text("cause"))
    }
}
