//! What goes into the steps of a consent and what comes out of them.

use url::Url;

use super::attempts::AttemptCookie;
use super::handles::Handle;
use super::refusal::ConsentRefusal;
use super::registered::RegisteredPermissions;
use crate::cause::Cause;
use crate::cloud::Cloud;
use crate::identifiers::{Customer, TenantId};
use crate::protocol::{ConsentFlow, ConsentMode};
use crate::redirect_uri::RedirectUri;
use crate::return_urls::ReturnUrls;
use crate::secret::SecretString;
use crate::tenant::{Tenant, Waiting};
use crate::timestamp::Timestamp;

/// The settings of the consent function.
#[derive(Debug, Clone)]
pub struct ConsentSettings {
    /// `CONSENT_FLOW`.
    pub flow: ConsentFlow,
    /// `CONSENT_MODE`.
    pub mode: ConsentMode,
    /// `CONSENT_REDIRECT_URI`: the registered reply URL.
    pub redirect_uri: RedirectUri,
    /// The cloud of the registration, and of tenants whose invite names none.
    pub cloud: Cloud,
    /// `CONSENT_REGISTERED_PERMISSIONS`; what is required where it is not set.
    pub registered: Option<RegisteredPermissions>,
    /// `CONSENT_RETURN_URLS`.
    pub return_urls: ReturnUrls,
}

/// What the landing page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LandingView {
    /// The account of the invite; `None` where a tenant is bound to itself.
    pub customer: Option<Customer>,
    /// The only tenant that may use the invite, where it names one.
    pub tenant: Option<TenantId>,
}

/// An attempt that began: where the browser goes, and the cookie that it takes along.
pub struct Begun {
    /// The page that leads on to the authority.
    pub handle: Handle,
    /// The attempt.
    pub cookie: AttemptCookie,
}

/// What the page between a form of ours and Microsoft does.
pub enum PassageView {
    /// It leads on at once.
    On(Url),
    /// It waits first.
    Wait {
        /// What for.
        cause: Cause,
        /// How long.
        seconds: u64,
        /// The page that leads on.
        then: Handle,
    },
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
    /// On to the admin-consent page (v2 flow).
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
    /// Microsoft's own page comes next (v2 flow).
    pub asks_microsoft: bool,
}

/// What the result page shows.
pub enum ResultView {
    /// Consent was completed; this is how the tenant stands now.
    Tenant {
        /// The tenant.
        tenant: Box<Tenant>,
        /// What it waits for, while it is propagating.
        waiting: Option<Waiting>,
        /// Where to go on, from the allow-list.
        return_url: Option<Url>,
    },
    /// It was not, for this reason.
    Refused {
        /// Why.
        refusal: ConsentRefusal,
        /// When.
        at: Timestamp,
        /// The request that was refused: what is looked for in the log.
        request_id: String,
    },
}

/// Where a callback leads.
pub enum Callbacked {
    /// To the confirm page; the attempt's cookie lives as long as the page from now on.
    Confirm(Handle, AttemptCookie),
    /// To a page that waits and leads to Microsoft once more; the attempt goes on.
    Wait(Handle, AttemptCookie),
    /// To the result page; the attempt's cookie is done with.
    Done(Handle, ClearedAttempt),
}
