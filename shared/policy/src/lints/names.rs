//! Names that can be nobody's: a policy that means somebody and matches nobody. In a
//! `forbid` that is a hole. And names of claims and labels that are not written out.

use auth::caller::{AwsRole, CallerName};
use auth::tenant::TagKey;
use auth::{Customer, TenantId};
use cedar_policy::pst::{BinaryOp, Expr, Literal};

use super::finding::Finding;
use super::values;
use crate::claims;
use crate::statement::Statement;
use crate::syntax_tree::walk;
use crate::terms::{Tagged, Term, literal};

pub(super) fn findings(statement: &Statement) -> Vec<Finding> {
    let mut found = Vec::new();
    for entity in statement.policy.entity_literals() {
        let name = entity.id().unescaped();
        found.extend(entity_name(entity.type_name().basename(), name));
    }
    let seen = walk(&statement.tree, |expression, _| {
        found.extend(comparison(expression));
        found.extend(tag(expression));
    });
    if seen.is_err() {
        found.push(Finding::refused(
            "too_intricate",
            "it uses an expression that cannot be checked",
            "write it without it",
        ));
    }
    found
}

/// An entity that no question can be about.
fn entity_name(entity_type: &str, name: &str) -> Option<Finding> {
    let expected = match entity_type {
        "AwsRole" => (!is_role(name)).then_some("\"ACCOUNT/NAME\", the account with 12 digits"),
        "Workload" => (!is_workload(name)).then_some("\"ISSUER SUBJECT\", with one space"),
        "Key" => {
            let bad = name.parse::<CallerName>().is_err();
            bad.then_some("a caller key's: 1 to 40 of a-z, 0-9 and -")
        }
        "Tenant" => (!is_tenant(name)).then_some("a tenant ID in lower case"),
        "Customer" => {
            // In another spelling it would be no account's name (Unicode's NFC, trimmed).
            let parsed = name.parse::<Customer>();
            let bad = !parsed.is_ok_and(|customer| customer.as_str() == name);
            bad.then_some("a customer account's, as `operator tenants show` prints it")
        }
        "Lists" => Some("none: they are reached as `principal.lists`"),
        // Enumerated in the schema.
        _ => None,
    };
    expected.map(|expected| never(format!("{entity_type}::{name:?}"), expected))
}

fn never(what: String, expected: &str) -> Finding {
    Finding::refused(
        "never_matches",
        format!("{what} is never anybody's name"),
        format!("its form is {expected}"),
    )
}

fn is_role(name: &str) -> bool {
    name.split_once('/')
        .is_some_and(|(account, name)| AwsRole::is_account(account) && AwsRole::is_name(name))
}

fn is_workload(name: &str) -> bool {
    name.split_once(' ').is_some_and(|(issuer, subject)| {
        (issuer.starts_with("https://") || issuer.starts_with("http://")) && !subject.is_empty()
    })
}

fn is_tenant(name: &str) -> bool {
    name.parse::<TenantId>()
        .is_ok_and(|tenant| tenant.to_string() == name)
}

/// A comparison with a text that the other side never is.
fn comparison(expression: &Expr) -> Vec<Finding> {
    let Expr::BinaryOp {
        op: BinaryOp::Eq | BinaryOp::NotEq | BinaryOp::Contains,
        left,
        right,
    } = expression
    else {
        return Vec::new();
    };
    let (term, other) = match (Term::of(left), Term::of(right)) {
        (Some(term), None) => (term, right),
        (None, Some(term)) => (term, left),
        _ => return Vec::new(),
    };
    let texts = texts(other).into_iter();
    let never = texts.filter_map(|text| Some((text, values::expected(&term, text)?)));
    never
        .map(|(text, form)| {
            Finding::refused(
                "never_matches",
                format!("it is compared with {text:?}, which it never is"),
                format!("its form is {form}"),
            )
        })
        .collect()
}

fn texts(expression: &Expr) -> Vec<&str> {
    match expression {
        Expr::Literal(Literal::String(text)) => vec![text],
        Expr::Set(items) => items.iter().filter_map(|item| literal(item)).collect(),
        _ => Vec::new(),
    }
}

/// A tag whose name depends on something, so that it would not be known which ones to look
/// up; or that nothing has.
fn tag(expression: &Expr) -> Option<Finding> {
    let Expr::BinaryOp {
        op: BinaryOp::HasTag | BinaryOp::GetTag,
        left,
        right,
    } = expression
    else {
        return None;
    };
    let Some(name) = literal(right) else {
        return Some(Finding::refused(
            "tag_name",
            "the name of a claim or label is not written out",
            "write hasTag(\"name\"), getTag(\"name\")",
        ));
    };
    let expected = match Tagged::of(left)? {
        Tagged::Principal | Tagged::Lists => (!claims::is_name(name)).then_some(
            "a JSON Pointer, in which ~ is written ~0 and / within a name ~1 (RFC 6901)",
        ),
        Tagged::Resource => {
            let bad = name.parse::<TagKey>().is_err();
            bad.then_some("a label's: 1 to 40 of a-z, 0-9, _ and -")
        }
    };
    expected.map(|expected| {
        Finding::refused(
            "never_matches",
            format!("nothing has a claim or label called {name:?}"),
            format!("its form is {expected}"),
        )
    })
}
