//! A data directory as the functions see it: their variables, secrets and table.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auth::ports::SecretSource;
use aws::{
    ControlTable, Endpoint, RingSource, SealedTokens, SecretFiles, SystemClock, SystemRandom,
    Table, connect,
};
use serde_json::Value;
use wiring::settings::TableNames;
use wiring::{Basis, Platform, Store};

use crate::child::json_file;

/// What `run.json` says of a run.
pub(crate) struct Place {
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) secrets_directory: PathBuf,
    table: Endpoint,
}

impl Place {
    pub(crate) fn of(data_dir: &Path) -> Self {
        let run = json_file(&data_dir.join("run.json"));
        Self {
            variables: serde_json::from_value(run["settings"].clone()).unwrap(),
            secrets_directory: run["secrets_directory"].as_str().unwrap().into(),
            table: endpoint(&run),
        }
    }

    pub(crate) fn lookup(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    pub(crate) fn secrets(&self) -> Arc<dyn SecretSource> {
        Arc::new(SecretFiles::new(&self.secrets_directory))
    }

    pub(crate) async fn platform(&self) -> Platform {
        let store = store_at(&self.table, &self.variables["TABLE_NAME"]).await;
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        Platform::new(store, self.secrets(), clock, random)
    }

    /// The same with the function that signs in this process: a token that is nowhere is made.
    pub(crate) async fn signing(&self) -> Platform {
        let mut platform = self.platform().await;
        let basis = Basis::on(&platform, &|name| self.lookup(name)).unwrap();
        platform.on_demand = refresher::in_process(basis).await.unwrap();
        platform
    }

    /// The bare client of its table.
    pub(crate) async fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        connect(&self.table).await.dynamodb()
    }

    /// The token store over `table`, with this place's ring.
    pub(crate) async fn tokens(&self, table: Table) -> SealedTokens {
        let source = RingSource {
            secrets: self.secrets(),
            name: self.variables["SEALING_KEYS_SECRET_ID"].clone(),
        };
        let client_id = self.variables["ENTRA_CLIENT_ID"].parse().unwrap();
        SealedTokens::load(table, source, client_id, Arc::new(SystemClock))
            .await
            .unwrap()
    }
}

/// Where the table of a run is, with TLS where the run has it.
fn endpoint(run: &Value) -> Endpoint {
    let url = run["table_endpoint"].as_str().unwrap().to_owned();
    match run["ca_file"].as_str() {
        Some(file) => Endpoint::LocalTls {
            url,
            ca_pem: std::fs::read_to_string(file).unwrap(),
        },
        None => Endpoint::Local(url),
    }
}

/// The tables at an endpoint without TLS: the one with this name, and the control table beside it.
pub(crate) async fn store(endpoint: &str, name: &str) -> Store {
    store_at(&Endpoint::Local(endpoint.to_owned()), name).await
}

async fn store_at(endpoint: &Endpoint, name: &str) -> Store {
    let connection = connect(endpoint).await;
    let tables = TableNames {
        table: name.to_owned(),
        control: ControlTable::name_beside(name),
    };
    Store::on(&connection, &tables, Arc::new(SystemRandom))
}
