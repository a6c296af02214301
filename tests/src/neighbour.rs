//! A neighbour: functions of another process on the table of a run that is under way,
//! built from what its `run.json` says.

use std::path::Path;
use std::sync::Arc;

use auth::ports::{Clock, Listing, Tenants as _};
use aws::{Endpoint, SecretFiles, SystemPause, SystemRandom};
use entra::TrustRoots;
use refresher::Refresher;
use serde_json::Value;
use vending::{Ahead, Vending};
use wiring::Platform;
use wiring::settings::{RefresherSettings, VendingSettings};

/// What a function of the neighbour is built from.
pub struct Neighbour {
    /// The run's table and secrets, and a clock of the neighbour's own.
    pub platform: Platform,
    run: Value,
}

impl Neighbour {
    /// Of the run in `data_dir`, living by `clock`.
    pub async fn of(data_dir: &Path, clock: Arc<dyn Clock>) -> Self {
        let file = std::fs::read(data_dir.join("run.json")).unwrap();
        let run: Value = serde_json::from_slice(&file).unwrap();
        let text = |name: &str| run[name].as_str().unwrap().to_owned();
        let connection = aws::connect(&Endpoint::Local(text("table_endpoint"))).await;
        let random = Arc::new(SystemRandom);
        let platform = Platform {
            table: connection.table(text("table_name"), random.clone()),
            secrets: Arc::new(SecretFiles::new(text("secrets_directory"))),
            clock,
            random,
            pause: Arc::new(SystemPause),
            meter: None,
        };
        Self { platform, run }
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
            let page = self.platform.table.list(&listing).await.unwrap();
            rows.extend(page.tenants.iter().map(|tenant| format!("{tenant:?}")));
            after = page.next;
            if after.is_none() {
                return rows;
            }
        }
    }

    /// A vending function as its `main` builds it, with a memory of its own.
    pub async fn vending(&self) -> Vending {
        let settings = VendingSettings::read(&|name: &str| self.setting(name)).unwrap();
        let (platform, roots) = (&self.platform, TrustRoots::default());
        let built = Vending::build(settings, platform, roots, Ahead::Secrets);
        built.await.unwrap()
    }

    /// A refresher as its `main` builds it.
    pub async fn refresher(&self) -> Refresher {
        let settings = RefresherSettings::read(&|name: &str| self.setting(name)).unwrap();
        let built = Refresher::build(settings, &self.platform, TrustRoots::default());
        built.await.unwrap()
    }

    /// A variable of the run's functions.
    pub fn setting(&self, name: &str) -> Option<String> {
        self.run["settings"][name].as_str().map(str::to_owned)
    }
}
