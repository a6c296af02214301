//! A connected tenant and its life: `pending → propagating → active ⇄ degraded →
//! revoked | removed`, and `suspended` while the operator holds it back. The rules of
//! that life are in `life.rs` and nowhere else; who asks for a change writes what comes
//! out of [`Tenant::after_token`], [`Tenant::after_failure`] or one of the operator's.
//!
//! A fault of ours never changes a tenant: it is the fleet that is broken then.

mod life;
mod status;
mod stored;
mod tags;
mod waiting;

pub use life::{CONSENT_GRACE, Failure, PROPAGATION_LIMIT};
pub use status::{TenantStatus, UnknownStatus};
pub use stored::Tenant;
pub use tags::{
    InvalidTag, NamedTwice, TAGS_MAX, Tag, TagChange, TagFilter, TagKey, Tags, TooManyTags,
};
pub use waiting::Waiting;
