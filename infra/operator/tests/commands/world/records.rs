//! What the table holds for a test: tenants and their tokens.

use std::sync::Arc;
use std::time::Duration;

use auth::encoding::base64url;
use auth::ports::{Clock as _, Connecting, Settlement, Tenants as _, TokenStore as _, Write};
use auth::token::{AccessToken, AppOnlyToken};
use auth::turns::Look;
use auth::{Cause, CauseCode, Cloud, Resource, Tenant, TenantStatus, Timestamp};
use aws::{RingSource, SealedTokens, SecretFiles, SystemClock};
use feed::Window;
use feed::batch::BatchName;
use feed::content::ContentKey;
use feed::ledger::{BatchRow, BatchState, TenantFeed};
use feed::object_key::Format;
use feed::pass::Pass;
use feed::ports::Ledger as _;
use serde_json::json;

use super::directory::{CLIENT, TENANT, World};

impl World {
    /// With one active tenant.
    pub(crate) async fn connected() -> Self {
        let world = Self::start().await;
        let connected = tenant(TENANT, TenantStatus::Active, None);
        world.connect(&connected).await;
        world
    }

    /// Connects `tenant` as it is, with a record for the management API.
    pub(crate) async fn connect(&self, tenant: &Tenant) {
        let due_at = SystemClock.now();
        let resources = [management()];
        let write = self
            .table
            .connect(Connecting::new(tenant, &resources, due_at))
            .await;
        assert_eq!(write.unwrap(), Write::Done);
    }

    /// The store that seals with the run's ring.
    async fn sealed_tokens(&self) -> SealedTokens {
        let ring = RingSource {
            secrets: Arc::new(SecretFiles::new(self.secrets_directory())),
            name: "sealing-keys".to_owned(),
        };
        let (table, clock) = (self.table.clone(), Arc::new(SystemClock));
        let tokens = SealedTokens::load(table, ring, CLIENT.parse().unwrap(), clock);
        tokens.await.unwrap()
    }

    /// The tenant was refused an hour ago as if its consent were gone.
    pub(crate) async fn suspect(&self, id: &str) {
        let tokens = self.sealed_tokens().await;
        let record = tokens.read(id.parse().unwrap(), &management()).await;
        let now = SystemClock.now();
        let settlement = Settlement::Failure {
            next_attempt_at: now,
            refresh_at: now,
            failures: 1,
            cause: &CauseCode::NotConsented.into(),
            suspected_at: Some(now - Duration::from_secs(3600)),
            drop_token: false,
        };
        let write = tokens.settle(&record.unwrap().unwrap(), settlement).await;
        assert_eq!(write.unwrap(), Write::Done);
    }

    /// Gives the record of `id` a sealed token that lives for `life`; returns its text.
    pub(crate) async fn hold_token(&self, id: &str, life: Duration) -> String {
        let tokens = self.sealed_tokens().await;
        let record = tokens.read(id.parse().unwrap(), &management()).await;
        let text = jwt(id);
        let token = AppOnlyToken {
            issued_at: SystemClock.now(),
            access_token: AccessToken::new(text.clone()),
            expires_at: SystemClock.now() + life,
        };
        let settlement = Settlement::Token {
            token: &token,
            refresh_at: token.expires_at,
            look: Look::AtItsTurns,
        };
        let write = tokens.settle(&record.unwrap().unwrap(), settlement).await;
        assert_eq!(write.unwrap(), Write::Done);
        text
    }

    /// A run of the collector left this row, and a batch for what of each type is open.
    pub(crate) async fn collect(&self, feed: &TenantFeed) {
        assert_eq!(self.table.put_feed(feed).await.unwrap(), Write::Done);
        for one in &feed.types {
            let gaps = one.progress.as_ref().map(|open| open.unlisted(Pass::First));
            let gap = gaps.and_then(|first| first.gaps.windows().first());
            let open = one
                .totals
                .listed
                .checked_sub(one.totals.stored + one.totals.lost);
            if let Some((gap, open)) = gap.zip(open) {
                let hour = Window::hour_of(gap.start());
                let names = (0..open).map(|number| ContentKey::of(&number.to_string()));
                let contents: Vec<_> = names.collect();
                let row = BatchRow {
                    tenant: feed.tenant,
                    content_type: one.content_type,
                    hour,
                    name: BatchName::of(hour.start(), &contents),
                    contents,
                    format: Format::Gzip,
                    state: BatchState::Listed,
                };
                // There already, where the row was written before.
                let _ = self.table.put_batch(&row).await.unwrap();
            }
        }
    }

    /// The row of a tenant's audit log.
    pub(crate) async fn feed(&self, id: &str) -> TenantFeed {
        let found = self.table.feed(id.parse().unwrap()).await;
        found.unwrap().unwrap()
    }

    pub(crate) async fn find(&self, id: &str) -> Tenant {
        let found = self.table.find(id.parse().unwrap()).await;
        found.unwrap().unwrap()
    }
}

fn management() -> Resource {
    Cloud::Public.management_resource()
}

pub(crate) fn tenant(id: &str, status: TenantStatus, cause: Option<Cause>) -> Tenant {
    Tenant {
        customer: "Contoso, Inc.".parse().unwrap(),
        status,
        cause_resource: cause.is_some().then(management),
        cause,
        consented_at: Some(Timestamp::from_unix(1_431_655_100)),
        roles: vec!["ActivityFeed.Read".to_owned()],
        ..Tenant::connected(id.parse().unwrap(), Timestamp::from_unix(1_431_655_194))
    }
}

fn jwt(tenant: &str) -> String {
    let claims = json!({
        "aud": management().as_str(),
        "tid": tenant,
        "roles": ["ActivityFeed.Read"],
        "appid": CLIENT,
    });
    let payload = base64url(claims.to_string().as_bytes());
    format!("e30.{payload}.c2lnbmF0dXJl")
}
