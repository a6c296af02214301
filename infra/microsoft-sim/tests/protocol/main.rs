//! The simulator over real HTTP on a free loopback port, driven as a client
//! would: with assertions and forms made here from scratch.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod activity;
mod app_only;
mod approval;
mod assertion;
mod basic;
mod browser;
mod consent;
mod control;
mod delegated_only;
mod discovery;
mod everything;
mod first_contact;
mod first_touch;
mod graph;
mod issued;
mod judgement_faults;
mod refusal_shape;
mod refusals;
mod sdk_assertions;
mod sign_in;
mod sign_in_options;
mod sign_in_refusals;
mod transport_faults;
mod world;
