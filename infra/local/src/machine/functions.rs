//! The functions, built from the environment by the code that builds them in Lambda.

use std::sync::Arc;

use auth::protocol::AuthorityConfig;
use auth::requirements::Requirements;
use aws::Platform;
use consent::ConsentFunction;
use lambda::settings::{ConsentFunctionSettings, RefresherSettings, VendingSettings};
use refresher::Refresher;
use vending::Vending;

use super::environment::Environment;

/// The functions, as in Lambda.
pub(crate) struct Functions {
    pub(crate) consent: Arc<ConsentFunction>,
    pub(crate) vending: Arc<Vending>,
    pub(crate) refresher: Arc<Refresher>,
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
    ) -> anyhow::Result<Self> {
        let lookup = |name: &str| environment.lookup(name);
        let vending = VendingSettings::read(&lookup)?;
        let refresher = RefresherSettings::read(&lookup)?;
        let consent = ConsentFunctionSettings::read(&lookup)?;
        let shared = consent.entra.clone();
        Ok(Self {
            consent: Arc::new(ConsentFunction::build(consent, platform).await?),
            vending: Arc::new(Vending::build(vending, platform).await?),
            refresher: Arc::new(Refresher::build(refresher, platform).await?),
            authority: shared.authority,
            requirements: shared.requirements,
        })
    }
}
