//! Who binds which tenant to whom, and what speaks for it: two lines of the audit log, one
//! before each write and one after the write that was done. A process that is killed in
//! between leaves the first.

use crate::invite::InviteKey;
use crate::sign_in::{AdminRole, SignIn};
use crate::tenant::Tenant;

/// How much of an invite's hash names it in the log.
const INVITE_PREFIX: usize = 12;

/// What speaks for a binding.
pub(super) struct Evidence<'a> {
    sign_in: &'a SignIn,
    invite: Option<String>,
    proof: &'static str,
}

impl<'a> Evidence<'a> {
    pub(super) fn of(sign_in: &'a SignIn, invite: Option<&InviteKey>) -> Self {
        let proof = match (sign_in.role, invite) {
            (AdminRole::Held, _) => "admin_role",
            (_, Some(_)) => "vouched",
            (_, None) => "itself",
        };
        Self {
            sign_in,
            invite: invite.map(shortened),
            proof,
        }
    }

    /// The tenant is about to be written; the write may still fail.
    pub(super) fn report_binding(&self, tenant: &Tenant) {
        let event = "tenant_binding";
        self.report(event, tenant, "is about to be bound to");
    }

    /// The tenant is written.
    pub(super) fn report_bound(&self, tenant: &Tenant) {
        let event = "tenant_bound";
        self.report(event, tenant, "was bound to");
    }

    fn report(&self, event: &'static str, tenant: &Tenant, done: &'static str) {
        tracing::info!(
            target: "audit",
            event, tenant = %tenant.id, customer = %tenant.customer,
            status = %tenant.status, person = self.sign_in.person.map(tracing::field::display),
            person_tenant = %self.sign_in.tenant, invite = self.invite, proof = self.proof,
            "tenant {} {done} {}", tenant.id, tenant.customer
        );
    }
}

/// An invite as the log names it.
pub(super) fn shortened(invite: &InviteKey) -> String {
    invite.to_string().chars().take(INVITE_PREFIX).collect()
}
