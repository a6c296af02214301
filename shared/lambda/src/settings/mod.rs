//! The settings of each function: one struct per function, one field per variable.

mod consent;
mod refresher;
mod vending;

pub(crate) use auth::settings::Reader;
pub use auth::settings::{EntraSettings, Lookup, SettingsError, TokenSettings};
pub use consent::ConsentFunctionSettings;
pub use refresher::RefresherSettings;
pub use vending::VendingSettings;

#[cfg(test)]
mod tests;
