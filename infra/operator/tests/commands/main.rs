//! The commands against a table that answers, through the library and as a program.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod arguments;
mod authority;
mod caller;
mod certificate;
mod consent_links;
mod doctor;
mod feed;
mod feed_changes;
mod first_keys;
mod holding;
mod import;
mod installation;
mod invite;
mod issuer;
mod issuer_changes;
mod keys;
mod moving;
mod names;
mod pages;
mod place;
mod policy;
mod policy_candidates;
mod policy_explain;
mod policy_texts;
mod program;
mod recheck;
mod recorded;
mod runs;
mod secrets;
mod status;
mod tagging;
mod tenants;
mod text_files;
mod token;
mod world;
