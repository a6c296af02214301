//! The settings of the refresher.

use super::entra::{EntraSettings, TokenSettings};
use super::function::FunctionSettings;
use super::reader::Reader;

/// The settings of the refresher.
#[derive(Debug, Clone)]
pub struct RefresherSettings {
    /// What it shares with everything that opens tokens.
    pub tokens: TokenSettings,
    /// `REFRESH_CONCURRENCY`.
    pub concurrency: usize,
}

impl FunctionSettings for RefresherSettings {
    fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let tokens = TokenSettings::read(reader);
        let concurrency = reader.number("REFRESH_CONCURRENCY", 16, 1..=256);
        Some(Self {
            tokens: tokens?,
            concurrency: usize::try_from(concurrency).ok()?,
        })
    }

    fn entra(&self) -> &EntraSettings {
        &self.tokens.entra
    }
}
