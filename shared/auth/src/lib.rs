//! The auth library: the types, the use cases and the ports of the token broker.
//!
//! It owns the rules: what a tenant identifier is, when a token is due, who may be
//! bound to whom, what a refusal of Entra ID means for a tenant. It deliberately
//! does no I/O of its own: no AWS, no HTTP, no environment, no system clock. All of
//! that comes in through [`ports`], whose documentation says what a failure means
//! to the caller.

pub mod breaker;
pub mod caller;
pub mod cause;
pub mod change;
pub mod cloud;
pub mod consent;
pub mod digest;
pub mod encoding;
pub mod first_keys;
pub mod identifiers;
pub mod invite;
pub mod limit;
pub mod memory;
pub mod metric;
pub mod ports;
pub mod proof;
pub mod protocol;
pub mod refresh;
pub mod refreshed;
pub mod renew;
pub mod requirements;
pub mod resource_name;
pub mod ring;
pub mod schedule;
pub mod sealing;
pub mod secret;
pub mod tenant;
pub mod text;
pub mod timestamp;
pub mod token;
pub mod transport;
pub mod vend;
pub mod watch;

pub use caller::Caller;
pub use cause::{Cause, CauseCode, Fault};
pub use cloud::Cloud;
pub use identifiers::{ClientId, Customer, Resource, TenantId};
pub use resource_name::ResourceName;
pub use tenant::{Tenant, TenantStatus};
pub use timestamp::Timestamp;
pub use token::{AccessToken, AppOnlyToken, TokenRecord};
