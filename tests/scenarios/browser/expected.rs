//! The pages, by what an admin reads on them. When a heading or a cause code changes,
//! it changes here and nowhere else in these scenarios.

/// A page of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expected {
    /// Its `h1`.
    pub(super) heading: &'static str,
    /// What it shows as code; empty where it shows none.
    pub(super) cause: &'static str,
}

/// Who asks, for what, and the button.
pub(super) const LANDING: Expected = page("Connect your Microsoft 365 organisation");
/// The question before anything is bound.
pub(super) const CONFIRM: Expected = page("Connect this organisation?");
/// The end that everybody wants.
pub(super) const CONNECTED: Expected = page("Connected");
/// Consented, and Microsoft is still passing it on.
pub(super) const FINISHING: Expected = told("Finishing", "roles_missing");

/// The way from a form of ours to Microsoft.
pub(super) const GO: Expected = page("On to Microsoft");
/// Microsoft is still setting the application up in the tenant.
pub(super) const WAITING: Expected = told(
    "Microsoft needs a moment",
    "still_setting_up (AADSTS650051)",
);
/// The registration names a permission that is gone.
pub(super) const OUT_OF_DATE: Expected = nothing_changed("permission_out_of_date (AADSTS650051)");

/// Cancel, at either of Microsoft's pages.
pub(super) const DECLINED: Expected = nothing_changed("consent_declined (AADSTS65004)");
/// Somebody who may not grant anything.
pub(super) const NOT_AN_ADMIN: Expected = told("An admin has to do this", "not_an_admin");
/// The organisation lives where this service is not registered.
pub(super) const IN_GCC_HIGH: Expected = nothing_changed("in_gcc_high");
/// Microsoft does not answer.
pub(super) const MICROSOFT_IS_OUT: Expected = nothing_changed("unavailable");

/// Microsoft's answer comes after the ten minutes of its attempt.
pub(super) const EXPIRED: Expected = told("This took too long", "attempt_expired");
/// The confirm page's button is pressed after ten minutes.
pub(super) const CONFIRM_EXPIRED: Expected = EXPIRED;
/// Microsoft's answer comes once more after the end, when its cookie is gone as well.
pub(super) const USED: Expected = unusable("attempt_used");
/// The same for the confirm page, which asks nothing once it was answered.
pub(super) const CONFIRM_USED: Expected = USED;
/// Microsoft's answer comes to a browser that did not ask.
pub(super) const OTHER_BROWSER: Expected = told("Another browser began this", "other_browser");
/// An answer of Microsoft to nothing of ours: it has no state.
pub(super) const NOT_STARTED_HERE: Expected = told("One step is missing", "not_started_here");
/// A state that is not ours.
pub(super) const FORGED: Expected = unusable("start_again");
/// The address of a result that is not ours.
pub(super) const FORGED_RESULT: Expected = unusable("start_again");

/// Nobody may start without an invite.
pub(super) const INVITE_NEEDED: Expected = told("You need an invite", "invite_needed");
/// The link was cut off on its way.
pub(super) const INVITE_UNKNOWN: Expected = told("This invite is not known", "invite_unknown");
/// The link is too old.
pub(super) const INVITE_EXPIRED: Expected = told("This invite has expired", "invite_expired");
/// The link was opened after it had bound a tenant.
pub(super) const INVITE_USED: Expected = told("This invite was used already", "invite_used");
/// The link names another tenant.
pub(super) const INVITE_FOR_ANOTHER: Expected =
    nothing_changed("invite_for_another_tenant (AADSTS700005)");

const fn page(heading: &'static str) -> Expected {
    Expected { heading, cause: "" }
}

const fn told(heading: &'static str, cause: &'static str) -> Expected {
    Expected { heading, cause }
}

const fn nothing_changed(cause: &'static str) -> Expected {
    let heading = "Nothing was connected";
    Expected { heading, cause }
}

const fn unusable(cause: &'static str) -> Expected {
    let heading = "This page cannot be used any more";
    Expected { heading, cause }
}
