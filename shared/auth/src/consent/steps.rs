//! What goes into the steps of a consent and what comes out of them.

use url::Url;

use super::handles::{AttemptCookie, Handle};
use crate::cause::Cause;
use crate::cloud::Cloud;
use crate::identifiers::{Customer, Resource, TenantId};
use crate::protocol::{ConsentFlow, ConsentMode};
use crate::secret::SecretString;
use crate::tenant::Tenant;
use crate::timestamp::Timestamp;

/// The settings of the consent function.
#[derive(Debug, Clone)]
pub struct ConsentSettings {
    /// `CONSENT_FLOW`.
    pub flow: ConsentFlow,
    /// `CONSENT_MODE`.
    pub mode: ConsentMode,
    /// `CONSENT_REDIRECT_URI`: the registered reply URL.
    pub redirect_uri: String,
    /// The cloud that tenants connect under.
    pub cloud: Cloud,
    /// The resource that the authority's page names.
    pub resource: Resource,
}

/// Why an attempt ends here.
pub type Refusal = Cause;

/// An attempt that began: where the browser goes, and the cookie that it takes along.
pub struct Begun {
    /// A page of the authority.
    pub location: Url,
    /// The attempt.
    pub cookie: AttemptCookie,
}

/// What the authority sent back through the browser. Nothing of it is believed.
#[derive(Default)]
pub struct Callback {
    /// `state`.
    pub unverified_state: Option<String>,
    /// `code`.
    pub unverified_code: Option<SecretString>,
    /// `tenant`: compared with the tenant that signed in, and used for nothing else.
    pub unverified_tenant: Option<String>,
    /// `admin_consent`.
    pub unverified_admin_consent: Option<String>,
    /// `error`.
    pub unverified_error: Option<String>,
    /// `error_description`.
    pub unverified_error_description: Option<String>,
}

/// A cookie whose attempt is over.
pub struct ClearedAttempt(pub String);

/// Where a confirmation leads.
pub enum Confirmed {
    /// To the admin-consent page (v2 flow).
    Consent(Begun),
    /// To the result page.
    Done(Handle),
}

/// What the confirm page shows.
pub struct ConfirmView {
    /// The tenant that signed in.
    pub tenant: TenantId,
    /// The account that it will be bound to.
    pub customer: Customer,
    /// Who signed in.
    pub username: Option<String>,
}

/// What the result page shows.
pub enum ResultView {
    /// Consent was completed; this is how the tenant stands now.
    Tenant(Tenant),
    /// It was not, for this cause.
    Refused {
        /// Why.
        cause: Cause,
        /// When.
        at: Timestamp,
    },
}

/// Where a callback leads.
pub enum Callbacked {
    /// To the confirm page.
    Confirm(Handle),
    /// To the result page; the attempt's cookie is done with.
    Done(Handle, ClearedAttempt),
}
