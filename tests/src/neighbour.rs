//! A neighbour: functions of another process on the table of a run that is under way,
//! built from what its `run.json` says.

use std::path::Path;
use std::sync::Arc;

use auth::on_demand::OnDemandPorts;
use auth::ports::{Clock, Listing, SecretSource, Settlement, Write};
use auth::turns::Look;
use auth::{Resource, TenantId};
use aws::{Connection, Endpoint, SecretFiles, SystemRandom};
use lambda::function::{Ahead, Function};
use microsoft::load_signing_key;
use refresher::Refresher;
use serde_json::Value;
use vending::Vending;
use wiring::settings::{
    CONTROL_TABLE_NAME, FunctionSettings, RefresherSettings, TABLE_NAME, TableNames,
};
use wiring::{Basis, Platform, Store};

/// What the function that signs is called in Lambda.
pub const ON_DEMAND: &str = "on-demand";

/// Functions of another process on a run's table.
pub struct Neighbour {
    /// The run's table and secrets, and a clock of the neighbour's own.
    pub platform: Platform,
    run: Value,
}

/// The function that signs, over this connection: each asker by its alias.
pub fn by_aliases(connection: &Connection) -> OnDemandPorts {
    OnDemandPorts::by(|asker| {
        Arc::new(connection.on_demand(format!("{ON_DEMAND}:{}", asker.alias())))
    })
}

impl Neighbour {
    /// The same where every request to AWS goes to `url`: for secrets too, and what the function
    /// that signs is asked.
    pub async fn behind(url: &str, data_dir: &Path, clock: Arc<dyn Clock>) -> Self {
        let run = run_file(data_dir);
        let connection = aws::connect(&Endpoint::Local(url.to_owned())).await;
        let random = Arc::new(SystemRandom);
        let store = Store::on(&connection, &tables(&run), random.clone());
        let secrets = Arc::new(connection.secrets());
        let mut platform = Platform::new(store, secrets, clock, random);
        platform.on_demand = by_aliases(&connection);
        Self { platform, run }
    }

    /// Of the run in `data_dir`, living by `clock`.
    pub async fn of(data_dir: &Path, clock: Arc<dyn Clock>) -> Self {
        Self::at_table(&table_of(data_dir), data_dir, clock).await
    }

    /// The same with the table at `url`, which stands in front of the run's own.
    pub async fn at_table(url: &str, data_dir: &Path, clock: Arc<dyn Clock>) -> Self {
        let directory = run_file(data_dir)["secrets_directory"].take();
        let secrets = Arc::new(SecretFiles::new(directory.as_str().unwrap()));
        Self::with_secrets(secrets, url, data_dir, clock).await
    }

    /// The same with secrets of the run's names that are elsewhere.
    pub async fn with_secrets(
        secrets: Arc<dyn SecretSource>,
        url: &str,
        data_dir: &Path,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let run = run_file(data_dir);
        let connection = aws::connect(&Endpoint::Local(url.to_owned())).await;
        let random = Arc::new(SystemRandom);
        let store = Store::on(&connection, &tables(&run), random.clone());
        let mut neighbour = Self {
            platform: Platform::new(store, secrets, clock, random),
            run,
        };
        let on_demand = refresher::in_process(neighbour.basis()).await;
        neighbour.platform.on_demand = on_demand.unwrap();
        neighbour
    }

    /// Every tenant of the table to the letter, versions included: whatever is written shows.
    pub async fn tenants(&self) -> Vec<String> {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            let listing = Listing {
                after,
                examine: 100,
                ..Listing::default()
            };
            let page = self.platform.store.tenants.list(&listing).await.unwrap();
            rows.extend(page.tenants.iter().map(|tenant| format!("{tenant:?}")));
            after = page.next;
            if after.is_none() {
                return rows;
            }
        }
    }

    /// The token of the tenant is to be renewed now, whatever was written of it; stale where it
    /// was written by another at the same time.
    pub async fn make_due(&self, tenant: TenantId) -> Write {
        let of_run: Basis<RefresherSettings> = self.basis();
        let tokens = wiring::sealed_tokens(&of_run.settings.renewal.tokens, &of_run.platform).await;
        let tokens = tokens.unwrap();
        let resource: Resource = "https://manage.office.com".parse().unwrap();
        let record = tokens.read_latest(tenant, &resource).await.unwrap();
        let record = record.unwrap();
        let Some(token) = &record.token else {
            return Write::Done;
        };
        let refresh_at = self.platform.clock.now();
        let settlement = Settlement::Token {
            token,
            refresh_at,
            look: Look::From(refresh_at),
        };
        tokens.settle(&record, settlement).await.unwrap()
    }

    /// A vending function as its `main` builds it, with a memory of its own.
    pub async fn vending(&self) -> Vending {
        self.built().await
    }

    /// A refresher as its `main` builds it.
    pub async fn refresher(&self) -> Refresher {
        self.built().await
    }

    /// A function as its `main` builds it.
    pub async fn built<F: Function<Settings: FunctionSettings>>(&self) -> F {
        F::build(self.basis(), Ahead::Secrets).await.unwrap()
    }

    /// What a function of the neighbour is built from.
    pub fn basis<S: FunctionSettings>(&self) -> Basis<S> {
        Basis::on(&self.platform, &|name: &str| self.setting(name)).unwrap()
    }

    /// The SHA-256 thumbprint of the key that signs, as the simulator names it.
    pub async fn thumbprint(&self) -> String {
        let name = self.setting("CERTIFICATE_SECRET_ID").unwrap();
        let (secrets, clock) = (&self.platform.secrets, &self.platform.clock);
        let key = load_signing_key(secrets.as_ref(), &name, clock.as_ref());
        key.await.unwrap().sha256_thumbprint().to_owned()
    }

    /// A variable of the run's functions.
    pub fn setting(&self, name: &str) -> Option<String> {
        self.run["settings"][name].as_str().map(str::to_owned)
    }
}

/// Where the table of the run in `data_dir` is.
pub fn table_of(data_dir: &Path) -> String {
    let run = run_file(data_dir);
    run["table_endpoint"].as_str().unwrap().to_owned()
}

fn tables(run: &Value) -> TableNames {
    let setting = |name: &str| run["settings"][name].as_str().unwrap().to_owned();
    TableNames {
        table: setting(TABLE_NAME),
        control: setting(CONTROL_TABLE_NAME),
    }
}

/// What the run in `data_dir` says of itself.
fn run_file(data_dir: &Path) -> Value {
    let file = std::fs::read(data_dir.join("run.json")).unwrap();
    serde_json::from_slice(&file).unwrap()
}
