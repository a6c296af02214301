//! How far each role of the template reaches: `infra/security/reach.md`, which is made here, the
//! facts that its sentences rest on, the functions at work with their own permissions and no
//! others, attacks with exactly a role's permissions, and what a writer of a table can do.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test code: a panic is how it fails"
)]

mod account;
mod askers;
mod at_work;
mod attacks;
mod entrances;
mod facts;
mod kinds;
mod meanings;
mod needs;
#[cfg(feature = "real-parts")]
mod on_ministack;
mod page;
mod permitted;
mod request;
mod writers;
