//! The function, built from its settings. It reads no secret, and makes no request.

use lambda::function::{Ahead, Function};
use wiring::settings::{CollectorSettings, FunctionSettings as _};
use wiring::{Basis, OutboxOf};

use crate::Collector;

impl Function for Collector {
    const NAME: &'static str = "collector";
    type Settings = CollectorSettings;

    async fn build(basis: Basis<CollectorSettings>, _ahead: Ahead) -> anyhow::Result<Self> {
        let Basis {
            settings,
            platform,
            roots,
        } = basis;
        let events = (&settings.events, settings.entra().secret_max_age);
        Ok(Self {
            delivery: wiring::delivery(OutboxOf::Feeds, events, &platform, &roots)?,
            fleet: wiring::collect(&settings, &platform, &roots)?,
            pause: platform.pause,
            meter: platform.meter,
        })
    }
}
