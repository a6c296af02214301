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
pub(super) const FINISHING: Expected = page("Finishing");

/// Cancel, at either of Microsoft's pages.
pub(super) const DECLINED: Expected = nothing_changed("consent_declined (AADSTS65004)");
/// Somebody who may not grant anything.
pub(super) const NOT_AN_ADMIN: Expected = nothing_changed("not_consented (AADSTS65001)");
/// Microsoft does not answer.
pub(super) const MICROSOFT_IS_OUT: Expected = nothing_changed("unavailable");

/// Microsoft's answer comes after the ten minutes of its attempt.
pub(super) const EXPIRED: Expected = unusable("start_again");
/// The confirm page's button is pressed after ten minutes.
pub(super) const CONFIRM_EXPIRED: Expected = unusable("start_again");
/// Microsoft's answer comes once more after the end, when its cookie is gone as well.
pub(super) const USED: Expected = unusable("start_again");
/// The same for the confirm page's button.
pub(super) const CONFIRM_USED: Expected = unusable("start_again");
/// Microsoft's answer comes to a browser that did not ask.
pub(super) const OTHER_BROWSER: Expected = unusable("start_again");
/// An answer of Microsoft to nothing of ours: it has no state.
pub(super) const NOT_STARTED_HERE: Expected = unusable("start_again");
/// A state that is not ours.
pub(super) const FORGED: Expected = unusable("start_again");
/// The address of a result that is not ours.
pub(super) const FORGED_RESULT: Expected = unusable("start_again");

const fn page(heading: &'static str) -> Expected {
    Expected { heading, cause: "" }
}

const fn nothing_changed(cause: &'static str) -> Expected {
    let heading = "Nothing was changed";
    Expected { heading, cause }
}

const fn unusable(cause: &'static str) -> Expected {
    let heading = "This page cannot be used any more";
    Expected { heading, cause }
}
