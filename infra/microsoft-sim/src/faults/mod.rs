//! Faults that a test switches on. A kind is added in `kind.rs` (its name, its value) and at
//! the place that asks for it.

mod endpoint;
mod fault;
mod kind;
mod replace;
mod takes;
mod touch;
pub(crate) mod transport;

pub(crate) use self::endpoint::FaultyEndpoint;
pub(crate) use self::fault::{Fault, Faults};
pub(crate) use self::kind::FaultKind;
