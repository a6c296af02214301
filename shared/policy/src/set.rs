//! A set of policies that decides. It denies by default; a `forbid` that is satisfied
//! wins over every permit; and so does a `forbid` that cannot be evaluated: Cedar itself
//! would pass over it, but its author wanted something denied, so it fails closed.
//! A permit that cannot be evaluated permits nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use auth::caller::{Decision, PrivateIssuers, Question, Ruling};
use auth::policy::StoredPolicy;
use cedar_policy::Decision as CedarDecision;
use cedar_policy::{AuthorizationError, Authorizer, PolicySet as CedarSet, Response};

use crate::facts::{Facts, NoFacts, Reads};
use crate::groups::Groups;
use crate::problem::{PolicyProblem, PolicyProblems};
use crate::statement::Statement;
use crate::text::{self, CheckedText};
use crate::vocabulary::{CedarQuestion, Vocabulary};

/// Policies that were checked, ready to decide.
#[derive(Debug)]
pub struct PolicySet {
    pub(crate) statements: Vec<Statement>,
    groups: Groups,
    pub(crate) reads: Reads,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) cedar: Authorizer,
    digest: Arc<str>,
    to_confirm: Vec<PolicyProblem>,
}

/// A decision, and whether it would be the same another time: a policy that could not be
/// evaluated may have failed for want of stack.
pub(crate) struct Decided {
    pub(crate) decision: Decision,
    pub(crate) is_certain: bool,
}

/// What the policies that a question was put to say.
#[derive(Debug, Default)]
struct Verdict {
    permits: BTreeSet<String>,
    /// Satisfied, or failed.
    forbids: BTreeSet<String>,
    failed: BTreeSet<String>,
}

impl PolicySet {
    /// Reads and checks a text. What has to be confirmed only is no error: see
    /// [`to_confirm`](Self::to_confirm).
    pub fn parse(text: &str) -> Result<Self, PolicyProblems> {
        Self::parse_with(text, &PrivateIssuers::default())
    }

    /// The same where the operator declared issuers private.
    pub fn parse_with(text: &str, private: &PrivateIssuers) -> Result<Self, PolicyProblems> {
        let CheckedText {
            statements,
            to_confirm,
        } = text::read(text, private)?;
        Ok(Self {
            groups: Groups::new(&statements),
            reads: Reads::of(&statements),
            statements,
            vocabulary: Vocabulary::new(),
            cedar: Authorizer::new(),
            digest: StoredPolicy::digest_of(text).into(),
            to_confirm,
        })
    }

    /// What an operator has to confirm before the text is stored.
    pub fn to_confirm(&self) -> &[PolicyProblem] {
        &self.to_confirm
    }

    /// SHA-256 of the text, in hexadecimal.
    pub fn digest(&self) -> &Arc<str> {
        &self.digest
    }

    /// The ids of the policies, in the order of the text.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.statements
            .iter()
            .map(|statement| statement.id.as_str())
    }

    /// The decision on a question.
    pub fn decide(&self, question: &Question<'_>) -> Decision {
        match Facts::of(question, &self.reads) {
            Ok(facts) => self.decide_facts(&facts).decision,
            Err(why) => self.without_facts(question, why),
        }
    }

    /// A question that no policy can be asked is denied: it is no caller's, but a mistake
    /// of the program.
    pub(crate) fn without_facts(&self, question: &Question<'_>, why: NoFacts) -> Decision {
        if why == NoFacts::ClaimsUnknown {
            tracing::warn!(
                event = "policy_claims_unknown",
                "the policies changed while a caller was proven: the question is left undecided, \
                 and the next proof has the claims that they read"
            );
            return self.answer(Ruling::Undecided, BTreeSet::new());
        }
        tracing::error!(
            event = "policy_question_malformed",
            action = question.action.as_str(),
            route = question.context.route.as_str(),
            "a question that policies cannot be asked was denied"
        );
        self.answer(Ruling::Deny, BTreeSet::new())
    }

    pub(crate) fn decide_facts(&self, facts: &Facts<'_>) -> Decided {
        let Some(asked) = self.vocabulary.ask(facts) else {
            // Cedar refuses a value: it fails closed.
            return Decided {
                decision: self.answer(Ruling::Deny, BTreeSet::new()),
                is_certain: false,
            };
        };
        let verdict = self.verdict(facts, &asked);
        if !verdict.failed.is_empty() {
            tracing::error!(
                event = "policy_not_evaluated",
                digest = %self.digest,
                policies = ?verdict.failed,
                "policies could not be evaluated: a forbid denies then, a permit permits nothing"
            );
        }
        let decision = match (verdict.forbids.is_empty(), verdict.permits.is_empty()) {
            (true, false) => self.answer(Ruling::Allow, verdict.permits),
            (false, _) => self.answer(Ruling::Deny, verdict.forbids),
            (true, true) => self.answer(Ruling::Deny, BTreeSet::new()),
        };
        Decided {
            decision,
            is_certain: verdict.failed.is_empty(),
        }
    }

    fn verdict(&self, facts: &Facts<'_>, asked: &CedarQuestion) -> Verdict {
        let mut verdict = Verdict::default();
        let concerned = self.groups.concerned(facts);
        for forbids in concerned.forbids() {
            let response = self.put(forbids, asked);
            let failed = failed(&response);
            verdict.forbids.extend(reasons(&response));
            verdict.forbids.extend(failed.iter().cloned());
            verdict.failed.extend(failed);
        }
        if verdict.forbids.is_empty() {
            for permits in concerned.permits() {
                let response = self.put(permits, asked);
                verdict.failed.extend(failed(&response));
                if response.decision() == CedarDecision::Allow {
                    verdict.permits.extend(reasons(&response));
                }
            }
        }
        verdict
    }

    fn put(&self, policies: &CedarSet, asked: &CedarQuestion) -> Response {
        let CedarQuestion { request, entities } = asked;
        self.cedar.is_authorized(request, policies, entities)
    }

    pub(crate) fn answer(&self, ruling: Ruling, policies: BTreeSet<String>) -> Decision {
        Decision {
            ruling,
            policies: policies.into_iter().collect(),
            digest: Some(Arc::clone(&self.digest)),
            candidate: None,
        }
    }
}

/// The ids of the policies that decided.
fn reasons(response: &Response) -> impl Iterator<Item = String> {
    response.diagnostics().reason().map(ToString::to_string)
}

/// The ids of the policies that could not be evaluated.
fn failed(response: &Response) -> Vec<String> {
    let errors = response.diagnostics().errors();
    errors
        .map(|AuthorizationError::PolicyEvaluationError(error)| error.policy_id().to_string())
        .collect()
}
