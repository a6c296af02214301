//! A fleet under a moved clock: a run that is started again on the same data directory while the
//! clock goes on, its tenants, and what is wrong with the simulated Microsoft at a moment. What
//! the scenarios over days stand on (`week`, `month`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use auth::ports::{Clock as _, Connecting, HeldClock, Pause, Tenants, Write};
use auth::{Cloud, Customer, Tenant, TenantId, TenantStatus, Timestamp};
use serde_json::{Value, json};

use crate::MovedRun;
use crate::clock::{START, Setup};
use crate::neighbour::Neighbour;

/// Variables of the functions, by their names.
pub type Environment = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// What a fleet is started with, each time.
#[derive(Clone)]
pub struct Terms {
    /// How many tenants the simulator makes.
    pub tenants: usize,
    /// How often the refresher runs, in seconds.
    pub period: i64,
    /// What the functions are started with.
    pub environment: Environment,
    /// How they wait.
    pub pause: Arc<dyn Pause>,
}

/// A fault of the simulator: what is wrong for as long as it is set.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    kind: &'static str,
    endpoint: Option<&'static str>,
    tenant: Option<TenantId>,
    /// JSON as text, so that faults are comparable.
    value: String,
    share: Option<u8>,
}

impl Fault {
    /// Of this kind; of all tenants where none is named.
    pub fn of(kind: &'static str, tenant: Option<TenantId>, value: Value) -> Self {
        Self {
            kind,
            endpoint: None,
            tenant,
            value: value.to_string(),
            share: None,
        }
    }

    /// The same for so many of 100 requests.
    pub fn share(self, share: u8) -> Self {
        Self {
            share: Some(share),
            ..self
        }
    }

    /// The same at one endpoint.
    pub fn at(self, endpoint: Option<&'static str>) -> Self {
        Self { endpoint, ..self }
    }

    /// In the simulator's words. `times`: it ends after so many hits.
    pub fn spelled(&self, times: Option<u64>) -> Value {
        let value: Value = serde_json::from_str(&self.value).unwrap();
        let tenant = self.tenant.map(|tenant| tenant.to_string());
        let mut spelled =
            json!({"kind": self.kind, "tenant": tenant, "value": value, "times": times});
        if let Some(endpoint) = self.endpoint {
            spelled["endpoint"] = json!(endpoint);
        }
        if let Some(share) = self.share {
            spelled["share"] = json!(share);
        }
        spelled
    }
}

/// A fleet under way.
pub struct MovedFleet {
    data_dir: PathBuf,
    terms: Terms,
    /// The run.
    pub run: MovedRun,
    /// Functions of another process beside it.
    pub neighbour: Neighbour,
    /// By what is set at the simulator: the fault's id.
    faults: BTreeMap<Fault, String>,
}

impl MovedFleet {
    /// Starts in an empty directory.
    pub async fn open(data_dir: &Path, terms: Terms) -> Self {
        Self::start(data_dir, terms, Arc::new(HeldClock::at(START))).await
    }

    async fn start(data_dir: &Path, terms: Terms, clock: Arc<HeldClock>) -> Self {
        let setup = Setup {
            data_dir,
            tenants: terms.tenants,
            clock: clock.clone(),
            refresh_every: Duration::from_secs(terms.period.unsigned_abs()),
            pause: Arc::clone(&terms.pause),
        };
        let environment = Arc::clone(&terms.environment);
        let run = MovedRun::start_by(setup, move |name| environment(name)).await;
        Self {
            data_dir: data_dir.to_owned(),
            terms,
            run,
            neighbour: Neighbour::of(data_dir, clock).await,
            faults: BTreeMap::new(),
        }
    }

    /// The process ends cleanly, and another one goes on: without faults, as the simulator forgets
    /// them.
    pub async fn restart(self) -> Self {
        let clock = self.run.clock.clone();
        self.run.machine.stop().await;
        Self::start(&self.data_dir, self.terms, clock).await
    }

    /// By the clock of the run.
    pub fn now(&self) -> Timestamp {
        self.run.clock.now()
    }

    /// The tenants, in a stable order.
    pub fn tenants(&self) -> Vec<TenantId> {
        let id = |index| self.run.tenant(index).parse().unwrap();
        (0..self.terms.tenants).map(id).collect()
    }

    /// The tenants of the table.
    pub fn table(&self) -> Arc<dyn Tenants> {
        self.neighbour.platform.store.tenants.clone()
    }

    /// Every admin consents, and every tenant is written as the consent function writes
    /// one that was proven: due at once.
    pub async fn connect(&self, tenants: &[TenantId]) {
        self.connect_by(tenants, |_| Cloud::Public).await;
    }

    /// The same, each in the cloud that its index says.
    pub async fn connect_by(&self, tenants: &[TenantId], cloud: impl Fn(usize) -> Cloud) {
        self.run.machine.consent_at_simulator(tenants).unwrap();
        let table = self.table();
        for (index, id) in tenants.iter().enumerate() {
            let tenant = Tenant {
                id: *id,
                customer: Customer::itself(*id),
                cloud: cloud(index),
                status: TenantStatus::Active,
                cause: None,
                cause_resource: None,
                since: self.now(),
                consented_at: Some(self.now()),
                roles: Vec::new(),
                tags: Default::default(),
                version: None,
            };
            let resources = [tenant.cloud.management_resource()];
            let connecting = Connecting::new(&tenant, &resources, self.now());
            assert_eq!(table.connect(connecting).await.unwrap(), Write::Done);
        }
    }

    /// Makes exactly these faults the simulator's.
    pub async fn apply(&mut self, wanted: BTreeSet<Fault>) {
        let over: Vec<Fault> = self.faults.keys().cloned().collect();
        for fault in over.into_iter().filter(|fault| !wanted.contains(fault)) {
            // A new consent may have ended it already.
            let id = self.faults.remove(&fault).unwrap();
            self.run.broker.end_fault(&id).await;
        }
        for fault in wanted {
            if !self.faults.contains_key(&fault) {
                let id = self.run.broker.start_fault(fault.spelled(None)).await;
                self.faults.insert(fault, id);
            }
        }
    }
}
