//! The settings of the refresher as the schedule starts it.

use super::entra::{EntraSettings, RenewalSettings};
use super::events::EventSettings;
use super::function::FunctionSettings;
use super::reader::Reader;

/// The settings of the refresher.
#[derive(Debug, Clone)]
pub struct RefresherSettings {
    /// What it shares with everything that renews tokens.
    pub renewal: RenewalSettings,
    /// `REFRESH_CONCURRENCY`.
    pub concurrency: usize,
    /// `EVENT_…`: where events are delivered.
    pub events: EventSettings,
}

impl FunctionSettings for RefresherSettings {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let renewal = RenewalSettings::read(reader);
        check_scheduled(reader);
        let concurrency = reader.number("REFRESH_CONCURRENCY", 16, 1..=256);
        let events = EventSettings::read(reader);
        Some(Self {
            renewal: renewal?,
            concurrency: usize::try_from(concurrency).ok()?,
            events: events?,
        })
    }

    fn entra(&self) -> &EntraSettings {
        &self.renewal.tokens.entra
    }
}

/// With `ON_DEMAND=true` the program is another function, and does not come here. Fails closed
/// because a word that is neither could mean either.
fn check_scheduled(reader: &mut Reader<'_>) {
    let name = "ON_DEMAND";
    let is_scheduled = reader.text(name).is_none_or(|value| value == "false");
    if !is_scheduled {
        reader.problem(name, "must be true or false");
    }
}
