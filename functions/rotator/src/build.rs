//! The function, built from its settings. It reads nothing before it is asked.

use lambda::function::{Ahead, Function};
use wiring::Basis;
use wiring::settings::RotatorSettings;

use crate::Rotator;

impl Function for Rotator {
    const NAME: &'static str = "rotator";
    type Settings = RotatorSettings;

    async fn build(basis: Basis<RotatorSettings>, _ahead: Ahead) -> anyhow::Result<Self> {
        let Basis {
            settings,
            platform,
            roots,
        } = basis;
        Ok(Self {
            rotation: wiring::rotation(&settings, &platform, roots)?,
            clock: platform.clock,
            meter: platform.meter,
        })
    }
}
