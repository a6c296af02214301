//! Ports that stop for good after one step of a refresh run, for a process that is
//! killed there. From then on no other port of that process goes on either, so that
//! what was done at the moment of the kill is known.

use std::future::pending;
use std::io::Write as _;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use auth::ports::{
    AuthorityError, IssuedToken, Lease, Leases, Looked, Settlement, StoreError, TokenIssuer,
    TokenStore, Write,
};
use auth::refresh::Refresh;
use auth::renew::Renewal;
use auth::{Cloud, Resource, Tenant, TenantId, Timestamp, TokenRecord};
use futures::future::BoxFuture;

/// The steps of a refresh run, each named by what has just been done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A shard's rows were read: those that wait for no turn, or whose turn came.
    Due,
    /// The shard's lease was taken.
    Leased,
    /// A record was read.
    Read,
    /// Entra ID has given a token, which nobody has written yet.
    Issued,
    /// The token was written.
    Settled,
    /// A shard's lease was given back, which is done at the end of a run.
    Released,
}

impl Step {
    /// Every step, in the order of a run.
    pub const ALL: [(Step, &str); 6] = [
        (Step::Due, "due"),
        (Step::Leased, "leased"),
        (Step::Read, "read"),
        (Step::Issued, "issued"),
        (Step::Settled, "settled"),
        (Step::Released, "released"),
    ];

    /// The step of that name.
    pub fn named(name: &str) -> Option<Step> {
        Step::ALL
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(step, _)| *step)
    }
}

/// Where everything stops.
pub struct Halt {
    at: Step,
    halted: AtomicBool,
}

impl Halt {
    /// After `step` was done for the first time.
    pub fn at(step: Step) -> Self {
        Self {
            at: step,
            halted: AtomicBool::new(false),
        }
    }

    async fn before(&self) {
        if self.halted.load(Ordering::SeqCst) {
            pending::<()>().await;
        }
    }

    async fn after(&self, step: Step) {
        if step == self.at && !self.halted.swap(true, Ordering::SeqCst) {
            let mut stdout = std::io::stdout();
            writeln!(stdout, "halted").unwrap();
            stdout.flush().unwrap();
        }
        self.before().await;
    }

    async fn step<T>(&self, step: Step, work: BoxFuture<'_, T>) -> T {
        self.before().await;
        let done = work.await;
        self.after(step).await;
        done
    }
}

/// The same run, with ports that halt.
pub fn halting(refresh: Refresh, halt: Arc<Halt>) -> Refresh {
    let Ok(renewal) = Arc::try_unwrap(refresh.renewal) else {
        panic!("nobody else holds the renewal of a refresher that was just built");
    };
    let tokens: Arc<dyn TokenStore> = Arc::new(Halting(refresh.tokens, halt.clone()));
    Refresh {
        tokens: tokens.clone(),
        leases: Arc::new(Halting(refresh.leases, halt.clone())),
        renewal: Arc::new(Renewal {
            tokens,
            issuer: Arc::new(Halting(renewal.issuer.clone(), halt)),
            ..renewal
        }),
        // One record after the other: what was done at the step is one record's.
        concurrency: 1,
        ..refresh
    }
}

struct Halting<P>(P, Arc<Halt>);

#[async_trait::async_trait]
impl Leases for Halting<Arc<dyn Leases>> {
    async fn take(
        &self,
        name: &str,
        now: Timestamp,
        until: Timestamp,
    ) -> Result<Option<Lease>, StoreError> {
        self.1
            .step(Step::Leased, self.0.take(name, now, until))
            .await
    }

    async fn release(&self, lease: Lease) -> Result<(), StoreError> {
        self.1.step(Step::Released, self.0.release(lease)).await
    }

    async fn release_at(&self, lease: Lease, looked: Looked) -> Result<(), StoreError> {
        let releasing = self.0.release_at(lease, looked);
        self.1.step(Step::Released, releasing).await
    }

    async fn looked(&self, name: &str) -> Result<Option<Looked>, StoreError> {
        self.1.before().await;
        self.0.looked(name).await
    }
}

#[async_trait::async_trait]
impl TokenIssuer for Halting<Arc<dyn TokenIssuer>> {
    async fn app_only_token(
        &self,
        tenant: TenantId,
        cloud: Cloud,
        resource: &Resource,
    ) -> Result<IssuedToken, AuthorityError> {
        let asking = self.0.app_only_token(tenant, cloud, resource);
        self.1.step(Step::Issued, asking).await
    }
}

#[async_trait::async_trait]
impl TokenStore for Halting<Arc<dyn TokenStore>> {
    async fn read(
        &self,
        tenant: TenantId,
        resource: &Resource,
    ) -> Result<Option<TokenRecord>, StoreError> {
        self.1.step(Step::Read, self.0.read(tenant, resource)).await
    }

    async fn read_latest(
        &self,
        tenant: TenantId,
        resource: &Resource,
    ) -> Result<Option<TokenRecord>, StoreError> {
        self.0.read_latest(tenant, resource).await
    }

    async fn due(
        &self,
        shard: u32,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<(TenantId, Resource)>, StoreError> {
        self.1.before().await;
        let due = self.0.due(shard, now, limit).await?;
        // A shard with nothing to do has no further step.
        if !due.is_empty() {
            self.1.after(Step::Due).await;
        }
        Ok(due)
    }

    async fn at_turns(
        &self,
        shard: u32,
        slots: &RangeInclusive<u8>,
    ) -> Result<Vec<(TenantId, Resource)>, StoreError> {
        self.1.before().await;
        let found = self.0.at_turns(shard, slots).await?;
        if !found.is_empty() {
            self.1.after(Step::Due).await;
        }
        Ok(found)
    }

    async fn look_again(
        &self,
        tenant: TenantId,
        resource: &Resource,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        self.1.before().await;
        self.0.look_again(tenant, resource, at).await
    }

    fn shards(&self) -> u32 {
        self.0.shards()
    }

    async fn settle(
        &self,
        record: &TokenRecord,
        settlement: Settlement<'_>,
    ) -> Result<Write, StoreError> {
        self.1
            .step(Step::Settled, self.0.settle(record, settlement))
            .await
    }

    async fn settle_and_change(
        &self,
        record: &TokenRecord,
        settlement: Settlement<'_>,
        before: &Tenant,
        after: &Tenant,
    ) -> Result<Write, StoreError> {
        let settling = self.0.settle_and_change(record, settlement, before, after);
        self.1.step(Step::Settled, settling).await
    }
}
