//! The functions, built from the environment by the code that builds them in Lambda.

use std::sync::Arc;

use auth::protocol::AuthorityConfig;
use auth::requirements::Requirements;
use consent::ConsentFunction;
use entra::TrustRoots;
use refresher::Refresher;
use vending::{Ahead, Vending};
use wiring::Platform;
use wiring::settings::{ConsentFunctionSettings, RefresherSettings, VendingSettings};

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
        let roots = TrustRoots::load(shared.extra_ca_file.as_deref())?;
        let consent = ConsentFunction::build(consent, platform, roots.clone()).await?;
        let vending = Vending::build(vending, platform, roots.clone(), Ahead::Secrets).await?;
        let refresher = Refresher::build(refresher, platform, roots).await?;
        Ok(Self {
            consent: Arc::new(consent),
            vending: Arc::new(vending),
            refresher: Arc::new(refresher),
            authority: shared.authority,
            requirements: shared.requirements,
        })
    }
}
