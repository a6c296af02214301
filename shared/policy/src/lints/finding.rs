//! What a lint says of a policy.

use crate::problem::Severity;

/// What a lint found in one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    pub(crate) what: String,
    pub(crate) remedy: String,
}

impl Finding {
    pub(super) fn refused(
        code: &'static str,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            code,
            severity: Severity::Refused,
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    pub(super) fn to_confirm(
        code: &'static str,
        what: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::NeedsConfirmation,
            ..Self::refused(code, what, remedy)
        }
    }
}
