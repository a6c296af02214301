//! What a decision depends on, taken out of a question: every value that can reach a
//! policy and none besides. Entities are made from it, and the key under which a decision
//! is remembered, so that the key cannot forget anything. Of claims and labels only those
//! are taken that some policy of the set reads; which those are is known, because a
//! policy has to write their names out.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use auth::TenantId;
use auth::caller::{Action, AwsRole, Caller, ClaimNames, Question, Route, Subject};
use cedar_policy::pst::{BinaryOp, Expr};

use crate::claims;
use crate::statement::Statement;
use crate::syntax_tree::walk;
use crate::terms::{Kind, Tagged, literal};

/// The names of claims and labels that the policies of a set read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reads {
    /// Claims read as text: `principal.getTag(…)`.
    pub(crate) claims: BTreeSet<String>,
    /// Claims read as lists: `principal.lists.getTag(…)`.
    pub(crate) lists: BTreeSet<String>,
    /// Labels of tenants: `resource.getTag(…)`.
    pub(crate) labels: BTreeSet<String>,
    /// The claims in which the first two are looked for.
    pub(crate) claim_names: Arc<ClaimNames>,
}

/// Why a question has no facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoFacts {
    /// No policy can be asked it: an action that does not fit its subject, a token for no
    /// resource.
    Malformed,
    /// The caller was cut down to claims that other policies read.
    ClaimsUnknown,
}

/// A question, as policies see it.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) principal: Principal<'a>,
    pub(crate) action: Action,
    pub(crate) object: Object<'a>,
    /// The resource that a token is asked for; only with [`Action::Vend`].
    pub(crate) token_for: Option<&'a str>,
    pub(crate) route: Route,
}

/// Who asks.
#[derive(Debug)]
pub(crate) enum Principal<'a> {
    AwsRole(&'a AwsRole),
    Workload(Workload<'a>),
    Key(&'a str),
}

/// A workload and its claims.
#[derive(Debug)]
pub(crate) struct Workload<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) claims: Vec<(&'a str, Cow<'a, str>)>,
    pub(crate) lists: Vec<(&'a str, Vec<Cow<'a, str>>)>,
}

/// What it is about.
#[derive(Debug)]
pub(crate) enum Object<'a> {
    Tenant(TenantId, Option<Connected<'a>>),
    Customer(&'a str),
}

/// What is known of a connected tenant.
#[derive(Debug)]
pub(crate) struct Connected<'a> {
    pub(crate) customer: &'a str,
    pub(crate) cloud: &'static str,
    pub(crate) status: &'static str,
    pub(crate) labels: Vec<(&'a str, &'a str)>,
}

impl<'a> Facts<'a> {
    /// The facts of a question.
    pub(crate) fn of(question: &Question<'a>, reads: &'a Reads) -> Result<Self, NoFacts> {
        let token_for = match (question.action, question.context.resource) {
            (Action::Vend, None) => return Err(NoFacts::Malformed),
            (Action::Vend, Some(resource)) => Some(resource.as_str()),
            (Action::List | Action::Invite, _) => None,
        };
        Ok(Self {
            principal: Principal::of(question.caller, reads)?,
            action: question.action,
            object: Object::of(question, reads).ok_or(NoFacts::Malformed)?,
            token_for,
            route: question.context.route,
        })
    }
}

impl<'a> Principal<'a> {
    pub(crate) fn of(caller: &'a Caller, reads: &'a Reads) -> Result<Self, NoFacts> {
        match caller {
            Caller::AwsRole(role) => Ok(Principal::AwsRole(role)),
            // Fails closed because a claim that was dropped looks like one that is not there,
            // and a forbid on it would not match.
            Caller::Workload(workload) if !workload.knows(&reads.claim_names) => {
                Err(NoFacts::ClaimsUnknown)
            }
            Caller::Workload(workload) => Ok(Principal::Workload(Workload {
                issuer: workload.issuer(),
                subject: workload.subject(),
                claims: claims::texts(workload, &reads.claims),
                lists: claims::lists(workload, &reads.lists),
            })),
            Caller::Key { name } => Ok(Principal::Key(name.as_str())),
        }
    }

    pub(crate) fn kind(&self) -> Kind {
        match self {
            Principal::AwsRole(_) => Kind::AwsRole,
            Principal::Workload(_) => Kind::Workload,
            Principal::Key(_) => Kind::Key,
        }
    }

    /// The name in policies: `Type::"name"`.
    pub(crate) fn name(&self) -> Cow<'a, str> {
        match self {
            Principal::AwsRole(role) => format!("{}/{}", role.account(), role.name()).into(),
            Principal::Workload(workload) => {
                format!("{} {}", workload.issuer, workload.subject).into()
            }
            Principal::Key(name) => Cow::Borrowed(name),
        }
    }
}

impl<'a> Object<'a> {
    fn of(question: &Question<'a>, reads: &'a Reads) -> Option<Self> {
        match (question.action, question.subject) {
            (Action::Invite, Subject::Customer(customer)) => {
                Some(Object::Customer(customer.as_str()))
            }
            (Action::Vend | Action::List, Subject::Tenant(tenant)) => {
                let connected = tenant.connected.map(|facts| Connected {
                    customer: facts.customer.as_str(),
                    cloud: facts.cloud.as_str(),
                    status: facts.status.as_str(),
                    labels: facts
                        .tags
                        .iter()
                        .filter(|(name, _)| reads.labels.contains(*name))
                        .map(|(name, value)| (name.as_str(), value.as_str()))
                        .collect(),
                });
                Some(Object::Tenant(tenant.id, connected))
            }
            (Action::Invite, Subject::Tenant(_)) | (_, Subject::Customer(_)) => None,
        }
    }
}

impl Reads {
    /// What policies read. Names that are not written out are refused before ([`lints`]
    /// `tag_name`); tags of something that depends count as tags of everything.
    ///
    /// [`lints`]: crate::lints
    pub(crate) fn of(statements: &[Statement]) -> Self {
        let mut reads = Reads::default();
        for statement in statements {
            // An unknown expression was refused before.
            let _ = walk(&statement.tree, |expression, _| {
                if let Some((tagged, name)) = tag(expression) {
                    reads.add(tagged, name);
                }
            });
        }
        let names = reads.claims.iter().chain(&reads.lists);
        let names = names.map(|name| claims::claim_of(name).into_owned());
        reads.claim_names = Arc::new(names.collect());
        reads
    }

    fn add(&mut self, tagged: Option<Tagged>, name: &str) {
        if matches!(tagged, Some(Tagged::Principal) | None) {
            self.claims.insert(name.to_owned());
        }
        if matches!(tagged, Some(Tagged::Lists) | None) {
            self.lists.insert(name.to_owned());
        }
        if matches!(tagged, Some(Tagged::Resource) | None) {
            self.labels.insert(name.to_owned());
        }
    }
}

/// The name of a tag that an expression asks for, and of what.
fn tag(expression: &Expr) -> Option<(Option<Tagged>, &str)> {
    match expression {
        Expr::BinaryOp {
            op: BinaryOp::HasTag | BinaryOp::GetTag,
            left,
            right,
        } => Some((Tagged::of(left), literal(right)?)),
        _ => None,
    }
}
