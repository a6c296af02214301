//! In which cases a policy is satisfied: its conditions as alternatives, each a list of
//! facts that hold whenever the policy is satisfied that way.
//!
//! What is not understood is left out, so that a case can only be wider than the policy:
//! a fact that is listed is certain, one that is missing may hold all the same. Nothing
//! is made of `!=`, `<`, `has` on a resource, arithmetic, or a comparison of two
//! expressions of which neither is a literal or a plain attribute.

use cedar_policy::pst::{
    BinaryOp, Clause, EntityOrSlot, EntityType, EntityUID, Expr, Literal, PatternElem,
    PrincipalConstraint, ResourceConstraint, Template, UnaryOp, Var,
};

use crate::terms::{Kind, Term};

/// More alternatives than this are not told apart.
const CASES_MAX: usize = 64;

/// Facts that hold together.
pub(crate) type Case = Vec<Fact>;

/// What is certain when a policy is satisfied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    /// The term is one of these texts; of a list claim: holds one of them.
    OneOf(Term, Vec<String>),
    /// The term begins with this text, which may be empty.
    Begins(Term, String),
    /// The two terms are the same text.
    Same(Term, Term),
    /// The term is one of these entities, or belongs to one of them.
    Within(Term, Vec<EntityUID>),
    /// The caller is of one of these kinds.
    Kinds(Vec<Kind>),
}

/// The cases of a policy; `None` where there are too many to tell apart.
pub(crate) fn cases(policy: &Template) -> Option<Vec<Case>> {
    let mut cases = vec![scope(policy)];
    for clause in policy.clauses() {
        let (expression, holds) = match clause {
            Clause::When(expression) => (expression, true),
            Clause::Unless(expression) => (expression, false),
        };
        cases = both(cases, of(expression, holds)?)?;
    }
    Some(cases)
}

/// What the scope demands of caller and subject.
pub(crate) fn scope(policy: &Template) -> Case {
    let mut case = Case::new();
    match &policy.principal {
        PrincipalConstraint::Any => {}
        PrincipalConstraint::Eq(named) | PrincipalConstraint::In(named) => {
            case.extend(within(Term::Principal, named));
        }
        PrincipalConstraint::Is(of) => case.push(kinds(of)),
        PrincipalConstraint::IsIn(of, named) => {
            case.push(kinds(of));
            case.extend(within(Term::Principal, named));
        }
    }
    match &policy.resource {
        ResourceConstraint::Any | ResourceConstraint::Is(_) => {}
        ResourceConstraint::Eq(named)
        | ResourceConstraint::In(named)
        | ResourceConstraint::IsIn(_, named) => case.extend(within(Term::Resource, named)),
    }
    case
}

fn within(term: Term, named: &EntityOrSlot) -> Option<Fact> {
    match named {
        EntityOrSlot::Entity(entity) => Some(Fact::Within(term, vec![entity.clone()])),
        EntityOrSlot::Slot(_) => None,
    }
}

fn kinds(of: &EntityType) -> Fact {
    Fact::Kinds(Kind::of(of).into_iter().collect())
}

/// The cases in which an expression is `holds`.
fn of(expression: &Expr, holds: bool) -> Option<Vec<Case>> {
    match expression {
        Expr::Literal(Literal::Bool(value)) => {
            if *value == holds {
                Some(vec![Case::new()])
            } else {
                Some(Vec::new())
            }
        }
        Expr::UnaryOp {
            op: UnaryOp::Not,
            expr,
        } => of(expr, !holds),
        Expr::BinaryOp {
            op: op @ (BinaryOp::And | BinaryOp::Or),
            left,
            right,
        } => {
            let (left, right) = (of(left, holds)?, of(right, holds)?);
            if (*op == BinaryOp::And) == holds {
                both(left, right)
            } else {
                either(left, right)
            }
        }
        Expr::IfThenElse {
            cond,
            then_expr,
            else_expr,
        } => either(
            both(of(cond, true)?, of(then_expr, holds)?)?,
            both(of(cond, false)?, of(else_expr, holds)?)?,
        ),
        // `!=` that does not hold is `==`.
        Expr::BinaryOp {
            op: BinaryOp::NotEq,
            left,
            right,
        } if !holds => Some(vec![equal(left, right)]),
        other if holds => Some(vec![facts(other)]),
        _ => Some(vec![Case::new()]),
    }
}

fn either(mut one: Vec<Case>, other: Vec<Case>) -> Option<Vec<Case>> {
    one.extend(other);
    (one.len() <= CASES_MAX).then_some(one)
}

fn both(one: Vec<Case>, other: Vec<Case>) -> Option<Vec<Case>> {
    if one.len() * other.len() > CASES_MAX {
        return None;
    }
    let joined = one.iter().flat_map(|left| {
        let join = |right: &Case| left.iter().chain(right).cloned().collect();
        other.iter().map(join)
    });
    Some(joined.collect())
}

/// What follows when a single comparison holds.
fn facts(expression: &Expr) -> Case {
    match expression {
        Expr::BinaryOp { op, left, right } => match op {
            BinaryOp::Eq => equal(left, right),
            BinaryOp::In => Term::of(left)
                .and_then(|term| Some(Fact::Within(term, entities(right)?)))
                .into_iter()
                .collect(),
            BinaryOp::Contains => contains(left, right),
            _ => Case::new(),
        },
        Expr::Is {
            expr,
            entity_type,
            in_expr,
        } => is(expr, entity_type, in_expr.as_deref()),
        Expr::HasAttr { expr, attrs } if **expr == Expr::Var(Var::Principal) => {
            vec![Fact::Kinds(Kind::with_attribute(attrs.first()))]
        }
        Expr::Like { expr, pattern } => like(expr, pattern).into_iter().collect(),
        _ => Case::new(),
    }
}

fn equal(left: &Expr, right: &Expr) -> Case {
    let fact = match (Term::of(left), Term::of(right)) {
        (Some(one), Some(other)) => Some(Fact::Same(one, other)),
        (Some(term), None) => literals(term, right),
        (None, Some(term)) => literals(term, left),
        (None, None) => None,
    };
    fact.into_iter().collect()
}

/// `[…].contains(term)`, or a list claim that contains a literal.
fn contains(set: &Expr, item: &Expr) -> Case {
    let fact = match (Term::of(set), Term::of(item)) {
        (Some(list), None) => literals(list, item),
        (None, Some(term)) => literals(term, set),
        _ => None,
    };
    fact.into_iter().collect()
}

fn is(expression: &Expr, of: &EntityType, within: Option<&Expr>) -> Case {
    let Some(term) = Term::of(expression) else {
        return Case::new();
    };
    let mut case = Case::new();
    if term == Term::Principal {
        case.push(kinds(of));
    }
    case.extend(within.and_then(|named| Some(Fact::Within(term, entities(named)?))));
    case
}

/// The part before the first wildcard; all of it where there is none.
fn like(expression: &Expr, pattern: &[PatternElem]) -> Option<Fact> {
    let term = Term::of(expression)?;
    let start: String = pattern
        .iter()
        .map_while(|element| match element {
            PatternElem::Char(character) => Some(*character),
            PatternElem::Wildcard => None,
        })
        .collect();
    Some(if pattern.contains(&PatternElem::Wildcard) {
        Fact::Begins(term, start)
    } else {
        Fact::OneOf(term, vec![start])
    })
}

/// The term is the literal, or one of a set of literals.
fn literals(term: Term, expression: &Expr) -> Option<Fact> {
    match entities(expression) {
        Some(entities) => Some(Fact::Within(term, entities)),
        None => Some(Fact::OneOf(term, texts(expression)?)),
    }
}

fn entities(expression: &Expr) -> Option<Vec<EntityUID>> {
    match expression {
        Expr::Literal(Literal::EntityUID(entity)) => Some(vec![entity.clone()]),
        Expr::Set(items) => {
            let items = items.iter().map(|item| entities(item)?.pop());
            items.collect()
        }
        _ => None,
    }
}

fn texts(expression: &Expr) -> Option<Vec<String>> {
    match expression {
        Expr::Literal(Literal::String(text)) => Some(vec![text.to_string()]),
        Expr::Set(items) => {
            let items = items.iter().map(|item| texts(item)?.pop());
            items.collect()
        }
        _ => None,
    }
}
