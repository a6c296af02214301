//! The run itself: starts everything in the order in which the parts need each other,
//! and ends it in the reverse one.

mod announcement;
mod environment;
mod functions;
mod gateways;
mod ground;
mod routes;
mod stopping;
mod trust;

use std::sync::Arc;

use anyhow::Context as _;
use auth::ports::Clock;
use auth::refresh::RefreshReport;
use auth::{Resource, TenantId};
use collector::Collector;
use feed::run::RunReport;
use microsoft::load_signing_key;
use microsoft_sim::Simulator;
use refresher::Refresher;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use wiring::settings::{EntraSettings, read};

use self::environment::Environment;
use self::functions::Functions;
use self::ground::Ground;
use self::stopping::{Ending, Stopping, stopped};
use crate::data::CERTIFICATE;
use crate::options::{Options, Parts};
use crate::queue::LocalQueue;
use crate::ready::Ready;
use crate::schedule::AtTheEnd;
use crate::{policy, schedule, simulator, worker};

/// A running system. Dropping it without [`stop`](Self::stop) leaves its tasks to the
/// runtime's end.
pub struct Machine {
    /// What the ready line says.
    pub ready: Ready,
    /// The reply URL that has to be registered.
    pub redirect_uri: String,
    /// The API that tokens are for.
    pub resource: String,
    refresher: Arc<Refresher>,
    collector: Option<Arc<Collector>>,
    queue: Arc<LocalQueue>,
    simulator: Option<Simulator>,
    client_id: auth::ClientId,
    clock: Arc<dyn Clock>,
    stop: watch::Sender<Ending>,
    /// Gateways and schedules.
    working: Vec<JoinHandle<()>>,
    /// Simulator, STS, table and objects: what the others stand on.
    standing: Vec<JoinHandle<()>>,
    _data: crate::data::DataDirectory,
}

impl Machine {
    /// Starts everything; when it returns, everything answers.
    pub async fn start(options: &Options, parts: Parts) -> anyhow::Result<Self> {
        let (stop, stopping) = watch::channel(Ending::NotBegun);
        let mut ground = Ground::lay(options, parts, &stopping).await?;
        if ground.entra.is_some() {
            list_registered(&mut ground.environment);
        }
        let platform = &ground.platform;
        let roles = (&ground.access_key.role, &ground.collector_key.role);
        let policies = platform.store.policies.as_ref();
        policy::put_first(policies, &platform.clock, &ground.issuer, roles).await?;
        let functions = Functions::build(&ground.environment, platform, options.collect).await?;
        let simulated = start_simulator(options, &mut ground, &functions, &stopping).await?;
        let (simulator, simulating) = simulated.unzip();
        let ready = announcement::ready(&ground, &functions, simulator.as_ref())?;
        let run_file = announcement::run_file(&ready, options, &ground);
        ground.data.write_run(&run_file)?;

        let resources = functions.requirements.resources(functions.authority.cloud);
        let refresher = Arc::clone(&functions.refresher);
        let collector = functions.collector.clone();
        let clock = Arc::clone(&ground.platform.clock);
        let vending = routes::vending(&functions);
        let base_url = &ground.http_api.base_url;
        let routes = routes::routes(&functions, Arc::clone(&vending), &ground.issuer, base_url);
        let keys = (ground.access_key.clone(), ground.collector_key);
        let sts = gateways::sts(ground.sts, keys, &ground.platform, &stopping);
        let served = [
            gateways::http_api(ground.http_api, routes, &ground.platform, &stopping),
            gateways::function_url(
                ground.function_url,
                (vending, ground.access_key),
                &ground.platform,
                &stopping,
            ),
        ];
        let mut scheduled = scheduled(options, (&refresher, collector.as_ref()), &clock, &stopping);
        if let (Some(collector), true) = (&collector, options.scheduled) {
            let worker = (Arc::clone(collector), Arc::clone(&ground.queue));
            let end = stopped(stopping.clone(), Ending::NoNewWork);
            scheduled.push(worker::start(worker, Arc::clone(&clock), end));
        }
        Ok(Self {
            ready,
            redirect_uri: ground.environment.redirect_uri(),
            resource: resources
                .first()
                .map(ToString::to_string)
                .unwrap_or_default(),
            refresher,
            collector,
            queue: ground.queue,
            simulator,
            client_id: ground.client_id,
            clock,
            stop,
            working: served.into_iter().chain(scheduled).collect(),
            standing: simulating
                .into_iter()
                .chain([sts, ground.table.task, ground.objects.task])
                .collect(),
            _data: ground.data,
        })
    }

    /// One run of the refresher, now and besides the schedule.
    pub async fn refresh(&self) -> RefreshReport {
        schedule::run(self.refresher.as_ref(), self.clock.as_ref()).await
    }

    /// One run of the collector, likewise.
    pub async fn collect(&self) -> anyhow::Result<RunReport> {
        let collector = self.collector.as_ref();
        let collector = collector.context("nothing is collected (--collect)")?;
        let answer = schedule::run(collector.as_ref(), self.clock.as_ref()).await;
        answer.run().context("an event of the schedule is a run")
    }

    /// The collector's worker does what waits on the queue now; how many messages that was.
    pub async fn work(&self) -> anyhow::Result<usize> {
        let collector = self.collector.as_ref();
        let collector = collector.context("nothing is collected (--collect)")?;
        let mut done = 0;
        loop {
            let messages = self.queue.take(worker::BATCH);
            if messages.is_empty() {
                return Ok(done);
            }
            done += messages.len();
            worker::work((collector, &self.queue), self.clock.as_ref(), messages).await;
        }
    }

    /// What waits for the collector's worker.
    pub fn queue(&self) -> &LocalQueue {
        &self.queue
    }

    /// The simulated Entra ID; `None` where the real one is asked.
    pub fn simulator(&self) -> Option<&Simulator> {
        self.simulator.as_ref()
    }

    /// Lets every simulated admin of `tenants` consent, without a browser.
    pub fn consent_at_simulator(&self, tenants: &[TenantId]) -> anyhow::Result<()> {
        let simulator = self
            .simulator
            .as_ref()
            .context("Entra ID is not simulated")?;
        let ids: Vec<uuid::Uuid> = tenants
            .iter()
            .map(|tenant| uuid::Uuid::from_bytes(*tenant.as_bytes()))
            .collect();
        let client_id = self.client_id.to_string().parse()?;
        Ok(simulator.grant_admin_consent(client_id, &ids)?)
    }

    /// Ends cleanly: requests that run are answered, then the parts stop in turn.
    pub async fn stop(self) {
        let stages = [
            (Ending::NoNewWork, self.working),
            (Ending::Everything, self.standing),
        ];
        for (ending, tasks) in stages {
            // Nothing listens only when everything has ended by itself.
            let _ = self.stop.send(ending);
            for task in tasks {
                if let Err(error) = task.await {
                    tracing::error!(event = "task_failed", %error, "a part of the run had failed");
                }
            }
        }
    }
}

/// What runs by itself.
fn scheduled(
    options: &Options,
    (refresher, collector): (&Arc<Refresher>, Option<&Arc<Collector>>),
    clock: &Arc<dyn Clock>,
    stopping: &Stopping,
) -> Vec<JoinHandle<()>> {
    if !options.scheduled {
        return Vec::new();
    }
    let end = || stopped(stopping.clone(), Ending::NoNewWork);
    let every = (options.refresh_every, AtTheEnd::Waited);
    let refresher = schedule::start(Arc::clone(refresher), Arc::clone(clock), every, end());
    let collector = collector.map(|collector| {
        let every = (options.collect_every, AtTheEnd::GivenUp);
        schedule::start(Arc::clone(collector), Arc::clone(clock), every, end())
    });
    std::iter::once(refresher).chain(collector).collect()
}

/// What is registered at the simulator is of our making: the landing page lists all of it,
/// unless the person lists something else. What is wrong with the settings is reported by
/// the functions.
fn list_registered(environment: &mut Environment) {
    let entra = read(&|name| environment.lookup(name), EntraSettings::read);
    let listed = entra.ok().and_then(|entra| {
        let cloud = entra.authority.cloud;
        simulator::listed(&entra.requirements, cloud)
    });
    if let Some(listed) = listed {
        environment.set_default("CONSENT_REGISTERED_PERMISSIONS", listed);
    }
}

/// Opens the simulated Entra ID, registers our application and serves it; nothing for
/// the real one.
async fn start_simulator(
    options: &Options,
    ground: &mut Ground,
    functions: &Functions,
    stopping: &Stopping,
) -> anyhow::Result<Option<(Simulator, JoinHandle<()>)>> {
    let Some(entrance) = ground.entra.take() else {
        return Ok(None);
    };
    let platform = &ground.platform;
    let directory = ground.data.simulator_directory();
    let (tls, clock) = (ground.tls.as_deref(), Arc::clone(&platform.clock));
    let simulator = simulator::open(directory, options, tls, clock)?;
    let (secrets, clock) = (platform.secrets.as_ref(), platform.clock.as_ref());
    let cloud = functions.authority.cloud;
    let further: Vec<Resource> = functions.requirements.resources(cloud);
    let further: Vec<Resource> = further.into_iter().skip(1).collect();
    let application = simulator::Application {
        client_id: ground.client_id,
        redirect_uri: ground.environment.redirect_uri(),
        signing_key: &*load_signing_key(secrets, CERTIFICATE, clock).await?,
        roles: functions.requirements.roles(),
        further: &further,
    };
    simulator::register(&simulator, &application)?;
    let task = simulator::serve(
        &simulator,
        entrance,
        stopped(stopping.clone(), Ending::Everything),
    );
    Ok(Some((simulator, task)))
}
