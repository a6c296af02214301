//! What the sign-in and the admin consent page have in common: the form of both.
//!
//! It repeats the request's parameters and adds `account`, a user principal name, and
//! `action`, `accept` or `cancel`. A POST without `action` asks for the page, like a GET.

use std::sync::Arc;

use crate::authority::Authority;
use crate::directory::tenants::{Person, Tenant};
use crate::errors::{MALFORMED_REQUEST, Refusal, USER_NOT_IN_DIRECTORY, missing};
use crate::faults::FaultKind;
use crate::parameters::Parameters;
use crate::received::ReceivedRequest;

/// Fields of the form that are not the application's.
pub(crate) const FORM_FIELDS: [&str; 2] = ["account", "action"];

/// What is asked of a page.
pub(crate) enum PageAction {
    Show,
    Cancel,
    Accept(Arc<Tenant>, Person),
}

impl PageAction {
    pub(crate) fn read(
        sent: &Parameters,
        authority: &Authority,
        received: &ReceivedRequest,
    ) -> Result<Self, Refusal> {
        match sent.get("action") {
            None => Ok(Self::Show),
            Some("cancel") => Ok(Self::Cancel),
            Some("accept") => find_person(sent.get("account"), authority, received),
            Some(other) => Err(MALFORMED_REQUEST.because(format!("Unknown action '{other}'."))),
        }
    }
}

/// The Accept of the form's person, if people of that tenant may sign in here.
fn find_person(
    account: Option<&str>,
    authority: &Authority,
    received: &ReceivedRequest,
) -> Result<PageAction, Refusal> {
    let upn = account.ok_or_else(|| missing("account"))?;
    let may_sign_in = |tenant: &&Arc<Tenant>| {
        let tenant_id = tenant.tenant_id;
        let faults = &received.site.core.faults;
        let deleted = faults.see(FaultKind::TenantDeleted, Some(tenant_id));
        authority.tenant_id().is_none_or(|only| only == tenant_id) && deleted.is_none()
    };
    upn.rsplit_once('@')
        .and_then(|(_, domain)| received.directory.tenant(domain))
        .filter(may_sign_in)
        .and_then(|tenant| {
            let person = tenant.person(upn)?.clone();
            Some(PageAction::Accept(Arc::clone(tenant), person))
        })
        .ok_or_else(|| {
            USER_NOT_IN_DIRECTORY.because(format!(
                "The user account {upn} does not exist in the directory. To sign into this \
                 application, the account must be added to the directory."
            ))
        })
}
