//! The fleet: a run under a clock that is moved, a caller of every tenant beside it, and
//! what the simulator's book says of the tokens.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use auth::ports::{Clock as _, Connecting, HeldClock, Tenants, Write};
use auth::vend::{DEFAULT_MIN_TTL, Vended};
use auth::{Cloud, Tenant, TenantId};
use futures::future::join_all;
use serde_json::{Value, json};
use tests::MovedRun;
use tests::clock::{START, Setup};
use tests::neighbour::Neighbour;
use vending::Vending;

use tests::issued::Book;

/// How often the refresher runs.
pub const PERIOD: i64 = 300;
/// How long tokens live: the longest of what Entra ID gives by default.
pub const LIFE: i64 = 5400;
/// The tenants that nothing is wrong with.
pub const HEALTHY: usize = 200;
/// The one whose consent is taken away.
pub const REVOKED: usize = HEALTHY;
/// The fleet is connected in so many parts, one each period, so that its tokens are due in
/// many runs and not in one.
const PARTS: usize = 7;
/// Every tenant is asked for once in so many periods.
const CALLERS: usize = 6;
/// How many callers ask at a time.
const AT_A_TIME: usize = 16;

/// The run and its fleet.
pub struct Fleet {
    /// The run.
    pub run: MovedRun,
    /// When it began (Unix seconds).
    pub began: i64,
    /// In a stable order.
    pub tenants: Vec<TenantId>,
    vending: Arc<Vending>,
    table: Arc<dyn Tenants>,
    book: Book,
}

impl Fleet {
    pub async fn start(data_dir: &Path) -> Self {
        let clock = Arc::new(HeldClock::at(START));
        let setup = Setup {
            pause: Arc::new(aws::SystemPause),
            data_dir,
            tenants: HEALTHY + 1,
            clock: clock.clone(),
            refresh_every: Duration::from_secs(PERIOD as u64),
        };
        let run = MovedRun::start_by(setup, |_| None).await;
        let tenants = (0..=HEALTHY).map(|index| run.tenant(index).parse().unwrap());
        let tenants: Vec<TenantId> = tenants.collect();
        run.machine.consent_at_simulator(&tenants).unwrap();
        run.broker.fault("token_life", None, json!(LIFE)).await;
        let neighbour = Neighbour::of(data_dir, clock).await;
        Self {
            run,
            began: START,
            tenants,
            vending: Arc::new(neighbour.vending().await),
            table: neighbour.platform.store.tenants.clone(),
            book: Book::default(),
        }
    }

    pub fn now(&self) -> i64 {
        self.run.clock.now().unix()
    }

    /// The part of the fleet whose turn it is, as the consent function writes it.
    pub async fn connect_at(&self, time: i64) {
        let part = (time / PERIOD) as usize;
        for (index, id) in self.tenants.iter().enumerate() {
            if index % PARTS == part {
                self.connect(*id).await;
            }
        }
    }

    async fn connect(&self, id: TenantId) {
        let now = self.run.clock.now();
        let tenant = Tenant::connected(id, now);
        let resources = [Cloud::Public.management_resource()];
        let connecting = Connecting::new(&tenant, &resources, now);
        assert_eq!(self.table.connect(connecting).await.unwrap(), Write::Done);
    }

    /// The tenant's next request is answered oddly.
    pub async fn single(&self, index: usize, kind: &str, value: Value) {
        let tenant = self.tenants[index].to_string();
        self.run.broker.single_fault(kind, &tenant, value).await;
    }

    pub async fn take_consent_away(&self) {
        let tenant = self.tenants[REVOKED].to_string();
        let (kind, null) = ("consent_revoked", json!(null));
        self.run.broker.fault(kind, Some(&tenant), null).await;
    }

    /// A caller that wants a longer life than any token has: Entra ID is asked, and whatever
    /// it answers, the caller has a token.
    pub async fn vend_that_asks_entra(&self, index: usize) {
        let resource = Cloud::Public.management_resource();
        let long = Duration::from_secs(2 * 3600);
        let asking = self.vending.vend.vend(self.tenants[index], &resource, long);
        let vended = asking.await;
        assert!(vended.is_ok(), "tenant {index}: {vended:?}");
    }

    /// One vend of each tenant that is connected and whose turn it is, but for the one that is
    /// revoked; each must give a token that is good. Gives their number.
    pub async fn vend_all(&mut self) -> usize {
        let period = ((self.now() - self.began) / PERIOD) as usize;
        let tenants: Vec<(usize, TenantId)> = self.tenants[..HEALTHY]
            .iter()
            .copied()
            .enumerate()
            .filter(|(index, _)| index % PARTS <= period && index % CALLERS == period % CALLERS)
            .collect();
        let share = tenants.len().div_ceil(AT_A_TIME);
        let callers = tenants.chunks(share).map(|share| {
            let (vending, share) = (Arc::clone(&self.vending), share.to_owned());
            tokio::spawn(async move {
                let resource = Cloud::Public.management_resource();
                let mut vends = Vec::new();
                for (index, tenant) in share {
                    let vend = vending.vend.vend(tenant, &resource, DEFAULT_MIN_TTL).await;
                    let vended = vend.unwrap_or_else(|refused| panic!("{index}: {refused}"));
                    vends.push((tenant, vended));
                }
                vends
            })
        });
        let vends = join_all(callers).await;
        self.book.read(&self.run.broker).await;
        for (tenant, vended) in vends.into_iter().flat_map(Result::unwrap) {
            self.check(tenant, &vended);
        }
        tenants.len()
    }

    /// What the authority knows of the token: it lives, is this tenant's, and has roles.
    fn check(&mut self, tenant: TenantId, vended: &Vended) {
        let now = self.now();
        let entry = self.book.entry(&vended.access_token);
        let entry = entry.expect("the authority issued it");
        assert!(
            entry.expires_at > now && entry.tenant == tenant,
            "{entry:?}"
        );
        assert!(!entry.roles.is_empty(), "{entry:?}");
    }
}
