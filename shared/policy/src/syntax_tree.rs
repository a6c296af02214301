//! Walking the conditions of a policy as Cedar's public syntax tree (`pst`) has them,
//! without recursion: how deep they are is part of what is checked.

use std::sync::Arc;

use cedar_policy::pst::{Clause, Expr, Template};

/// An expression of a kind that this version of us does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct UnknownExpression;

/// The conditions of a policy.
pub(crate) fn conditions(policy: &Template) -> impl Iterator<Item = &Expr> {
    policy.clauses().iter().map(|clause| match clause {
        Clause::When(expression) | Clause::Unless(expression) => expression.as_ref(),
    })
}

/// Calls `visit` with each expression of a policy's conditions and its depth, counted
/// from 1.
pub(crate) fn walk<'a>(
    policy: &'a Template,
    mut visit: impl FnMut(&'a Expr, usize),
) -> Result<(), UnknownExpression> {
    let mut open: Vec<_> = conditions(policy).map(|whole| (whole, 1)).collect();
    while let Some((expression, depth)) = open.pop() {
        visit(expression, depth);
        for part in parts(expression)? {
            open.push((part, depth + 1));
        }
    }
    Ok(())
}

fn parts(expression: &Expr) -> Result<Vec<&Expr>, UnknownExpression> {
    let parts: Vec<&Arc<Expr>> = match expression {
        Expr::Literal(_) | Expr::Var(_) | Expr::Slot(_) => vec![],
        Expr::UnaryOp { expr, .. }
        | Expr::GetAttr { expr, .. }
        | Expr::HasAttr { expr, .. }
        | Expr::Like { expr, .. } => vec![expr],
        Expr::BinaryOp { left, right, .. } => vec![left, right],
        Expr::Is { expr, in_expr, .. } => std::iter::once(expr).chain(in_expr).collect(),
        Expr::IfThenElse {
            cond,
            then_expr,
            else_expr,
        } => vec![cond, then_expr, else_expr],
        Expr::Set(items) => items.iter().collect(),
        Expr::Record(members) => members.values().collect(),
        _ => return Err(UnknownExpression),
    };
    Ok(parts.into_iter().map(Arc::as_ref).collect())
}
