//! Changes of state: each is one event, the events of a tenant are a chain, and after
//! each the table says what the event said.

use std::collections::BTreeMap;

use auth::ports::Tenants;
use auth::{TenantId, TenantStatus, Timestamp};
use tests::events::Event;

use TenantStatus::{Active, Degraded, Revoked};

/// Where every tenant stands, and the way there.
#[derive(Default)]
pub struct Changes(BTreeMap<TenantId, Vec<(TenantStatus, TenantStatus)>>);

impl Changes {
    /// Enters the changes that were told at `now`; gives their number.
    pub async fn follow(&mut self, told: &[Event], table: &dyn Tenants, now: Timestamp) {
        let changes = told
            .iter()
            .filter(|event| event.name == "tenant_status_changed");
        for event in changes {
            let tenant: TenantId = event.field("tenant").parse().unwrap();
            let from: TenantStatus = event.field("from").parse().unwrap();
            let to: TenantStatus = event.field("to").parse().unwrap();
            assert_eq!(from, self.status(tenant), "{event:?} breaks the chain");
            assert_ne!(from, to, "{event:?} is no change");
            self.0.entry(tenant).or_default().push((from, to));
            let row = table.find(tenant).await.unwrap().unwrap();
            assert_eq!((row.status, row.since), (to, now), "{event:?}");
        }
    }

    /// The table says of every tenant what the events said: no change was silent.
    pub async fn agree_with(&self, table: &dyn Tenants, tenants: &[TenantId]) {
        for tenant in tenants {
            let row = table.find(*tenant).await.unwrap().unwrap();
            assert_eq!(row.status, self.status(*tenant), "{tenant}");
        }
    }

    /// How many there were.
    pub fn count(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    /// Exactly these, in this order: out of tokens once and back where `starved`, away
    /// once and back where `away`.
    pub fn are_exactly(&self, tenant: TenantId, starved: bool, away: bool) {
        let mut expected = Vec::new();
        if starved {
            expected.extend([(Active, Degraded), (Degraded, Active)]);
        }
        if away {
            expected.extend([(Active, Revoked), (Revoked, Active)]);
        }
        let told = self.0.get(&tenant).cloned().unwrap_or_default();
        assert_eq!(told, expected, "{tenant}");
    }

    /// The fleet begins active: connecting it is not this scenario's business.
    fn status(&self, tenant: TenantId) -> TenantStatus {
        let last = self.0.get(&tenant).and_then(|chain| chain.last());
        last.map_or(Active, |(_, to)| *to)
    }
}
