//! Ports held in memory: a clock that is moved, a table of one tenant, an authority
//! that gives or refuses. They remember what was asked of them.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses what it needs"
)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod fleet;
mod runs;
mod store;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::cause::{Cause, CauseCode};
use auth::encoding::base64url;
use auth::metric::Metric;
use auth::on_demand::{NoFunction, Remote, RenewOnDemand};
use auth::ports::{
    AuthorityError, Clock, HeldClock, HeldRandom, IssuedToken, LONGEST_LEASE, Lease, Leases,
    Looked, Meter, Pause, StoreError, TokenIssuer, TokenRenewer,
};
use auth::renew::Renewal;
use auth::requirements::Requirements;
use auth::schedule::RefreshSchedule;
use auth::vend::{Vend, VendParts};
use auth::{AccessToken, Cloud, Resource, TenantId, Timestamp};
#[allow(unused_imports, reason = "not every program of tests has a fleet")]
pub use fleet::Fleet;
pub use runs::FakeRuns;
pub use store::FakeStore;

pub fn tenant() -> TenantId {
    "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap()
}

pub fn resource() -> Resource {
    Cloud::Public.management_resource()
}

/// What was told, flush by flush.
#[derive(Default)]
pub struct FakeMeter {
    noted: Mutex<Vec<(&'static str, u64)>>,
    flushed: Mutex<Vec<Vec<(&'static str, u64)>>>,
}

impl FakeMeter {
    /// The figures of each flush that had any, since somebody asked last.
    pub fn take(&self) -> Vec<Vec<(&'static str, u64)>> {
        std::mem::take(&mut *self.flushed.lock().unwrap())
    }
}

impl Meter for FakeMeter {
    fn record(&self, metric: Metric, value: u64) {
        self.noted.lock().unwrap().push((metric.name(), value));
    }

    fn flush(&self) {
        let noted = std::mem::take(&mut *self.noted.lock().unwrap());
        if !noted.is_empty() {
            self.flushed.lock().unwrap().push(noted);
        }
    }
}

/// One lease, whatever its name; somebody else can hold it.
#[derive(Default)]
pub struct FakeLeases {
    held_until: Mutex<Option<Timestamp>>,
    looked: Mutex<Option<Looked>>,
    pub taken: AtomicU32,
}

impl FakeLeases {
    pub fn held_by_another(&self, until: Timestamp) {
        *self.held_until.lock().unwrap() = Some(until);
    }

    pub fn is_held(&self) -> bool {
        self.held_until.lock().unwrap().is_some()
    }
}

#[async_trait]
impl Leases for FakeLeases {
    async fn take(
        &self,
        name: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        let mut held_until = self.held_until.lock().unwrap();
        if held_until.is_some_and(|end| end > now && end <= now + LONGEST_LEASE) {
            return Ok(None);
        }
        *held_until = Some(until);
        self.taken.fetch_add(1, Ordering::SeqCst);
        let (name, holder) = (name.to_owned(), "us".to_owned());
        Ok(Some(Lease { name, holder }))
    }

    async fn release(&self, _: Lease) -> Result<(), StoreError> {
        *self.held_until.lock().unwrap() = None;
        Ok(())
    }

    async fn release_at(&self, lease: Lease, looked: Looked) -> Result<(), StoreError> {
        *self.looked.lock().unwrap() = Some(looked);
        self.release(lease).await
    }

    async fn looked(&self, _: &str) -> Result<Option<Looked>, StoreError> {
        Ok(self.looked.lock().unwrap().clone())
    }
}

type Meanwhile = Box<dyn Fn(u32) + Send + Sync>;

/// Waits no moment: what happens meanwhile is done by the test, which is told how many
/// pauses there were.
#[derive(Default)]
pub struct FakePause {
    pub pauses: AtomicU32,
    meanwhile: Mutex<Option<Meanwhile>>,
}

impl FakePause {
    pub fn meanwhile(&self, work: impl Fn(u32) + Send + Sync + 'static) {
        *self.meanwhile.lock().unwrap() = Some(Box::new(work));
    }
}

#[async_trait]
impl Pause for FakePause {
    async fn pause(&self, _: Duration) {
        let pauses = self.pauses.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some(work) = &*self.meanwhile.lock().unwrap() {
            work(pauses);
        }
    }
}

/// Gives tokens, or refuses.
pub struct FakeIssuer {
    pub asked: AtomicU32,
    answer: Mutex<Result<(AccessToken, u64), CauseCode>>,
    meanwhile: Mutex<Option<Meanwhile>>,
}

impl FakeIssuer {
    /// Gives tokens of the usual life.
    pub fn giving() -> Self {
        let issuer = Self {
            asked: AtomicU32::new(0),
            answer: Mutex::new(Err(CauseCode::Unavailable)),
            meanwhile: Mutex::default(),
        };
        issuer.give(3599);
        issuer
    }

    /// What the test does while the authority answers; it gets how often that was asked.
    pub fn meanwhile(&self, work: impl Fn(u32) + Send + Sync + 'static) {
        *self.meanwhile.lock().unwrap() = Some(Box::new(work));
    }

    pub fn refuse(&self, code: CauseCode) {
        *self.answer.lock().unwrap() = Err(code);
    }

    pub fn give(&self, life: u64) {
        let token = token_text(&tenant().to_string(), "ActivityFeed.Read");
        *self.answer.lock().unwrap() = Ok((token, life));
    }

    /// Tokens whose `nbf` is this time, as they say themselves.
    pub fn give_from(&self, not_before: Timestamp) {
        let payload = format!(
            r#"{{"tid":"{}","aud":"{}","roles":["ActivityFeed.Read"],"nbf":{}}}"#,
            tenant(),
            resource(),
            not_before.unix()
        );
        let text = format!("e30.{}.c2ln", base64url(payload.as_bytes()));
        *self.answer.lock().unwrap() = Ok((AccessToken::new(text), 3599));
    }

    pub fn give_claims(&self, tid: &str, role: &str) {
        *self.answer.lock().unwrap() = Ok((token_text(tid, role), 3599));
    }
}

#[async_trait]
impl TokenIssuer for FakeIssuer {
    async fn app_only_token(
        &self,
        _: TenantId,
        _: Cloud,
        _: &Resource,
    ) -> Result<IssuedToken, AuthorityError> {
        let asked = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some(work) = &*self.meanwhile.lock().unwrap() {
            work(asked);
        }
        match &*self.answer.lock().unwrap() {
            Ok((token, life)) => Ok(IssuedToken {
                access_token: token.clone(),
                expires_in: Duration::from_secs(*life),
                refresh_in: None,
            }),
            Err(code) => Err(Cause::new(*code).into()),
        }
    }
}

fn token_text(tid: &str, role: &str) -> AccessToken {
    let payload = format!(
        r#"{{"tid":"{tid}","aud":"{}","roles":["{role}"]}}"#,
        resource()
    );
    AccessToken::new(format!("e30.{}.c2ln", base64url(payload.as_bytes())))
}

const START: i64 = 1_800_000_000;

/// Everything together, with an active tenant.
pub struct World {
    pub clock: Arc<HeldClock>,
    pub store: Arc<FakeStore>,
    pub issuer: Arc<FakeIssuer>,
    pub leases: Arc<FakeLeases>,
    pub runs: Arc<FakeRuns>,
    pub pause: Arc<FakePause>,
    pub renewal: Arc<Renewal>,
    pub vend: Vend,
}

impl World {
    /// The table holds a token that lives `life` seconds.
    pub fn with_token(life: u64) -> Self {
        let mut world = Self::renewed_by(life, |_| Arc::new(Remote(Arc::new(NoFunction))));
        world.vend = world.vending(Arc::new(RenewOnDemand::new(Arc::clone(&world.renewal))));
        world
    }

    /// The same, renewed by another function than ours.
    pub fn renewed_by(
        life: u64,
        renewer: impl FnOnce(&Arc<FakeStore>) -> Arc<dyn TokenRenewer>,
    ) -> Self {
        let now = Timestamp::from_unix(START);
        let clock = Arc::new(HeldClock::at(START));
        let store = Arc::new(FakeStore {
            reads: AtomicU32::new(0),
            state: Mutex::new(store::state(now, life)),
        });
        let issuer = Arc::new(FakeIssuer::giving());
        let renewal = Arc::new(Renewal {
            tenants: store.clone(),
            tokens: store.clone(),
            issuer: issuer.clone(),
            requirements: Requirements::new(None, vec!["ActivityFeed.Read".into()]),
            schedule: RefreshSchedule {
                outage_to_survive: Duration::from_secs(900),
                period: Duration::from_secs(300),
                confirm_after: Duration::from_secs(300),
            },
            clock: clock.clone(),
            random: Arc::new(HeldRandom::always(0)),
        });
        let leases = Arc::new(FakeLeases::default());
        let pause = Arc::new(FakePause::default());
        let renewer = renewer(&store);
        let vend = vend_by(renewer, (&store, &leases, &pause, &clock), &renewal);
        Self {
            renewal,
            vend,
            leases,
            runs: Arc::default(),
            pause,
            clock,
            store,
            issuer,
        }
    }

    fn vending(&self, renewer: Arc<dyn TokenRenewer>) -> Vend {
        let ports = (&self.store, &self.leases, &self.pause, &self.clock);
        vend_by(renewer, ports, &self.renewal)
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

type VendPorts<'a> = (
    &'a Arc<FakeStore>,
    &'a Arc<FakeLeases>,
    &'a Arc<FakePause>,
    &'a Arc<HeldClock>,
);

fn vend_by(
    renewer: Arc<dyn TokenRenewer>,
    (store, leases, pause, clock): VendPorts<'_>,
    renewal: &Renewal,
) -> Vend {
    Vend::new(VendParts {
        tokens: store.clone(),
        renewer,
        requirements: renewal.requirements.clone(),
        confirm_after: renewal.schedule.confirm_after,
        leases: leases.clone(),
        pause: pause.clone(),
        clock: clock.clone(),
        random: Arc::new(HeldRandom::always(0)),
        max_state_age: Duration::from_secs(30),
    })
}
