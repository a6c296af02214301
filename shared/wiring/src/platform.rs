//! What every function stands on, as its `main` or the one-machine run hands it over.

use std::sync::Arc;
use std::time::Duration;

use auth::metric::Metric;
use auth::ports::{Clock, Meter, Pause, Random, SecretSource};
use aws::{HttpClient, SystemClock, SystemPause, SystemRandom, Table, connect_to_aws};

/// The table, the secrets, the time and chance.
#[derive(Clone)]
pub struct Platform {
    /// The table.
    pub table: Table,
    /// Certificate, consent keys, sealing ring.
    pub secrets: Arc<dyn SecretSource>,
    /// The machine's clock.
    pub clock: Arc<dyn Clock>,
    /// What keys, ids and jitter are made of.
    pub random: Arc<dyn Random>,
    /// How a task waits.
    pub pause: Arc<dyn Pause>,
    /// Where figures go; `None` where nobody watches: one machine, the operator's tool.
    pub meter: Option<Arc<dyn Meter>>,
}

impl Platform {
    /// AWS itself, where the SDK's own variables say, asked through `client`.
    pub async fn on_aws(table_name: &str, client: HttpClient) -> Self {
        let connection = connect_to_aws(client).await;
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        Self {
            table: connection.table(table_name, Arc::clone(&random)),
            secrets: Arc::new(connection.secrets()),
            clock: Arc::new(SystemClock),
            random,
            pause: Arc::new(SystemPause),
            meter: None,
        }
    }

    /// The same, watched.
    pub fn metered(self, meter: Option<Arc<dyn Meter>>) -> Self {
        Self { meter, ..self }
    }

    /// Tells how long a new process took to be ready. `began`: the clock's reading at the
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
