//! Why a question is decided as it is: for `policy explain`, where time costs nothing.
//! Every policy is put to Cedar by itself, and of the permits that are not satisfied each
//! demand is, so that what is missing can be named.

use std::sync::Arc;

use auth::caller::{Decision, Question};
use cedar_policy::pst::{
    self, ActionConstraint, BinaryOp, Clause, Effect, Expr, PrincipalConstraint,
    ResourceConstraint, StaticPolicy, Template,
};
use cedar_policy::{Policy, PolicySet as CedarSet, Response};

use crate::facts::Facts;
use crate::set::PolicySet;
use crate::statement::Statement;
use crate::vocabulary::CedarQuestion;

/// So many permits that came close are reported.
const NEAR_MAX: usize = 5;

/// A decision and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The decision, as a function would make it.
    pub decision: Decision,
    /// The permits that are satisfied, whether they decided or a forbid won.
    pub permits: Vec<String>,
    /// The forbids that are satisfied.
    pub forbids: Vec<String>,
    /// Policies that cannot be evaluated for this question.
    pub failed: Vec<Failed>,
    /// Permits for this action that are not satisfied, the closest first.
    pub near: Vec<Near>,
}

/// A policy that cannot be evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Its id.
    pub policy: String,
    /// It is a forbid, and denies therefore.
    pub denies: bool,
    /// Why, in Cedar's words. It can name values of the question.
    pub reason: String,
}

/// A permit that came close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Near {
    /// Its id.
    pub policy: String,
    /// What it demands and this question does not meet, each in Cedar.
    pub unmet: Vec<String>,
}

impl PolicySet {
    /// The decision on a question, explained.
    pub fn explain(&self, question: &Question<'_>) -> Explanation {
        let mut explanation = Explanation {
            decision: self.decide(question),
            permits: Vec::new(),
            forbids: Vec::new(),
            failed: Vec::new(),
            near: Vec::new(),
        };
        let facts = Facts::of(question, &self.reads).ok();
        let Some(asked) = facts.and_then(|facts| self.vocabulary.ask(&facts)) else {
            return explanation;
        };
        for statement in &self.statements {
            self.explain_policy(statement, &asked, &mut explanation);
            if self.may_come_near(statement, question, &explanation) {
                let unmet = self.unmet(&statement.tree, &asked);
                let policy = statement.id.clone();
                explanation.near.push(Near { policy, unmet });
            }
        }
        explanation.near.sort_by_key(|near| near.unmet.len());
        explanation.near.truncate(NEAR_MAX);
        explanation
    }

    fn explain_policy(&self, statement: &Statement, asked: &CedarQuestion, into: &mut Explanation) {
        let response = self.put_alone(statement.policy.clone(), asked);
        let permits = statement.tree.effect == Effect::Permit;
        if let Some(error) = response.diagnostics().errors().next() {
            into.failed.push(Failed {
                policy: statement.id.clone(),
                denies: !permits,
                reason: error.to_string(),
            });
        }
        if response.diagnostics().reason().next().is_some() {
            if permits {
                into.permits.push(statement.id.clone())
            } else {
                into.forbids.push(statement.id.clone())
            }
        }
    }

    fn may_come_near(
        &self,
        statement: &Statement,
        question: &Question<'_>,
        so_far: &Explanation,
    ) -> bool {
        statement.tree.effect == Effect::Permit
            && statement.is_about(question.action)
            && !so_far.permits.contains(&statement.id)
    }

    fn unmet(&self, permit: &Template, asked: &CedarQuestion) -> Vec<String> {
        let parts = parts(permit).into_iter();
        let unmet = parts.filter(|(_, part)| !self.is_met(part.clone(), asked));
        unmet.map(|(text, _)| text).collect()
    }

    fn is_met(&self, part: Template, asked: &CedarQuestion) -> bool {
        let policy = StaticPolicy::try_from(part)
            .ok()
            .and_then(|part| Policy::from_pst(pst::Policy::Static(part)).ok());
        policy.is_some_and(|policy| {
            let response = self.put_alone(policy, asked);
            response.decision() == cedar_policy::Decision::Allow
        })
    }

    fn put_alone(&self, policy: Policy, asked: &CedarQuestion) -> Response {
        // One policy has no id to share with another.
        let alone = CedarSet::from_policies([policy]).unwrap_or_default();
        let CedarQuestion { request, entities } = asked;
        self.cedar.is_authorized(request, &alone, entities)
    }
}

/// What a permit demands, one by one, each as a permit of its own.
fn parts(permit: &Template) -> Vec<(String, Template)> {
    let mut parts = Vec::new();
    if permit.principal != PrincipalConstraint::Any {
        let mut part = anything();
        part.principal = permit.principal.clone();
        parts.push((format!("principal {}", permit.principal), part));
    }
    if permit.resource != ResourceConstraint::Any {
        let mut part = anything();
        part.resource = permit.resource.clone();
        parts.push((format!("resource {}", permit.resource), part));
    }
    for clause in permit.clauses().iter().flat_map(demands) {
        let text = match &clause {
            Clause::When(expression) => expression.to_string(),
            Clause::Unless(expression) => format!("!({expression})"),
        };
        // It is a clause of a policy already, so it can be one of another.
        if let Ok(part) = anything().try_with_clauses([clause]) {
            parts.push((text, part));
        }
    }
    parts
}

fn anything() -> Template {
    Template::new(
        "part",
        Effect::Permit,
        PrincipalConstraint::Any,
        ActionConstraint::Any,
        ResourceConstraint::Any,
    )
}

/// A clause as the demands that it joins with `&&`.
fn demands(clause: &Clause) -> Vec<Clause> {
    match clause {
        Clause::When(expression) => joined(expression).into_iter().map(Clause::When).collect(),
        Clause::Unless(_) => vec![clause.clone()],
    }
}

fn joined(expression: &Arc<Expr>) -> Vec<Arc<Expr>> {
    match expression.as_ref() {
        Expr::BinaryOp {
            op: BinaryOp::And,
            left,
            right,
        } => [joined(left), joined(right)].concat(),
        _ => vec![Arc::clone(expression)],
    }
}
