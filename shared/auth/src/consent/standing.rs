//! What speaks for a person, or an import, that wants a tenant bound.

/// What speaks for whoever wants a tenant bound; what is not said is not allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Standing {
    /// Roles that have not arrived make the tenant `propagating` instead of a refusal. Only
    /// for an admin who consented a moment ago, or a tenant that is bound to itself: else
    /// somebody who cannot consent could bind a tenant now and be served when its admin
    /// consents for somebody else.
    pub may_wait: bool,
    /// A tenant that works or was removed may be connected anew.
    pub may_renew: bool,
    /// An admin consented a moment ago: what is not there yet is on its way. An import knows
    /// of no such moment.
    pub consented: bool,
    /// The sign-in showed the permissions in their delegated form: where the application
    /// form does not follow, that is why.
    pub delegated: bool,
}
