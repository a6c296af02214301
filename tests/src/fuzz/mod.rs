//! What the fuzzers check: one plain function for each target, which panics when an
//! invariant does not hold. `tests/scenarios/fuzz_replay` runs each over its small corpus
//! (`tests/fuzz/corpus/NAME`) and over mutations of it as ordinary tests; `tests/fuzz/run`
//! gives the same functions to libFuzzer.

mod activity_answers;
mod callers;
mod carried_values;
mod certificate_files;
mod chance;
mod cookies;
mod form_fields;
pub mod gateway_event;
mod identity_requests;
mod mutation;
mod notifications;
mod parts;
mod places;
mod plain_cedar;
mod policy_text;
mod published_keys;
mod questions;
pub(crate) mod table_rows;
mod tenant_files;
mod token_answers;
mod urls;
mod who;

pub use mutation::Mutations;

/// One target.
pub struct Target {
    /// Its name, and that of its corpus.
    pub name: &'static str,
    /// Checks one input; panics when an invariant does not hold.
    pub run: fn(&[u8]),
}

/// All targets.
pub const TARGETS: &[Target] = &[
    target("activity_answers", activity_answers::activity_answers),
    target("callers", callers::callers),
    target("carried_values", carried_values::carried_values),
    target("certificate_files", certificate_files::certificate_files),
    target("cookies", cookies::cookies),
    target("form_fields", form_fields::form_fields),
    target("gateway_event", gateway_event::gateway_event),
    target("identity_requests", identity_requests::identity_requests),
    target("notifications", notifications::notifications),
    target("policy_text", policy_text::policy_text),
    target("published_keys", published_keys::published_keys),
    target("table_rows", table_rows::table_rows),
    target("tenant_files", tenant_files::tenant_files),
    target("token_answers", token_answers::token_answers),
    target("urls", urls::urls),
];

const fn target(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}
