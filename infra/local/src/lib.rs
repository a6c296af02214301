//! The whole system on one machine, in one process: the functions behind gateways that play
//! API Gateway's part and the function URL's, a DynamoDB engine on a file, an object store on a
//! directory, a simulated Entra ID (or the real one), a development issuer for callers, and the
//! schedules of refresher and collector.
//!
//! The functions are the ones that run in Lambda, built from the same settings by the
//! same code; only what is around them is played. [`Machine::start`] takes the clock,
//! so that a test moves it for everybody at once.

pub mod command;
mod data;
mod development_issuer;
mod entrance;
mod lambda_function;
mod loopback;
mod machine;
pub mod objects;
mod options;
mod policy;
pub mod queue;
mod ready;
mod schedule;
mod simulator;
mod table;
mod tls;
mod worker;

pub use lambda_function::lambda_function;
pub use machine::Machine;
pub use options::{Lookup, Options, Parts, RealEntra};
pub use ready::{Ready, SimulatedPerson};
