//! Many tenants under the refresher's use case: a table in memory, and an authority whose
//! answers take time and give each tenant's tokens a life of their own.

mod table;

use std::collections::BTreeMap;
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

use super::{START, token_text};
use table::FleetTable;

/// A fleet and its refresher.
pub struct Fleet {
    pub clock: Arc<HeldClock>,
    pub table: Arc<FleetTable>,
    pub authority: Arc<Authority>,
    refresh: Refresh,
}

/// Gives tokens; each answer takes its time.
pub struct Authority {
    clock: Arc<HeldClock>,
    lives: Mutex<BTreeMap<TenantId, u64>>,
    takes: Mutex<i64>,
    refuses: Mutex<Option<CauseCode>>,
    pub asked: Mutex<Vec<TenantId>>,
}

impl Authority {
    pub fn takes(&self, seconds: i64) {
        *self.takes.lock().unwrap() = seconds;
    }

    pub fn refuses(&self, with: Option<CauseCode>) {
        *self.refuses.lock().unwrap() = with;
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
            refuses: Mutex::new(None),
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
        let refresh = Refresh {
            tokens: table.clone(),
            leases: table.clone(),
            renewal: Arc::new(renewal),
            concurrency: 4,
            clock: clock.clone(),
        };
        let now = clock.now();
        for (tenant, _) in tenants {
            table.connect_now(*tenant, now);
        }
        Self {
            clock,
            table,
            authority,
            refresh,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
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
        let life = self.lives.lock().unwrap()[&tenant];
        self.clock.advance(*self.takes.lock().unwrap());
        if let Some(code) = *self.refuses.lock().unwrap() {
            return Err(Cause::new(code).into());
        }
        Ok(IssuedToken {
            access_token: token_text(&tenant.to_string(), "ActivityFeed.Read"),
            expires_in: Duration::from_secs(life),
            refresh_in: None,
        })
    }
}
