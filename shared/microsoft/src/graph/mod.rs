//! Microsoft Graph, as far as an application rolls its own keys: `application: get`, `addKey`
//! and `removeKey` of v1.0. What a refusal means for a rotation is decided in `auth::rotation`.

mod answer;
pub(crate) mod client;
mod proof;
pub(crate) mod registration;
