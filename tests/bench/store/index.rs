//! Today's design: a sparse, sharded index of what is due. Driven through the
//! refresher's use case and the production adapter, and counted by its meter.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::encoding::base64url;
use auth::ports::{AuthorityError, Clock as _, IssuedToken, TokenIssuer, TokenStore};
use auth::refresh::Refresh;
use auth::renew::Renewal;
use auth::requirements::Requirements;
use auth::schedule::RefreshSchedule;
use auth::token::AccessToken;
use auth::{Cloud, Resource, TenantId};
use aws::{CapacityMeter, Consumed, SystemClock, SystemRandom, Table};
use serde_json::json;

use super::dynamodb::Units;
use super::{Cost, ROLE};
use crate::fleet;
use crate::place::Place;

/// Adds up whatever the adapter does.
#[derive(Default)]
struct Meter(Mutex<Units>);

impl CapacityMeter for Meter {
    fn consumed(&self, consumed: &Consumed) {
        let mut units = self.0.lock().unwrap();
        match consumed.units {
            aws::Units::Read => units.read += consumed.total,
            aws::Units::Write => units.write += consumed.total,
        }
    }
}

impl Meter {
    fn take(&self) -> Units {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

/// An authority that always has a token of the usual size.
struct Willing;

#[async_trait]
impl TokenIssuer for Willing {
    async fn app_only_token(
        &self,
        tenant: TenantId,
        _cloud: Cloud,
        resource: &Resource,
    ) -> Result<IssuedToken, AuthorityError> {
        let claims = json!({
            "tid": tenant, "aud": resource.as_str(), "roles": [ROLE], "rest": "r".repeat(600),
        });
        let payload = base64url(claims.to_string().as_bytes());
        Ok(IssuedToken {
            // An RSA-2048 signature has 342 characters.
            access_token: AccessToken::new(format!("e30.{payload}.{}", "s".repeat(342))),
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
    let (ids, now) = (fleet::tenants(tenants), SystemClock.now());
    fleet::connect(&table, &ids, now).await;
    let tokens = Arc::new(place.tokens(table.clone()).await);
    let refresh = refresh(table, tokens.clone());
    let deadline = now + Duration::from_secs(3_000);
    // The first tokens come into rows that are smaller than they will be: not counted.
    let mut first = refresh.run(deadline).await;
    assert_eq!(first.refreshed as usize, tenants, "{first:?}");
    fleet::settle(tokens.as_ref(), &ids, now, now).await;
    meter.take();
    first = refresh.run(deadline).await;
    assert_eq!(first.refreshed as usize, tenants, "{first:?}");
    let full = meter.take();
    assert_eq!(refresh.run(deadline).await, Default::default());
    let empty = meter.take();
    tokens.read(ids[0], &fleet::resource()).await.unwrap();
    Cost::of(full, empty, meter.take(), tenants)
}

fn refresh(table: Table, tokens: Arc<dyn TokenStore>) -> Refresh {
    let leases = Arc::new(table.clone());
    let renewal = Renewal {
        tenants: Arc::new(table),
        tokens: Arc::clone(&tokens),
        issuer: Arc::new(Willing),
        requirements: Requirements::new(None, vec![ROLE.to_owned()]),
        schedule: RefreshSchedule {
            outage_to_survive: Duration::from_secs(900),
            period: Duration::from_secs(300),
            confirm_after: Duration::from_secs(300),
        },
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    };
    Refresh {
        tokens,
        leases,
        renewal: Arc::new(renewal),
        concurrency: 16,
        clock: Arc::new(SystemClock),
    }
}
