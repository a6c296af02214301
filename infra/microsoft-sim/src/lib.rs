//! A simulated Microsoft: Entra ID with its authority, sign-in pages and token service, the
//! Activity API, and the part of Graph by which an application rolls its own keys.
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
//! `authorize`. A fault at an endpoint where it does nothing is refused (400).
//!
//! `issued` is the book of app-only tokens, numbered from 1: those above `after`
//! (0), of which the newest 10,000 are remembered:
//! `{"issued":[{"number","uti","tenant","resource","roles","issued_at","expires_at"}]}`.
//!
//! # The Management Activity API
//!
//! At `{base URL}/api/v1.0/{tenant GUID}/activity/feed/`, for tokens of this authority. What
//! its tenants' logs are like is a [`Scenario`]; the simulated clock makes it available.
//!
//! The book, for oracles. Each takes `tenant=`, `contentType=`, `after=` and `before=` (Unix
//! seconds of becoming available, both exclusive); one JSON line each:
//!
//! - `GET /_sim/activity/blobs`: `{"tenant_id","client_id","content_type","content_id",
//!   "content_created","started_at","available_at","listable_until","expires_at","records",
//!   "bytes","sha256"}` of the body as it is sent. From `available_at` on it is listed, from
//!   `listable_until` on no window reaches it (7 days and an hour after contentCreated, or the
//!   stop that withdrew it), from `expires_at` on it is not answered: a client that has not listed
//!   it before the smaller of the two cannot have it. `started_at` is the start that it is
//!   offered by; content that was created before it is backlog, or late.
//! - `GET /_sim/activity/records`: the same blob with `"position","id","bytes","sha256"` of
//!   each record, repeats of an Id too;
//! - `GET /_sim/activity/offered`: sums by tenant and type, in one document.
//!
//! The book is made by the generator that also answers. What shares nothing with it:
//!
//! - `GET /_sim/activity/answered`: one line for each content whose body was sent whole (200,
//!   not cut by a fault or a client that left): `{"tenant_id","client_id","content_type",
//!   "content_id","bytes","sha256","answered_at"}`, in the order of the answers, summed from the
//!   bytes that were handed to the connection (before `gzip`). `after` and `before` are of
//!   `answered_at`. In memory, some 200 bytes each.
//! - `GET /_sim/activity/requests`: what was asked, by tenant and method, and what was refused.
//!
//! Webhooks are called as [`Webhooks`] says: within the start that names one, and once content
//! becomes available. `POST /_sim/activity/notify` sends what is due by the simulated clock, again
//! where that is due, and answers once nothing is: `{"sent","failed","waiting"}`, notifications
//! that were answered with 200, that were not, and that are due later. Faults of a tenant, a hit
//! for each notification: `notify_late` (seconds), `notify_twice` (the second so many seconds
//! later; null is at once), `notify_never`, `notify_reordered`; `webhook_unreachable` fails
//! validations and notifications, which are then not sent; `webhook_removed` and
//! `webhook_disabled` strike at the next request, as those of subscriptions do.
//!
//! `PUT /_sim/activity/scenario` sets what a tenant's logs are like, before its first start (409
//! after it): `{"tenant", "named", …}` with a tenant or null (all without one of their own), a
//! name, and fields of [`Scenario`] that differ. The names: `default`; `month`
//! ([`Scenario::MONTH`], 30 tenants with five types are 0.5 GB); `backlog`
//! ([`Scenario::BACKLOG`], 0.9 GB of one type at the first start); `silent`
//! ([`Scenario::SILENT`], an idle tenant). With the fault `huge_blob` (value 100, `times` 1) set a
//! second before the start, the first blob that is fetched or looked at has 100 MB. Bodies of
//! more than 500 records are made while they are sent. A disabled subscription answers nothing
//! until it is started again, which the times of the book do not say.
//!
//! # Microsoft Graph
//!
//! At `{base URL}/v1.0/applications/{object ID}` and `…/applications(appId='{client ID}')`: an
//! application reads itself (`GET`), and rolls its own keys (`addKey`, `removeKey`) with a proof
//! of possession, by a token of its home tenant. The object ID is [`object_id`] of the client ID.
//! Faults name the endpoint `graph`, and no tenant where they break or delay an answer.
//!
//! Faults name the endpoints `subscriptions`, `content` (the listing) and `blob`; those of
//! this API alone (`af_error` and the kinds after it in `faults/kind.rs`) without an endpoint
//! are for all three. `af_error`, `redirect` and `date_skew` need one; `status`, `not_json`,
//! `throttle`, `latency`, `truncate` and `reset` mean the token endpoint without one. A
//! `throttle` with a value says `Retry-After`. `huge_blob`, `huge_record` and `odd_record` alter
//! blobs that are first offered later than the fault was set, at the first look (a fetch, or the
//! book), for good.

mod activity;
mod admin_consent;
mod answer;
mod assertion;
mod assumptions;
mod authority;
mod authorize;
mod bearer;
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
mod graph;
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
pub use config::{Config, Webhooks};
pub use directory::applications::RegisterError;
pub use files::OpenError;
pub use graph::application::object_id;
pub use platform::{Clock, RandomnessFailed, SystemClock};
pub use registration::{KeyCredential, KeyCredentialError, Registration, RequiredResource};
pub use simulator::{GrantError, SimulatedTenant, Simulator};
