//! The installation that is looked at: its settings, and what it is asked with.

use std::time::Duration;

use microsoft::TrustRoots;
use wiring::Platform;
use wiring::settings::{Reader, RenewalSettings};

use crate::place::Place;

/// The wait for a connection, and for an answer: two of them and the tables' own limits are
/// well below half a minute.
pub(super) const PATIENCE: (Duration, Duration) = (Duration::from_secs(3), Duration::from_secs(5));

/// What the checks share.
pub(super) struct Patient<'p, 'a> {
    pub(super) place: &'p Place<'a>,
    pub(super) settings: RenewalSettings,
    pub(super) platform: Platform,
    pub(super) roots: TrustRoots,
}

impl<'p, 'a> Patient<'p, 'a> {
    /// Reads the settings. Makes no request.
    pub(super) async fn of(place: &'p Place<'a>) -> anyhow::Result<Self> {
        let settings = place.settings(RenewalSettings::read)?;
        let roots = settings.tokens.entra.trust_roots()?;
        Ok(Self {
            platform: place.platform(&settings.tokens.entra.tables).await,
            roots: roots.waiting(PATIENCE.0, PATIENCE.1),
            place,
            settings,
        })
    }

    /// A setting that may be missing. One that is wrong is as good as none here: the function
    /// that needs it says so when it starts.
    pub(super) fn optional<T>(&self, read: impl FnOnce(&mut Reader<'_>) -> Option<T>) -> Option<T> {
        self.place.settings(|reader| Some(read(reader))).ok()?
    }
}
