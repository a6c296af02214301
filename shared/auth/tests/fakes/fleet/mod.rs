//! Many tenants under the refresher's use case: a table in memory, and an authority whose
//! answers take time and give each tenant's tokens a life of their own.

mod leases;
mod pages;
mod table;
mod tenants;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::cause::{Cause, CauseCode};
use auth::ports::{AuthorityError, Clock as _, HeldClock, HeldRandom, IssuedToken, TokenIssuer};
use auth::refresh::{Refresh, RefreshReport};
use auth::renew::Renewal;
use auth::requirements::Requirements;
use auth::schedule::RefreshSchedule;
use auth::{Cloud, Resource, TenantId, Timestamp};

use super::{FakePause, FakeRuns, START, token_text};
use table::FleetTable;

/// A fleet and its refresher.
pub struct Fleet {
    pub clock: Arc<HeldClock>,
    pub table: Arc<FleetTable>,
    pub authority: Arc<Authority>,
    pub runs: Arc<FakeRuns>,
    pub pause: Arc<FakePause>,
    refresh: Refresh,
}

/// Gives tokens; each answer takes its time.
pub struct Authority {
    clock: Arc<HeldClock>,
    lives: Mutex<BTreeMap<TenantId, u64>>,
    takes: Mutex<i64>,
    turns: Mutex<u32>,
    refuses: Mutex<Option<CauseCode>>,
    /// What it refuses these tenants with, and no other.
    refused: Mutex<BTreeMap<TenantId, CauseCode>>,
    /// The tenants that it is asked for right now, and how many those were at most.
    under_way: Mutex<(BTreeSet<TenantId>, usize)>,
    pub asked: Mutex<Vec<TenantId>>,
}

impl Authority {
    /// So many turns of the tasks beside it, and no time.
    pub fn takes_turns(&self, turns: u32) {
        *self.turns.lock().unwrap() = turns;
    }

    pub fn takes(&self, seconds: i64) {
        *self.takes.lock().unwrap() = seconds;
    }

    /// Refuses these tenants alone; `None`: no longer.
    pub fn refuses_each(&self, tenants: &[TenantId], with: Option<CauseCode>) {
        let mut refused = self.refused.lock().unwrap();
        for tenant in tenants {
            match with {
                Some(code) => refused.insert(*tenant, code),
                None => refused.remove(tenant),
            };
        }
    }

    /// Those who asked are gone.
    pub fn forget_those_under_way(&self) {
        self.under_way.lock().unwrap().0.clear();
    }

    /// How many it was asked for at a time at most.
    pub fn at_most_at_a_time(&self) -> usize {
        self.under_way.lock().unwrap().1
    }

    pub fn refuses(&self, with: Option<CauseCode>) {
        *self.refuses.lock().unwrap() = with;
    }
}

impl Authority {
    fn begins(&self, tenant: TenantId) {
        let mut under_way = self.under_way.lock().unwrap();
        assert!(under_way.0.insert(tenant), "asked for twice at a time");
        under_way.1 = under_way.1.max(under_way.0.len());
    }
}

impl Fleet {
    /// Tenants with the lives of their tokens, connected a moment ago.
    pub fn new(schedule: RefreshSchedule, tenants: &[(TenantId, u64)]) -> Self {
        let clock = Arc::new(HeldClock::at(START));
        let table = Arc::new(FleetTable::default());
        let authority = Arc::new(Authority {
            clock: clock.clone(),
            lives: Mutex::new(tenants.iter().copied().collect()),
            takes: Mutex::new(0),
            turns: Mutex::new(0),
            refuses: Mutex::new(None),
            refused: Mutex::default(),
            under_way: Mutex::default(),
            asked: Mutex::default(),
        });
        let renewal = Renewal {
            tenants: table.clone(),
            tokens: table.clone(),
            issuer: authority.clone(),
            requirements: Requirements::new(None, vec!["ActivityFeed.Read".into()]),
            schedule,
            clock: clock.clone(),
            random: Arc::new(HeldRandom::always(0)),
        };
        let (runs, pause) = (Arc::<FakeRuns>::default(), Arc::<FakePause>::default());
        let refresh = Refresh {
            tokens: table.clone(),
            leases: table.clone(),
            runs: runs.clone(),
            spending: None,
            renewal: Arc::new(renewal),
            concurrency: 4,
            clock: clock.clone(),
            pause: pause.clone(),
        };
        let now = clock.now();
        for (tenant, _) in tenants {
            table.connect_now(*tenant, now);
        }
        Self {
            clock,
            table,
            authority,
            runs,
            pause,
            refresh,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// The same fleet, with so many renewals at a time.
    pub fn at_a_time(mut self, concurrency: usize) -> Self {
        self.refresh.concurrency = concurrency;
        self
    }

    pub async fn run(&self, seconds: u64) -> RefreshReport {
        let deadline = self.now() + Duration::from_secs(seconds);
        self.refresh.run(deadline).await
    }
}

#[async_trait]
impl TokenIssuer for Authority {
    async fn app_only_token(
        &self,
        tenant: TenantId,
        _: Cloud,
        _: &Resource,
    ) -> Result<IssuedToken, AuthorityError> {
        self.asked.lock().unwrap().push(tenant);
        self.begins(tenant);
        // Others are asked for meanwhile.
        let turns = *self.turns.lock().unwrap();
        for _ in 0..=turns {
            tokio::task::yield_now().await;
        }
        self.under_way.lock().unwrap().0.remove(&tenant);
        let life = self.lives.lock().unwrap()[&tenant];
        self.clock.advance(*self.takes.lock().unwrap());
        let refused = self.refused.lock().unwrap().get(&tenant).copied();
        if let Some(code) = self.refuses.lock().unwrap().or(refused) {
            return Err(Cause::new(code).into());
        }
        Ok(IssuedToken {
            access_token: token_text(&tenant.to_string(), "ActivityFeed.Read"),
            expires_in: Duration::from_secs(life),
            refresh_in: None,
        })
    }
}
