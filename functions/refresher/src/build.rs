//! The function, built from its settings.

use lambda::function::{Ahead, Function};
use wiring::Basis;
use wiring::settings::RefresherSettings;

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
        let (refresh, watch) = wiring::refresh(&settings, &platform, roots).await?;
        Ok(Self {
            refresh,
            watch,
            clock: platform.clock,
        })
    }
}
