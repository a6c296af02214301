//! Ports held in memory: a clock that is moved, a table of one tenant, an authority
//! that gives or refuses. They remember what was asked of them.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses what it needs"
)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::cause::{Cause, CauseCode};
use auth::encoding::base64url;
use auth::ports::{
    AuthorityError, Clock, IssuedToken, Lease, Leases, Listing, ListingPage, Pause, Random,
    Settlement, StoreError, Tenants, TokenIssuer, TokenStore, Write,
};
use auth::renew::Renewal;
use auth::requirements::Requirements;
use auth::schedule::RefreshSchedule;
use auth::token::Version;
use auth::vend::{Vend, VendParts};
use auth::{
    AccessToken, AppOnlyToken, Cloud, Customer, Resource, Tenant, TenantId, TenantStatus,
    Timestamp, TokenRecord,
};

pub fn tenant() -> TenantId {
    "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap()
}

pub fn resource() -> Resource {
    Cloud::Public.management_resource()
}

pub struct FakeClock(AtomicI64);

impl FakeClock {
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(Ordering::SeqCst))
    }
}

pub struct Zeros;

impl Random for Zeros {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

/// One lease, whatever its name; somebody else can hold it.
#[derive(Default)]
pub struct FakeLeases {
    held_until: Mutex<Option<Timestamp>>,
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
        if held_until.is_some_and(|end| end > now) {
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
}

impl FakeIssuer {
    pub fn refuse(&self, code: CauseCode) {
        *self.answer.lock().unwrap() = Err(code);
    }

    pub fn give(&self, life: u64) {
        let token = token_text(&tenant().to_string(), "ActivityFeed.Read");
        *self.answer.lock().unwrap() = Ok((token, life));
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
        self.asked.fetch_add(1, Ordering::SeqCst);
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

/// One tenant with one token record.
pub struct FakeStore {
    pub reads: AtomicU32,
    state: Mutex<State>,
}

struct State {
    tenant: Tenant,
    record: TokenRecord,
    written: u64,
    failing: Option<StoreError>,
    /// The life of the token that another writer puts just before the next write.
    rival: Option<AppOnlyToken>,
}

impl FakeStore {
    pub fn change(&self, change: impl FnOnce(&mut TokenRecord)) {
        change(&mut self.state.lock().unwrap().record);
    }

    pub fn fail(&self, error: StoreError) {
        self.state.lock().unwrap().failing = Some(error);
    }

    pub fn record(&self) -> TokenRecord {
        self.state.lock().unwrap().record.clone()
    }

    pub fn tenant(&self) -> Tenant {
        self.state.lock().unwrap().tenant.clone()
    }

    /// Another process has written a token that lives `life` seconds from the start.
    pub fn write_token(&self, life: u64) {
        let mut state = self.state.lock().unwrap();
        state.record.version = state.next_version();
        let token = state.record.token.as_mut().unwrap();
        token.expires_at = Timestamp::from_unix(START) + Duration::from_secs(life);
    }

    pub fn another_writer_is_first(&self, life: u64) {
        let mut state = self.state.lock().unwrap();
        let expires_at = Timestamp::from_unix(START) + Duration::from_secs(life);
        state.rival = Some(AppOnlyToken {
            access_token: token_text(&tenant().to_string(), "ActivityFeed.Read"),
            expires_at,
            issued_at: Timestamp::from_unix(START),
        });
    }
}

impl State {
    fn next_version(&mut self) -> Version {
        self.written += 1;
        Version(self.written.to_string())
    }

    fn write(&mut self, read: &TokenRecord, settlement: Settlement<'_>) -> Write {
        if let Some(token) = self.rival.take() {
            self.record.token = Some(token);
            self.record.version = self.next_version();
        }
        if self.record.version != read.version {
            return Write::Stale;
        }
        self.record.version = self.next_version();
        let record = &mut self.record;
        match settlement {
            Settlement::Token { token, refresh_at } => {
                record.token = Some(token.clone());
                record.refresh_at = refresh_at;
                record.failures = 0;
                record.next_attempt_at = None;
                record.last_failure = None;
            }
            Settlement::Failure {
                next_attempt_at,
                failures,
                cause,
                drop_token,
            } => {
                record.last_failure = Some(cause.clone());
                record.refresh_at = next_attempt_at;
                record.next_attempt_at = Some(next_attempt_at);
                record.failures = failures;
                if drop_token {
                    record.token = None;
                }
            }
        }
        Write::Done
    }
}

#[async_trait]
impl TokenStore for FakeStore {
    async fn read(&self, id: TenantId, of: &Resource) -> Result<Option<TokenRecord>, StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let state = self.state.lock().unwrap();
        match &state.failing {
            Some(error) => Err(error.clone()),
            None => {
                let here = id == state.record.tenant && *of == state.record.resource;
                Ok(here.then(|| state.record.clone()))
            }
        }
    }

    async fn read_latest(
        &self,
        id: TenantId,
        of: &Resource,
    ) -> Result<Option<TokenRecord>, StoreError> {
        self.read(id, of).await
    }

    async fn due(
        &self,
        shard: u32,
        now: Timestamp,
        _: u32,
    ) -> Result<Vec<(TenantId, Resource)>, StoreError> {
        let record = self.record();
        let due = shard == 0 && record.refresh_at <= now;
        Ok(due
            .then_some((record.tenant, record.resource))
            .into_iter()
            .collect())
    }

    fn shards(&self) -> u32 {
        1
    }

    async fn settle(
        &self,
        record: &TokenRecord,
        settlement: Settlement<'_>,
    ) -> Result<Write, StoreError> {
        Ok(self.state.lock().unwrap().write(record, settlement))
    }

    async fn settle_and_change(
        &self,
        record: &TokenRecord,
        settlement: Settlement<'_>,
        _: &Tenant,
        after: &Tenant,
    ) -> Result<Write, StoreError> {
        let mut state = self.state.lock().unwrap();
        let write = state.write(record, settlement);
        if write == Write::Done {
            state.tenant = after.clone();
            state.record.status = after.status;
            state.record.cause = after.cause.clone();
        }
        Ok(write)
    }
}

#[async_trait]
impl Tenants for FakeStore {
    async fn find(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        let tenant = self.tenant();
        Ok((tenant.id == id).then_some(tenant))
    }

    async fn connect(
        &self,
        _: Option<&Tenant>,
        after: &Tenant,
        _: &[Resource],
        _: Timestamp,
    ) -> Result<Write, StoreError> {
        self.state.lock().unwrap().tenant = after.clone();
        Ok(Write::Done)
    }

    async fn remove(&self, _: &Tenant, after: &Tenant) -> Result<Write, StoreError> {
        self.state.lock().unwrap().tenant = after.clone();
        Ok(Write::Done)
    }

    async fn list(&self, _: &Listing) -> Result<ListingPage, StoreError> {
        Ok(ListingPage {
            tenants: vec![self.tenant()],
            next: None,
        })
    }
}

const START: i64 = 1_800_000_000;

/// Everything together, with an active tenant.
pub struct World {
    pub clock: Arc<FakeClock>,
    pub store: Arc<FakeStore>,
    pub issuer: Arc<FakeIssuer>,
    pub leases: Arc<FakeLeases>,
    pub pause: Arc<FakePause>,
    pub vend: Vend,
}

impl World {
    /// The table holds a token that lives `life` seconds.
    pub fn with_token(life: u64) -> Self {
        let now = Timestamp::from_unix(START);
        let clock = Arc::new(FakeClock(AtomicI64::new(START)));
        let store = Arc::new(FakeStore {
            reads: AtomicU32::new(0),
            state: Mutex::new(state(now, life)),
        });
        let issuer = Arc::new(FakeIssuer {
            asked: AtomicU32::new(0),
            answer: Mutex::new(Err(CauseCode::Unavailable)),
        });
        issuer.give(3599);
        let renewal = Arc::new(Renewal {
            tenants: store.clone(),
            tokens: store.clone(),
            issuer: issuer.clone(),
            requirements: Requirements::new(None, vec!["ActivityFeed.Read".into()]),
            schedule: RefreshSchedule {
                outage_to_survive: Duration::from_secs(900),
                period: Duration::from_secs(300),
            },
            clock: clock.clone(),
            random: Arc::new(Zeros),
        });
        let leases = Arc::new(FakeLeases::default());
        let pause = Arc::new(FakePause::default());
        let vend = Vend::new(VendParts {
            tokens: store.clone(),
            renewal,
            leases: leases.clone(),
            pause: pause.clone(),
            clock: clock.clone(),
            random: Arc::new(Zeros),
            max_state_age: Duration::from_secs(30),
        });
        Self {
            vend,
            leases,
            pause,
            clock,
            store,
            issuer,
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

fn state(now: Timestamp, life: u64) -> State {
    let (id, version) = (tenant(), Version("0".into()));
    let tenant = Tenant {
        id,
        customer: Customer::itself(id),
        cloud: Cloud::Public,
        status: TenantStatus::Active,
        cause: None,
        cause_resource: None,
        since: now,
        consented_at: now - Duration::from_secs(86_400),
        roles: vec![],
        version: version.clone(),
    };
    let record = TokenRecord {
        tenant: id,
        resource: resource(),
        customer: tenant.customer.clone(),
        cloud: tenant.cloud,
        status: tenant.status,
        cause: None,
        token: Some(AppOnlyToken {
            access_token: token_text(&id.to_string(), "ActivityFeed.Read"),
            expires_at: now + Duration::from_secs(life),
            issued_at: now - Duration::from_secs(3600),
        }),
        refresh_at: now + Duration::from_secs(life / 2),
        failures: 0,
        next_attempt_at: None,
        last_failure: None,
        version,
    };
    State {
        tenant,
        record,
        written: 0,
        failing: None,
        rival: None,
    }
}
