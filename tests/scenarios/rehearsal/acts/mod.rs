//! The acts, in the order in which they are played.

pub(crate) mod change;
pub(crate) mod collect;
pub(crate) mod consent;
pub(crate) mod creation;
pub(crate) mod deletion;
pub(crate) mod events;
pub(crate) mod notify;
pub(crate) mod permissions;
pub(crate) mod purge;
pub(crate) mod refresh;
pub(crate) mod rotation;
pub(crate) mod rotator;
mod schedule;
pub(crate) mod update;
pub(crate) mod vend;
