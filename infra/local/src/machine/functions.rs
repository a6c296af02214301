//! The functions, built from the environment by the code that builds them in Lambda. The
//! refresher on demand is asked in this process.

use std::sync::Arc;

use auth::protocol::AuthorityConfig;
use auth::requirements::Requirements;
use collector::Collector;
use consent::ConsentFunction;
use lambda::function::{Ahead, Function};
use refresher::Refresher;
use vending::Vending;
use webhook::Webhook;
use wiring::settings::{FunctionSettings as _, VendingSettings};
use wiring::{Basis, Platform};

use super::environment::Environment;

/// The functions, as in Lambda.
pub(crate) struct Functions {
    pub(crate) consent: Arc<ConsentFunction>,
    pub(crate) vending: Arc<Vending>,
    pub(crate) refresher: Arc<Refresher>,
    /// `None` where nothing is collected.
    pub(crate) collector: Option<Arc<Collector>>,
    /// Likewise.
    pub(crate) webhook: Option<Arc<Webhook>>,
    /// As all of them read it.
    pub(crate) authority: AuthorityConfig,
    /// As all of them read it.
    pub(crate) requirements: Requirements,
}

impl Functions {
    /// As `main` of each builds it.
    pub(super) async fn build(
        environment: &Environment,
        platform: &Platform,
        collect: bool,
    ) -> anyhow::Result<Self> {
        let lookup = |name: &str| environment.lookup(name);
        let mut vending: Basis<VendingSettings> = Basis::on(platform, &lookup)?;
        // First, because a person's wrong secret ends the run here, in one line.
        let refresher = built(vending.beside(&lookup)?).await?;
        vending.platform.on_demand = refresher::in_process(vending.beside(&lookup)?).await?;
        let consent = vending.beside(&lookup)?;
        let (collector, webhook) = match collect {
            true => (
                Some(built(vending.beside(&lookup)?).await?),
                Some(built(vending.beside(&lookup)?).await?),
            ),
            false => (None, None),
        };
        let shared = vending.settings.entra().clone();
        Ok(Self {
            consent: built(consent).await?,
            vending: built(vending).await?,
            refresher,
            collector,
            webhook,
            authority: shared.authority,
            requirements: shared.requirements,
        })
    }
}

/// The issuers of this machine answer later than its functions are built, so that nothing is
/// fetched ahead.
async fn built<F: Function>(basis: Basis<F::Settings>) -> anyhow::Result<Arc<F>> {
    Ok(Arc::new(F::build(basis, Ahead::Secrets).await?))
}
