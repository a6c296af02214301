//! Connecting a tenant: start, callback, confirmation, proof, binding.
//!
//! Nothing is believed that a browser brings: the state is authenticated and tied to
//! a sealed cookie of the browser that started, every step can be taken once. The steps hold
//! no key of the application's: a code is redeemed and a tenant bound by the one program that
//! signs (`on_demand`), which decides everything again. `flow.rs` says where the steps stand;
//! who may bind what is in `terms.rs` and `owner.rs`, the proof and the binding in
//! `binding.rs`: both sides use these. What a browser may make us do before it has proven
//! anything is bounded in `limits.rs`.

mod admin_roles;
mod attempts;
mod binding;
mod callback;
mod confirm;
mod flow;
mod form;
#[doc(hidden)]
pub mod fuzzing;
mod handles;
pub(crate) mod home;
mod keys;
mod limits;
pub(crate) mod owner;
mod passage;
mod refusal;
mod registered;
mod result;
mod standing;
mod start;
mod state;
mod steps;
pub(crate) mod terms;

pub use admin_roles::{AdminRoles, InvalidAdminRoles};
pub use attempts::{ATTEMPTS_KEPT, AttemptCookie};
pub use binding::{BindRequest, Binding, Bound};
pub use flow::Consent;
pub use form::FormToken;
pub use handles::{ATTEMPT_LIFE, Handle};
pub use home::home_cloud;
pub use keys::{ConsentKeys, InvalidConsentKeys};
pub use limits::{Limits, Source};
pub use refusal::ConsentRefusal;
pub use registered::{InvalidPermissions, RegisteredPermission, RegisteredPermissions};
pub use standing::Standing;
pub use state::ConsentState;
pub use steps::{
    Begun, Callback, Callbacked, ClearedAttempt, ConfirmView, Confirmed, ConsentSettings,
    LandingView, PassageView, ResultView,
};
