//! What every function stands on, as its `main` or the one-machine run hands it over.

use std::sync::Arc;

use auth::ports::{Clock, Pause, Random, SecretSource};

use crate::connect::{Endpoint, connect};
use crate::system::{SystemClock, SystemPause, SystemRandom};
use crate::table::Table;

/// The table, the secrets, the time and chance.
#[derive(Clone)]
pub struct Platform {
    /// The table.
    pub table: Table,
    /// Certificate, consent keys, sealing ring.
    pub secrets: Arc<dyn SecretSource>,
    /// Now.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// Waiting.
    pub pause: Arc<dyn Pause>,
}

impl Platform {
    /// AWS itself, where the SDK's own variables say.
    pub async fn on_aws(table_name: &str) -> Self {
        let connection = connect(&Endpoint::Environment).await;
        let random: Arc<dyn Random> = Arc::new(SystemRandom);
        Self {
            table: connection.table(table_name, Arc::clone(&random)),
            secrets: Arc::new(connection.secrets()),
            clock: Arc::new(SystemClock),
            random,
            pause: Arc::new(SystemPause),
        }
    }
}
