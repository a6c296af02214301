//! A cause in the words of the person at the browser: the heading, whose turn it is, and how
//! to start again. What happened and the next step come from the catalogue (`auth::cause`).

use auth::cause::{CauseCode, Fault};
use auth::consent::ConsentRefusal;

use crate::site::Site;

const OF_AN_ADMIN: &str = "It is the turn of an admin of your organisation.";

/// How somebody starts again after a refusal.
#[derive(PartialEq, Eq)]
pub(crate) enum StartAgain {
    /// At `/consent`.
    Landing,
    /// By the invite link, once more.
    Invite,
    /// Another start would end here again.
    Not,
}

impl StartAgain {
    pub(crate) fn after(site: &Site, refusal: &ConsentRefusal) -> Self {
        use CauseCode as C;
        match refusal.cause.code {
            C::InviteNeeded
            | C::InviteUnknown
            | C::InviteExpired
            | C::InviteUsed
            | C::BoundToAnotherCustomer
            | C::Suspended
            | C::Removed
            | C::AdminNotProven
            | C::PermissionOutOfDate
            | C::RegistrationUnknown
            | C::InGccHigh
            | C::WrongCloud
            | C::InDod
            | C::ResultExpired
            | C::TooManyRequests => StartAgain::Not,
            _ if refusal.invited || !site.open => StartAgain::Invite,
            _ => StartAgain::Landing,
        }
    }
}

/// A cause in the catalogue's words, for the person at the browser.
pub(crate) struct Words {
    pub(crate) code: String,
    pub(crate) happened: &'static str,
    /// `None` where there is nothing to do.
    pub(crate) whose_turn: Option<&'static str>,
    pub(crate) next_step: &'static str,
}

impl From<&auth::Cause> for Words {
    fn from(cause: &auth::Cause) -> Self {
        let code = cause.code;
        Self {
            code: cause.to_string(),
            happened: code.what_happened(),
            whose_turn: match (code, code.fault()) {
                (
                    CauseCode::AttemptUsed
                    | CauseCode::InviteUsed
                    | CauseCode::ResultExpired
                    | CauseCode::StartAgain
                    | CauseCode::TooManyRequests,
                    _,
                ) => None,
                (
                    CauseCode::NotAnAdmin
                    | CauseCode::OwnAdminFirst
                    | CauseCode::AssignmentRequired
                    | CauseCode::ApprovalNeeded
                    | CauseCode::ConsentBlocked
                    | CauseCode::TenantInactive
                    | CauseCode::ResourceMissing,
                    _,
                ) => Some(OF_AN_ADMIN),
                // Who made the link named the cloud; the person at the browser cannot.
                (CauseCode::WrongCloud, _) => Some(Fault::Ours.whose_turn()),
                (_, Fault::Caller | Fault::Customer) => Some("It is your turn."),
                (_, fault) => Some(fault.whose_turn()),
            },
            next_step: code.next_step(),
        }
    }
}

impl Words {
    /// Of an attempt that is over: the broker tries nothing again by itself.
    pub(crate) fn over(cause: &auth::Cause) -> Self {
        let words = Self::from(cause);
        match cause.code {
            code if code.is_transient() => Self {
                next_step: "Start again in a few minutes. If it lasts, copy the lines below to \
                            the company that sent you here.",
                ..words
            },
            // Microsoft stopped an account that may not accept.
            CauseCode::NotConsented => Self {
                whose_turn: Some(OF_AN_ADMIN),
                ..words
            },
            _ => words,
        }
    }
}

pub(crate) fn heading(code: CauseCode) -> &'static str {
    match code {
        CauseCode::StartAgain | CauseCode::AttemptUsed | CauseCode::ResultExpired => {
            "This page cannot be used any more"
        }
        CauseCode::BrokerUnavailable => "Something does not answer",
        CauseCode::TooManyRequests => "Please wait a moment",
        CauseCode::AttemptExpired => "This took too long",
        CauseCode::OtherBrowser => "Another browser began this",
        CauseCode::NotStartedHere => "One step is missing",
        CauseCode::InviteNeeded => "You need an invite",
        CauseCode::InviteUnknown => "This invite is not known",
        CauseCode::InviteExpired => "This invite has expired",
        CauseCode::InviteUsed => "This invite was used already",
        CauseCode::NotAnAdmin
        | CauseCode::OwnAdminFirst
        | CauseCode::ApprovalNeeded
        | CauseCode::ConsentBlocked => "An admin has to do this",
        CauseCode::AccountOfAnotherDirectory => "Another account is needed",
        _ => "Nothing was connected",
    }
}
