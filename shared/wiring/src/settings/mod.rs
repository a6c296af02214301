//! The settings of each function: one struct per function, one field per variable.

mod consent;
mod entra;
mod function;
mod invites;
mod issuers;
mod on_demand;
mod reader;
mod refresher;
mod vending;

pub use consent::ConsentFunctionSettings;
pub use entra::{EntraSettings, RenewalSettings, SigningSettings, TokenSettings};
pub use function::FunctionSettings;
pub use invites::{read_invites, read_needed_invites};
pub use issuers::{InvalidIssuer, issuers_from_json};
pub use on_demand::OnDemandSettings;
pub use reader::{Lookup, Reader, SettingsError, read};
pub use refresher::RefresherSettings;
pub use vending::VendingSettings;

#[cfg(test)]
mod tests;
