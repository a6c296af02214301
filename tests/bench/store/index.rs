//! A fleet over the production adapter and the refresher's use case, in cycles of runs: what
//! each kind of request takes, as the table counts it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auth::ports::{AuthorityError, Clock as _, HeldClock, IssuedToken, TokenIssuer, TokenStore};
use auth::refresh::Refresh;
use auth::renew::Renewal;
use auth::requirements::Requirements;
use auth::schedule::RefreshSchedule;
use auth::token::AccessToken;
use auth::{ClientId, Cloud, Resource, TenantId};
use aws::{Operation, SystemClock, SystemPause, SystemRandom, Table};
use tests::sample_token::{Sample, Version};

use super::{Cost, ROLE};
use crate::fleet;
use crate::meter::Meter;
use crate::place::Place;

/// How often the schedule comes.
const PERIOD: i64 = 300;
/// So many runs are a cycle of 1,979 s and a little more.
const RUNS: u32 = 7;

/// What renews a token.
const RENEWING: &[Operation] = &[Operation::Settle, Operation::Read];

/// An authority that always has a token as large as Entra ID's.
struct Willing(ClientId);

#[async_trait]
impl TokenIssuer for Willing {
    async fn app_only_token(
        &self,
        tenant: TenantId,
        _cloud: Cloud,
        resource: &Resource,
    ) -> Result<IssuedToken, AuthorityError> {
        let sample = Sample {
            tenant,
            client: self.0,
            resource,
            roles: &[ROLE],
        };
        Ok(IssuedToken {
            access_token: AccessToken::new(sample.text(Version::V1)),
            expires_in: Duration::from_secs(3_599),
            refresh_in: None,
        })
    }
}

/// Fills `table` and counts.
pub(super) async fn measure(place: &Place, table: Table, tenants: usize) -> Cost {
    let meter = Arc::new(Meter::default());
    let table = table.with_meter(meter.clone());
    table.create().await.unwrap();
    let clock = Arc::new(HeldClock::at(SystemClock.now().unix()));
    let (ids, now) = (fleet::tenants(tenants), clock.now());
    fleet::connect(&table, &ids, now).await;
    let tokens = Arc::new(place.tokens(table.clone()).await);
    let refresh = refresh(place, table, tokens.clone(), clock.clone());
    let run = async || {
        refresh
            .run(clock.now() + Duration::from_secs(100_000))
            .await
    };

    meter.take(RENEWING);
    let first = run().await;
    assert_eq!(first.refreshed as usize, tenants, "{first:?}");
    let [first, _] = meter.take(RENEWING);
    // Until each is renewed in its turn.
    for _ in 0..RUNS {
        clock.advance(PERIOD);
        run().await;
    }
    meter.take(RENEWING);
    let mut renewed = 0;
    for _ in 0..RUNS {
        clock.advance(PERIOD);
        renewed += run().await.refreshed;
    }
    let [renewals, runs] = meter.take(RENEWING);
    assert_eq!(run().await, Default::default());
    let [_, empty] = meter.take(RENEWING);
    tokens.read(ids[0], &fleet::resource()).await.unwrap();
    let [vend, _] = meter.take(RENEWING);
    Cost {
        tenants,
        first: first.each(tenants as f64),
        refresh: renewals.each(f64::from(renewed)),
        run: runs.each(f64::from(RUNS)),
        empty,
        vend,
    }
}

fn refresh(
    place: &Place,
    table: Table,
    tokens: Arc<dyn TokenStore>,
    clock: Arc<HeldClock>,
) -> Refresh {
    let client = place.lookup("ENTRA_CLIENT_ID").unwrap().parse().unwrap();
    let shared = Arc::new(table.clone());
    let renewal = Renewal {
        tenants: Arc::new(table),
        tokens: Arc::clone(&tokens),
        issuer: Arc::new(Willing(client)),
        requirements: Requirements::new(None, vec![ROLE.to_owned()]),
        schedule: RefreshSchedule {
            outage_to_survive: Duration::from_secs(900),
            period: Duration::from_secs(PERIOD.unsigned_abs()),
            confirm_after: Duration::from_secs(300),
        },
        clock: clock.clone(),
        random: Arc::new(SystemRandom),
    };
    Refresh {
        tokens,
        leases: shared.clone(),
        runs: shared,
        spending: None,
        renewal: Arc::new(renewal),
        concurrency: 16,
        clock,
        pause: Arc::new(SystemPause),
    }
}
