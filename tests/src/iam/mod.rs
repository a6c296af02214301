//! What IAM would decide: the roles of the template, requests to AWS as the permissions that
//! they take, and a gate in front of a service that lets through what a role may do.
//!
//! It reads the few operators and keys that the template uses, by AWS's documentation, and ends
//! the test at any other. It judges identity policies alone: no permission boundary, no policy
//! of a resource, no session.

mod asked;
mod attributes;
mod call;
mod condition;
mod gate;
mod names;
mod one_or_many;
mod pattern;
mod statement;
mod template;
mod yaml;

#[cfg(test)]
mod attribute_verdict_tests;
#[cfg(test)]
mod attributes_tests;
#[cfg(test)]
mod call_tests;
#[cfg(test)]
mod verdict_tests;

pub use asked::Asked;
pub use call::asked_by;
pub use condition::Condition;
pub use gate::{Behind, Gate};
pub use names::Names;
pub use pattern::is_like;
pub use statement::{Statement, Verdict, decide};
pub use template::{Role, Roles, Template};
