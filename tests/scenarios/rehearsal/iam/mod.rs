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
    let permitted = |action: &str, key: Option<&str>, attributes: &[&str]| {
        let call = call::Call {
            function: "vending",
            action: format!("dynamodb:{action}"),
            resource: "ControlTable".to_owned(),
            leading_keys: key.into_iter().map(str::to_owned).collect(),
            attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
        };
        let mut statements = roles["vending"].iter();
        statements.any(|statement| statement.allows && statement.covers(&call))
    };
    let noted = ["pk", "sk", "last_used_at", "version"];
    assert!(permitted("UpdateItem", Some("CALLERS"), &noted));
    assert!(!permitted(
        "UpdateItem",
        Some("CALLERS"),
        &["hash", "version"]
    ));
    assert!(!permitted("UpdateItem", Some("CALLERS"), &[]), "no list");
    assert!(!permitted("UpdateItem", None, &noted), "no key");
    for key in ["POLICY", "ISSUERS", "CALLERS", "T#x"] {
        assert!(!permitted("PutItem", Some(key), &noted), "{key}");
        assert!(!permitted("DeleteItem", Some(key), &noted), "{key}");
        let is_caller = key == "CALLERS";
        assert_eq!(
            permitted("UpdateItem", Some(key), &noted),
            is_caller,
            "{key}"
        );
    }
}
