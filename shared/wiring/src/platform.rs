//! What every function stands on, as its start, the one-machine run or the operator's tool
//! hands it over.

use std::sync::Arc;
use std::time::Duration;

use auth::metric::Metric;
use auth::on_demand::{NoFunction, OnDemandPorts};
use auth::ports::{Clock, Meter, Pause, Random, SecretSource};
use aws::{
    CapacityMeter, Connection, HttpClient, SystemClock, SystemPause, SystemRandom, connect_to_aws,
};
use feed::ports::Wakes;

use crate::settings::TableNames;
use crate::store::Store;

/// The tables, the secrets, the time and chance.
#[derive(Clone)]
pub struct Platform {
    /// What the tables keep.
    pub store: Store,
    /// Certificate, consent keys, sealing ring, the webhook's keys.
    pub secrets: Arc<dyn SecretSource>,
    /// By which everything is judged to be new, old or over.
    pub clock: Arc<dyn Clock>,
    /// Identifiers, nonces, jitter.
    pub random: Arc<dyn Random>,
    /// How a task waits for a moment.
    pub pause: Arc<dyn Pause>,
    /// The function that signs, for those who ask it.
    pub on_demand: OnDemandPorts,
    /// AWS in the name of this process itself: what it stores there and what it signs. `None`
    /// where it does neither.
    pub own: Option<Connection>,
    /// A queue of this process's own, in place of the one that settings name.
    pub wakes: Option<Arc<dyn Wakes>>,
    /// Where figures go; `None` where no one watches: one machine, the operator's tool.
    pub meter: Option<Arc<dyn Meter>>,
}

impl Platform {
    /// Over `store`, with the system's own timer, unwatched, and with no function that signs.
    pub fn new(
        store: Store,
        secrets: Arc<dyn SecretSource>,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
    ) -> Self {
        Self {
            store,
            secrets,
            clock,
            random,
            pause: Arc::new(SystemPause),
            on_demand: OnDemandPorts::one(Arc::new(NoFunction)),
            own: None,
            wakes: None,
            meter: None,
        }
    }

    /// The same, with what its requests for the table cost reported to `meter`.
    pub(crate) fn metered(self, meter: Arc<dyn CapacityMeter>) -> Self {
        let store = self.store.metered(meter);
        Self { store, ..self }
    }

    /// AWS itself, where the SDK's own variables say, asked through `client`. `on_demand`: the
    /// function that signs, by the alias of the one asker that this process is.
    pub async fn on_aws(tables: &TableNames, on_demand: Option<&str>, client: HttpClient) -> Self {
        let connection = connect_to_aws(client).await;
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        let store = Store::on(&connection, tables, Arc::clone(&random));
        let secrets = Arc::new(connection.secrets());
        let mut platform = Self::new(store, secrets, Arc::new(SystemClock), random);
        if let Some(function) = on_demand {
            platform.on_demand = OnDemandPorts::one(Arc::new(connection.on_demand(function)));
        }
        platform.own = Some(connection);
        platform
    }

    /// Records how long a new process took to be ready. `began`: the clock's reading at the
    /// beginning.
    pub fn ready(&self, began: Duration) {
        if let Some(meter) = &self.meter {
            let took = self.clock.since_start().saturating_sub(began);
            meter.record(Metric::ColdStart, milliseconds(took));
            meter.flush();
        }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
