//! The functions as their mains start them, over a run's table and secrets. A test can
//! take the permission to read secrets away, and the function that signs, and give them back.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use auth::Timestamp;
use auth::on_demand::{
    NoFunction, OnDemandAnswer, OnDemandFunction, OnDemandPorts, OnDemandRequest,
};
use auth::ports::{Clock, HeldClock, Meter, OutOfReach, SecretError, SecretSource};
use auth::secret::SecretString;
use aws::SystemClock;
use lambda::function::Function;
use lambda::metrics::MetricLines;
use lambda::starting::Starting;
use refresher::RefresherOnDemand;
use tests::lines::Written;
use tests::neighbour::Neighbour;
use wiring::settings::FunctionSettings;
use wiring::{Basis, Platform};

use super::template::NAMESPACE;

/// What the functions stand on.
pub(super) struct Ground {
    pub(super) neighbour: Neighbour,
    pub(super) secrets: Arc<Secrets>,
    pub(super) signer: Signer,
    clock: Arc<dyn Clock>,
    written: Written,
}

/// The run's secrets, as far as they may be read.
pub(super) struct Secrets {
    of_run: Arc<dyn SecretSource>,
    permitted: AtomicBool,
}

/// Whether the function that signs is there for those who ask it.
#[derive(Clone, Default)]
pub(super) struct Signer {
    gone: Arc<AtomicBool>,
}

/// The way to it of one asker.
struct Way {
    there: Arc<dyn OnDemandFunction>,
    signer: Signer,
}

/// The time of day is held, because alarms count by periods; how long something takes is
/// measured, for the figures.
struct Measuring(Arc<HeldClock>);

impl Clock for Measuring {
    fn now(&self) -> Timestamp {
        self.0.now()
    }

    fn since_start(&self) -> Duration {
        SystemClock.since_start()
    }
}

impl Ground {
    /// Of the run in `directory`; what the functions write goes to `written`.
    pub(super) async fn of(directory: &Path, clock: &Arc<HeldClock>, written: &Written) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(Measuring(clock.clone()));
        let neighbour = Neighbour::of(directory, Arc::clone(&clock)).await;
        let secrets = Secrets {
            of_run: Arc::clone(&neighbour.platform.secrets),
            permitted: AtomicBool::new(true),
        };
        let mut ground = Self {
            neighbour,
            secrets: Arc::new(secrets),
            signer: Signer::default(),
            clock,
            written: written.clone(),
        };
        let on_demand = ground.on_demand().await;
        ground.neighbour.platform.on_demand = ground.signer.before(on_demand);
        ground
    }

    /// The refresher on demand as its `main` starts it, for those who ask it.
    async fn on_demand(&self) -> OnDemandPorts {
        let began = SystemClock.since_start();
        let platform = self.platform(RefresherOnDemand::NAME);
        let basis = Basis {
            platform: platform.clone(),
            ..self.neighbour.basis()
        };
        let started = refresher::in_process(basis).await.unwrap();
        platform.ready(began);
        started
    }

    /// Starts a function as its `main` does.
    pub(super) async fn start<F>(&self) -> Starting<F>
    where
        F: Function<Settings: FunctionSettings>,
    {
        let began = SystemClock.since_start();
        let platform = self.platform(F::NAME);
        let basis = Basis {
            platform: platform.clone(),
            ..self.neighbour.basis()
        };
        let started = Starting::begin(basis).await.unwrap();
        platform.ready(began);
        started
    }

    /// The figures of a function that is not started here, as a new process gives them.
    pub(super) fn figures_of(&self, function: &'static str) -> Arc<dyn Meter> {
        let began = SystemClock.since_start();
        let platform = self.platform(function);
        platform.ready(began);
        platform.meter.expect("a meter of its own")
    }

    /// With a meter of its own, as in a deployment.
    fn platform(&self, function: &'static str) -> Platform {
        let (namespace, clock) = (NAMESPACE.to_owned(), Arc::clone(&self.clock));
        let log = self.written.clone();
        let lines = MetricLines::new(namespace, function, clock, move || log.clone());
        let meter: Arc<dyn Meter> = Arc::new(lines);
        Platform {
            secrets: self.secrets.clone(),
            meter: Some(meter),
            ..self.neighbour.platform.clone()
        }
    }
}

impl Signer {
    /// Whether it can be reached from now on.
    pub(super) fn reach(&self, reached: bool) {
        self.gone.store(!reached, Ordering::SeqCst);
    }

    fn before(&self, ports: OnDemandPorts) -> OnDemandPorts {
        let way = |there| -> Arc<dyn OnDemandFunction> {
            let signer = self.clone();
            Arc::new(Way { there, signer })
        };
        OnDemandPorts {
            consent: way(ports.consent),
            vending: way(ports.vending),
        }
    }
}

#[async_trait]
impl OnDemandFunction for Way {
    async fn ask(&self, request: &OnDemandRequest) -> Result<OnDemandAnswer, OutOfReach> {
        match self.signer.gone.load(Ordering::SeqCst) {
            true => NoFunction.ask(request).await,
            false => self.there.ask(request).await,
        }
    }
}

impl Secrets {
    /// Whether the functions' roles may read them from now on.
    pub(super) fn permit(&self, permitted: bool) {
        self.permitted.store(permitted, Ordering::SeqCst);
    }

    fn check(&self, name: &str) -> Result<(), SecretError> {
        match self.permitted.load(Ordering::SeqCst) {
            true => Ok(()),
            false => Err(SecretError::unusable(name, "we may not read it")),
        }
    }
}

#[async_trait]
impl SecretSource for Secrets {
    async fn read(&self, name: &str) -> Result<SecretString, SecretError> {
        self.check(name)?;
        self.of_run.read(name).await
    }

    async fn read_previous(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        self.check(name)?;
        self.of_run.read_previous(name).await
    }
}
