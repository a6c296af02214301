//! Who may have which customer's token: policies in Cedar, checked, decided, explained.
//!
//! A text becomes a [`PolicySet`] or a list of everything that is wrong with it;
//! [`Policies`] keeps the set that is in force, and a candidate beside it, and answers as
//! the [`Authorizer`](auth::ports::Authorizer) of a function. What policies can speak of
//! is in `schema.cedarschema`; `infra/policies` has examples and explains it. This
//! crate names Cedar and no other does (decision 0019); no type of Cedar leaves it.
//!
//! | what | where |
//! |---|---|
//! | a text is read and checked | `text/`, `limits.rs`, `lints/`; what is wrong with it: `problem.rs` |
//! | what is certain of a policy | `cases.rs`, `terms.rs` |
//! | a question, as policies see it | `facts.rs`, `claims.rs`, `vocabulary.rs` |
//! | a decision | `set.rs`; the policies that it concerns: `groups.rs`, `handles.rs`; remembered: `memory.rs` |
//! | the sets that a function holds | `in_force.rs`, `held.rs`, `stored.rs` |
//! | why a decision is as it is | `explain.rs` |

mod cases;
mod claims;
mod explain;
mod facts;
mod groups;
mod handles;
mod held;
mod in_force;
mod limits;
mod lints;
mod memory;
mod problem;
mod set;
mod statement;
mod stored;
mod syntax_tree;
mod terms;
mod text;
mod vocabulary;

pub use explain::{Explanation, Failed, Near};
pub use in_force::Policies;
pub use memory::DecisionMemory;
pub use problem::{PolicyProblem, PolicyProblems, Severity};
pub use set::PolicySet;
