//! The settings of each function: one struct per function, one field per variable.

mod collector;
mod consent;
mod entra;
mod events;
mod feed;
mod function;
mod identity;
mod invites;
mod issuers;
mod on_demand;
mod plain_url;
mod reader;
mod refresher;
mod rotator;
mod tables;
mod vending;
mod webhook;

pub use collector::{CollectorSettings, VendingPlace, WebhookPlace};
pub use consent::ConsentFunctionSettings;
pub use entra::{EntraSettings, RenewalSettings, SigningSettings, TokenSettings, read_authority};
pub use events::{EventSettings, EventWebhookPlace};
pub use feed::{FeedPlace, FeedSettings};
pub use function::FunctionSettings;
pub use identity::IdentitySettings;
pub use invites::{read_invites, read_needed_invites};
pub use on_demand::OnDemandSettings;
pub use reader::{Lookup, Reader, SettingsError, read};
pub use refresher::RefresherSettings;
pub use rotator::RotatorSettings;
pub use tables::{CONTROL_TABLE_NAME, TABLE_NAME, TableNames};
pub use vending::VendingSettings;
pub use webhook::{WebhookSettings, read_queue_url, read_webhook_keys};

#[cfg(test)]
mod tests;
