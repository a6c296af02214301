//! What each function's role permits, read from the template as AWS transforms it, beside
//! what the function asked for. Names of resources are those of the template.

mod call;
mod exceptions;
mod report;
mod role;

pub(crate) use call::calls;
pub(crate) use report::Report;
pub(crate) use role::roles;
