//! A simulated Microsoft: Entra ID with its authority, sign-in pages and token service, and the Activity API.
//!
//! It plays the endpoints that an application with admin consent and a
//! certificate uses, v1 and v2.0: discovery, JWKS, authorize, admin consent and
//! token. It shares no code with the clients that it judges; what it accepts
//! and refuses follows the published documentation and observed behaviour, and
//! where neither is certain, a row of [`ASSUMPTIONS`].
//!
//! # Sign-in for scripts
//!
//! The authorize and admin consent pages are plain HTML forms. A script posts,
//! to the path of the page, as `application/x-www-form-urlencoded`: every
//! parameter of the request unchanged, and
//!
//! - `account`: the user principal name of a simulated person;
//! - `action`: `accept` or `cancel`.
//!
//! The answer is the redirect (302) to the application, or with
//! `response_mode=form_post` a page (200) whose form does the same.
//!
//! # Control surface
//!
//! `GET /_sim/stats`, `GET /_sim/issued?after=N`, `GET|POST|DELETE /_sim/faults`
//! and `DELETE /_sim/faults/{id}` answer loopback peers only. A fault is JSON:
//! `{"kind", "tenant", "value", "times"}` and, for kinds that replace an
//! answer (`status`, `not_json`, `throttle`, `redirect`) or delay or break it (`latency`,
//! `truncate`, `reset`), `"endpoint"`: `token` (default), `discovery`, `jwks`,
//! `authorize`.
//!
//! `issued` is the book of app-only tokens, numbered from 1: those above `after`
//! (0), of which the newest 10,000 are remembered:
//! `{"issued":[{"number","uti","tenant","resource","roles","issued_at","expires_at"}]}`.
//!
//! # The Management Activity API
//!
//! At `{base URL}/api/v1.0/{tenant GUID}/activity/feed/`, for tokens of this authority. What
//! its tenants' logs are like is a [`Scenario`]; the simulated clock makes it available. The
//! book, for oracles, with its query `tenant=`, `contentType=`, `after=` (Unix seconds of
//! becoming available), one JSON line each:
//!
//! - `GET /_sim/activity/blobs`: `{"tenant_id","content_type","content_id","content_created",
//!   "available_at","expires_at","records","bytes","sha256"}` of the body as it is sent;
//! - `GET /_sim/activity/records`: the same blob with `"position","id","bytes","sha256"` of
//!   each record, repeats of an Id too;
//! - `GET /_sim/activity/offered`: sums by tenant and type, in one document;
//! - `GET /_sim/activity/requests`: what was asked, by tenant and method, and what was refused.
//!
//! Faults name the endpoints `subscriptions`, `content` (the listing) and `blob`; those of
//! this API alone (`af_error` and the kinds after it in `faults/kind.rs`) without an endpoint
//! are for all three. `af_error`, as `status`, `throttle` and `redirect`, needs one.

mod activity;
mod admin_consent;
mod answer;
mod assertion;
mod assumptions;
mod authority;
mod authorize;
mod claims;
mod codes;
mod config;
mod connection;
mod control;
mod directory;
mod discovery;
mod errors;
mod exchange;
mod faults;
mod files;
mod form;
mod issued;
mod keys;
mod moment;
mod page;
mod parameters;
mod platform;
mod received;
mod registration;
mod return_address;
mod scope;
mod server;
mod simulator;
mod site;
mod standing;
mod stats;
mod token;

pub use activity::assumptions::ACTIVITY_ASSUMPTIONS;
pub use activity::scenario::Scenario;
pub use assumptions::{ASSUMPTIONS, Assumption};
pub use config::Config;
pub use directory::applications::RegisterError;
pub use files::OpenError;
pub use platform::{Clock, RandomnessFailed, SystemClock};
pub use registration::{KeyCredential, KeyCredentialError, Registration, RequiredResource};
pub use simulator::{GrantError, SimulatedTenant, Simulator};
