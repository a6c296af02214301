//! The function, built from its settings.

use lambda::function::{Ahead, Function};
use wiring::settings::{FunctionSettings as _, RefresherSettings};
use wiring::{Basis, OutboxOf};

use crate::Refresher;

impl Function for Refresher {
    const NAME: &'static str = "refresher";
    type Settings = RefresherSettings;

    async fn build(basis: Basis<RefresherSettings>, _ahead: Ahead) -> anyhow::Result<Self> {
        let Basis {
            settings,
            platform,
            roots,
        } = basis;
        let max_age = settings.entra().secret_max_age;
        let events = (&settings.events, max_age);
        let delivery = wiring::delivery(OutboxOf::Tenants, events, &platform, &roots)?;
        let (refresh, watch) = wiring::refresh(&settings, &platform, roots).await?;
        Ok(Self {
            refresh,
            delivery,
            watch,
            clock: platform.clock,
        })
    }
}
