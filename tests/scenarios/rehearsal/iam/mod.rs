//! What each function's role permits, read from the template as AWS transforms it, beside
//! what the function asked for. Names of resources are those of the template.

mod call;
mod exceptions;
mod report;
mod role;

pub(crate) use call::calls;
pub(crate) use report::Report;
pub(crate) use role::roles;

/// What the function that faces callers does to a caller's key, and what it must not.
#[test]
fn vending_notes_that_a_callers_key_was_used_and_can_write_none() {
    let roles = roles();
    let denied = |action: &str, attributes: &[&str]| {
        let call = call::Call {
            function: "vending",
            action: format!("dynamodb:{action}"),
            resource: "Table".to_owned(),
            leading_keys: vec!["CALLERS".to_owned()],
            attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
        };
        let mut statements = roles["vending"].iter();
        statements.any(|statement| !statement.allows && statement.covers(&call))
    };
    assert!(!denied("UpdateItem", &["last_used_at", "version"]));
    assert!(denied("UpdateItem", &["hash", "version"]));
    assert!(denied("PutItem", &[]) && denied("DeleteItem", &[]));
}
