//! The settings of the refresher.

use super::{Lookup, Reader, SettingsError, TokenSettings};

/// The settings of the refresher.
#[derive(Debug, Clone)]
pub struct RefresherSettings {
    /// What it shares with everything that opens tokens.
    pub tokens: TokenSettings,
    /// `REFRESH_CONCURRENCY`.
    pub concurrency: usize,
}

impl RefresherSettings {
    /// Reads the settings; all problems together.
    pub fn read(lookup: Lookup<'_>) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(lookup);
        let tokens = TokenSettings::read(&mut reader);
        let concurrency = reader.number("REFRESH_CONCURRENCY", 16, 1..=256);
        let settings = (|| {
            Some(Self {
                tokens: tokens?,
                concurrency: usize::try_from(concurrency).ok()?,
            })
        })();
        reader.finish(settings)
    }
}
