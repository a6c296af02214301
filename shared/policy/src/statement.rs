//! One policy of a set: what Cedar evaluates, and its syntax tree to reason about.

use auth::caller::Action;
use cedar_policy::pst::{
    self, ActionConstraint, EntityOrSlot, EntityType, PrincipalConstraint, Template,
};
use cedar_policy::{Policy, PolicyId};

use crate::terms::Kind;

/// Every action.
pub(crate) const ACTIONS: [Action; 3] = [Action::Vend, Action::List, Action::Invite];

/// The longest id, in characters.
const ID_MAX: usize = 64;

/// A policy.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// What its `@id` says: the name in the audit log.
    pub(crate) id: String,
    /// Where it begins, counted from 1.
    pub(crate) line: usize,
    /// Under that id.
    pub(crate) policy: Policy,
    pub(crate) tree: Template,
}

impl Statement {
    /// A parsed policy under its own id; `None` for what has no tree (a template).
    pub(crate) fn new(id: String, line: usize, policy: &Policy) -> Option<Self> {
        let policy = policy.new_id(PolicyId::new(&id));
        let tree = tree(&policy)?;
        Some(Self {
            id,
            line,
            policy,
            tree,
        })
    }

    /// The kinds of callers that its scope can be about.
    pub(crate) fn kinds(&self) -> Vec<Kind> {
        let of = |of: &EntityType| match Kind::of(of) {
            Some(kind) => vec![kind],
            // No kind of ours: the validator refuses it. To be safe, all.
            None => Kind::ALL.to_vec(),
        };
        match &self.tree.principal {
            PrincipalConstraint::Is(named) | PrincipalConstraint::IsIn(named, _) => of(named),
            PrincipalConstraint::Eq(EntityOrSlot::Entity(named))
            | PrincipalConstraint::In(EntityOrSlot::Entity(named)) => of(&named.ty),
            PrincipalConstraint::Any
            | PrincipalConstraint::Eq(EntityOrSlot::Slot(_))
            | PrincipalConstraint::In(EntityOrSlot::Slot(_)) => Kind::ALL.to_vec(),
        }
    }

    /// Whether its scope can be about an action.
    pub(crate) fn is_about(&self, action: Action) -> bool {
        match &self.tree.action {
            ActionConstraint::Any => true,
            ActionConstraint::Eq(named) => named.eid == action.as_str(),
            ActionConstraint::In(named) => named.iter().any(|one| one.eid == action.as_str()),
        }
    }
}

/// A policy's syntax tree, from what was parsed already: `Policy::to_pst` alone would
/// parse the text a second time, which takes 35 times as long (14 ms for 200 policies).
/// The two conversions are public but not in Cedar's documentation; should they go,
/// `policy.to_pst()` gives the same tree.
fn tree(policy: &Policy) -> Option<Template> {
    let without_text = Policy::from(policy.as_ref().clone());
    match without_text.to_pst().ok()? {
        pst::Policy::Static(policy) => Some(policy.body().clone()),
        pst::Policy::Linked(_) => None,
    }
}

/// Whether a policy can have this id.
pub(crate) fn is_id(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=ID_MAX).contains(&text.len()) && text.bytes().all(allowed)
}

/// Where a policy begins in its text, in bytes.
pub(crate) fn offset(policy: &Policy) -> usize {
    policy.as_ref().loc().map_or(0, |place| place.start())
}
