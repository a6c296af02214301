//! For whose tenants a permit is: one that names neither tenant nor customer nor label
//! is for all of them, also for those that are connected later.

use cedar_policy::pst::ActionConstraint;

use super::finding::Finding;
use crate::cases::{Case, Fact};
use crate::statement::Statement;
use crate::terms::Term;

pub(super) fn findings(statement: &Statement, case: &Case) -> Option<Finding> {
    if case.iter().any(restricts) {
        return None;
    }
    let invites_alone = match &statement.tree.action {
        ActionConstraint::Eq(action) => action.eid == "invite",
        ActionConstraint::Any | ActionConstraint::In(_) => false,
    };
    Some(if invites_alone {
        Finding::to_confirm(
            "every_customer",
            "it permits invitations for every customer",
            "name the customer: `resource == Customer::\"…\"`",
        )
    } else {
        Finding::to_confirm(
            "every_tenant",
            "it permits every tenant of every customer",
            "name customer or tenant (`resource in Customer::\"…\"`, `resource == Tenant::\"…\"`), \
             or add a condition on a label",
        )
    })
}

fn restricts(fact: &Fact) -> bool {
    match fact {
        Fact::Within(Term::Resource | Term::Customer, _) | Fact::OneOf(Term::Label(_), _) => true,
        Fact::Begins(Term::Label(_), start) => !start.is_empty(),
        Fact::Same(Term::Label(_), other) | Fact::Same(other, Term::Label(_)) => other.is_callers(),
        _ => false,
    }
}
