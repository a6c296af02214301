//! The settings of each function: one struct per function, one field per variable.

mod consent;
mod entra;
mod invites;
mod reader;
mod refresher;
mod vending;

pub use consent::ConsentFunctionSettings;
pub use entra::{EntraSettings, TokenSettings};
pub use invites::read_invites;
pub use reader::{Lookup, Reader, SettingsError};
pub use refresher::RefresherSettings;
pub use vending::VendingSettings;

#[cfg(test)]
mod tests;
