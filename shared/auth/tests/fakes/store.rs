//! A table of one tenant, held in memory, with another writer who can come first.

use std::ops::RangeInclusive;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use auth::ports::{
    Connecting, DuePage, Listing, ListingPage, Paging, Settlement, StoreError, Tenants, TokenStore,
    Write,
};
use auth::turns::Look;
use auth::version::Version;
use auth::{AppOnlyToken, Resource, Tenant, TenantId, Timestamp, TokenRecord};

use super::{START, resource, tenant, token_text};

/// One tenant with one token record.
pub struct FakeStore {
    pub reads: AtomicU32,
    pub(super) state: Mutex<State>,
}

pub(super) struct State {
    tenant: Tenant,
    record: TokenRecord,
    written: u64,
    failing: Option<StoreError>,
    /// The tenant was removed, and its record with it.
    gone: bool,
    /// The life of the token that another writer puts just before the next write.
    rival: Option<AppOnlyToken>,
}

impl FakeStore {
    pub fn change(&self, change: impl FnOnce(&mut TokenRecord)) {
        change(&mut self.state.lock().unwrap().record);
    }

    /// Another process has changed the record: who read it before writes nothing any more.
    pub fn replace(&self, change: impl FnOnce(&mut TokenRecord)) {
        let mut state = self.state.lock().unwrap();
        state.record.version = state.next_version();
        change(&mut state.record);
    }

    /// Another process has removed the tenant.
    pub fn remove_record(&self) {
        self.state.lock().unwrap().gone = true;
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
            Settlement::Token {
                token, refresh_at, ..
            } => {
                record.token = Some(token.clone());
                record.refresh_at = refresh_at;
                record.failures = 0;
                record.next_attempt_at = None;
                record.last_failure = None;
                record.suspected_at = None;
            }
            Settlement::Failure {
                next_attempt_at,
                refresh_at,
                failures,
                cause,
                suspected_at,
                drop_token,
            } => {
                record.last_failure = Some(cause.clone());
                record.suspected_at = suspected_at;
                record.refresh_at = refresh_at;
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
                let is_it = id == state.record.tenant && *of == state.record.resource;
                let here = is_it && !state.gone;
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

    async fn due(&self, shard: u32, now: Timestamp, _: &Paging) -> Result<DuePage, StoreError> {
        let record = self.record();
        let due = shard == 0 && record.refresh_at <= now;
        let named = due.then_some((record.tenant, record.resource));
        Ok(DuePage {
            records: named.into_iter().collect(),
            next: None,
        })
    }

    async fn at_turns(
        &self,
        _: u32,
        _: &RangeInclusive<u8>,
        _: &Paging,
    ) -> Result<DuePage, StoreError> {
        // The one record is looked at when it is due.
        Ok(DuePage::default())
    }

    async fn look_again(&self, _: TenantId, _: &Resource, _: Timestamp) -> Result<(), StoreError> {
        Ok(())
    }

    async fn put_back(&self, _: &TokenRecord, _: Look, _: Timestamp) -> Result<Write, StoreError> {
        Ok(Write::Stale)
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

    async fn next_attempt_at(
        &self,
        id: TenantId,
        of: &Resource,
    ) -> Result<Option<Timestamp>, StoreError> {
        let record = self.read(id, of).await?;
        Ok(record.and_then(|record| record.next_attempt_at))
    }

    async fn connect(&self, connecting: Connecting<'_>) -> Result<Write, StoreError> {
        self.state.lock().unwrap().tenant = connecting.after.clone();
        Ok(Write::Done)
    }

    async fn change(&self, _: &Tenant, after: &Tenant) -> Result<Write, StoreError> {
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
            ..ListingPage::default()
        })
    }
}

pub(super) fn state(now: Timestamp, life: u64) -> State {
    let (id, version) = (tenant(), Version("0".into()));
    let tenant = Tenant {
        consented_at: Some(now - Duration::from_secs(86_400)),
        version: Some(version.clone()),
        ..Tenant::connected(id, now)
    };
    let record = TokenRecord {
        tenant: id,
        resource: resource(),
        customer: tenant.customer.clone(),
        cloud: tenant.cloud,
        status: tenant.status,
        cause: None,
        tags: Default::default(),
        token: Some(AppOnlyToken {
            access_token: token_text(&id.to_string(), "ActivityFeed.Read"),
            expires_at: now + Duration::from_secs(life),
            issued_at: now - Duration::from_secs(3600),
        }),
        refresh_at: now + Duration::from_secs(life / 2),
        failures: 0,
        next_attempt_at: None,
        last_failure: None,
        suspected_at: None,
        version,
    };
    State {
        tenant,
        record,
        written: 0,
        failing: None,
        gone: false,
        rival: None,
    }
}
