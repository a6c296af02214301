//! The run that the week plays on: started anew every day on the same data directory
//! with the clock going on, and beside it the functions of another process.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use auth::ports::{Clock as _, Connecting, HeldClock, Tenants, TokenStore, Write};
use auth::turns::Turns;
use auth::{Cloud, Customer, Tenant, TenantId, TenantStatus, Timestamp};
use serde_json::Value;
use tests::MovedRun;
use tests::clock::{START, Setup};
use tests::neighbour::Neighbour;
use vending::Vending;

use super::ideal::{CYCLE, PERIOD};
use super::plan::{Fault, TENANTS};

/// A run under way.
pub struct Stage {
    data_dir: PathBuf,
    /// The run.
    pub run: MovedRun,
    /// The observer's function.
    pub vending: Arc<Vending>,
    /// The tenants of the table.
    pub table: Arc<dyn Tenants>,
    tokens: Arc<dyn TokenStore>,
    faults: BTreeMap<Fault, String>,
    /// App-only requests at the processes of the authority that have ended.
    asked_before: u64,
}

impl Stage {
    /// Starts in an empty directory.
    pub async fn open(data_dir: &Path) -> Self {
        Self::start(data_dir, Arc::new(HeldClock::at(START)), 0).await
    }

    async fn start(data_dir: &Path, clock: Arc<HeldClock>, asked_before: u64) -> Self {
        let setup = Setup {
            data_dir,
            tenants: TENANTS,
            clock: clock.clone(),
            refresh_every: Duration::from_secs(PERIOD as u64),
        };
        let run = MovedRun::start_by(setup, |_| None).await;
        let neighbour = Neighbour::of(data_dir, clock).await;
        Self {
            data_dir: data_dir.to_owned(),
            run,
            vending: Arc::new(neighbour.vending().await),
            table: neighbour.platform.store.tenants.clone(),
            tokens: neighbour.refresher().await.refresh.tokens,
            faults: BTreeMap::new(),
            asked_before,
        }
    }

    /// The process ends cleanly, and another one goes on.
    pub async fn restart(self) -> Self {
        let (clock, asked) = (self.run.clock.clone(), self.requests().await);
        self.run.machine.stop().await;
        Self::start(&self.data_dir, clock, asked).await
    }

    /// By the clock of the run.
    pub fn now(&self) -> Timestamp {
        self.run.clock.now()
    }

    /// The fleet, in a stable order.
    pub fn tenants(&self) -> Vec<TenantId> {
        let id = |index| self.run.tenant(index).parse().unwrap();
        (0..TENANTS).map(id).collect()
    }

    /// Every admin consents, and every tenant is written as the consent function writes
    /// one that was proven: due at once.
    pub async fn connect(&self, tenants: &[TenantId]) {
        self.run.machine.consent_at_simulator(tenants).unwrap();
        let resources = [Cloud::Public.management_resource()];
        for id in tenants {
            let tenant = Tenant {
                id: *id,
                customer: Customer::itself(*id),
                cloud: Cloud::Public,
                status: TenantStatus::Active,
                cause: None,
                cause_resource: None,
                since: self.now(),
                consented_at: Some(self.now()),
                roles: Vec::new(),
                tags: Default::default(),
                version: None,
            };
            let write = self
                .table
                .connect(Connecting::new(&tenant, &resources, self.now()));
            assert_eq!(write.await.unwrap(), Write::Done);
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
                let (kind, tenant, value) = &fault;
                let tenant = tenant.map(|tenant| tenant.to_string());
                let value: Value = serde_json::from_str(value).unwrap();
                let id = self.run.broker.fault(kind, tenant.as_deref(), value).await;
                self.faults.insert(fault, id);
            }
        }
    }

    /// How many tokens wait for their slot's turn which comes in the `seconds` up to `now`.
    pub async fn turns_since(&self, now: Timestamp, seconds: i64) -> usize {
        let turns = Turns::every(Duration::from_secs(CYCLE as u64));
        let since = now - Duration::from_secs(seconds as u64);
        let mut found = 0;
        for slots in turns.between(Some(since), now) {
            for shard in 0..self.tokens.shards() {
                found += self.tokens.at_turns(shard, &slots).await.unwrap().len();
            }
        }
        found
    }

    /// How many tokens wait for no turn and are due at `now`.
    pub async fn due(&self, now: Timestamp) -> usize {
        let mut due = 0;
        for shard in 0..self.tokens.shards() {
            let rows = self.tokens.due(shard, now, TENANTS as u32).await;
            due += rows.unwrap().len();
        }
        due
    }

    /// App-only requests at the authority since the week began.
    pub async fn requests(&self) -> u64 {
        self.asked_before + self.run.app_only_requests().await
    }
}
