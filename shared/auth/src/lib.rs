//! The auth library: the types, the use cases and the ports of the token broker.
//!
//! It owns the rules: what a tenant identifier is, when a token is due, who may be
//! bound to whom, what a refusal of Entra ID means for a tenant. It deliberately
//! does no I/O of its own: no AWS, no HTTP, no environment, no system clock. All of
//! that comes in through [`ports`], whose documentation says what a failure means
//! to the caller.
//!
//! Three kinds of files, in this order below:
//!
//! - **Types** know no port. What a name is: `identifiers`, `resource`, `cloud`, `caller`,
//!   `invite`, `sign_in`, `text`. What the table keeps: `tenant` (`tenant/life.rs`: what makes
//!   a tenant active, degraded or revoked), `token`, `policy`, `issuers`, `operator_action`,
//!   `fleet`, `last_run`, `version`. Why there is no token: `cause`, `transport`. What others hear of it:
//!   `event`.
//! - **Ports** ([`ports`]) use types alone; `shared/aws/src/table/NAME.rs` has the table behind each.
//! - **Use cases** use both. Tokens: `schedule` (when one is due, the lead), `renew`,
//!   `refresh` (`refresh/run.rs` takes the lease of a shard), `vend` (`vend/miss.rs` takes
//!   the lease of a tenant), `watch`. Tenants: `consent`, `inviting`, `change`, `proof`,
//!   `next_look`. Callers: `key_proof`, `role_proof`. Of the one program that signs:
//!   `on_demand`. Events: `deliver`. Keys: `first_keys`, `ring`, `sealing`, `rotation` (the
//!   certificate's).

pub mod breaker;
pub mod caller;
pub mod cause;
pub mod cloud;
pub mod digest;
pub mod encoding;
pub mod event;
pub mod fleet;
pub mod identifiers;
pub mod invite;
pub mod issuers;
pub mod last_run;
pub mod limit;
pub mod memory;
pub mod metric;
pub mod operator_action;
pub mod policy;
pub mod protocol;
pub mod redirect_uri;
pub mod refreshed;
pub mod requirements;
pub mod resource;
pub mod resource_name;
pub mod return_urls;
pub mod secret;
pub mod sign_in;
pub mod tenant;
pub mod text;
pub mod timestamp;
pub mod token;
pub mod transport;
pub mod turns;
pub mod url_rules;
pub mod version;

pub mod ports;

pub mod change;
pub mod consent;
pub mod deliver;
pub mod first_keys;
pub mod inviting;
pub mod key_proof;
mod next_look;
pub mod on_demand;
pub mod proof;
pub mod refresh;
pub mod renew;
pub mod ring;
pub mod role_proof;
pub mod rotation;
pub mod schedule;
pub mod sealing;
pub mod vend;
pub mod watch;

pub use caller::Caller;
pub use cause::{Cause, CauseCode, FailedBy, Fault};
pub use cloud::Cloud;
pub use identifiers::{ClientId, Customer, TenantId};
pub use resource::Resource;
pub use resource_name::ResourceName;
pub use tenant::{Tenant, TenantStatus};
pub use timestamp::Timestamp;
pub use token::{AccessToken, AppOnlyToken, TokenRecord};
