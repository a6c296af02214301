//! The commands against a table that answers, through the library and as a program.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod arguments;
mod certificate;
mod place;
mod program;
mod tenants;
mod token;
mod world;
