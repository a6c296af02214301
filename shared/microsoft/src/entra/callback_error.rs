//! What an error in a callback means (RFC 6749 §4.1.2.1). It came through the browser and is
//! not to be believed: it chooses a page. The AADSTS number decides where we know it, else the
//! word `error`; a number is kept whether we know it or not.
//!
//! At the browser a number can mean something else than at the token endpoint: there it is
//! about a person or about the first touch of a tenant. Source: the protocol notes (§2.2, §5.3,
//! §9), and Microsoft's pages on consent errors and on error codes.

use auth::cause::{Cause, CauseCode};
use auth::ports::AuthorityError;

use super::aadsts::cause_of;
use super::error_body::is_correlation_id;

use CauseCode as C;

/// What differs from the token endpoint, or comes at the browser alone.
const AT_THE_BROWSER: &[(CauseCode, &[u32])] = &[
    (C::StillSettingUp, &[650_051]),
    (C::PermissionOutOfDate, &[650_054]),
    (C::RegistrationUnknown, &[700_011, 700_016]),
    (C::ResourceMissing, &[65005, 650_052]),
    (C::NotAnAdmin, &[90093, 90094]),
    (C::ApprovalNeeded, &[90095]),
    (C::ConsentBlocked, &[900_941, 900_981]),
    (C::OwnAdminFirst, &[90099]),
    (C::AssignmentRequired, &[50105, 501_051]),
    (
        C::AccountOfAnotherDirectory,
        &[50020, 500_200, 50034, 90072],
    ),
    (C::BlockedByPolicy, &[53000, 53001, 53002, 53003]),
    (C::TenantInactive, &[5_000_224, 5_000_225]),
    (C::WrongCloud, &[900_382, 900_432]),
];

/// The cause, with the correlation ID of the description when it looks like one.
pub(crate) fn callback_error(error: &str, unverified_description: Option<&str>) -> AuthorityError {
    let description = unverified_description.unwrap_or_default();
    AuthorityError {
        correlation_id: described_correlation_id(description),
        ..callback_cause(error, description).into()
    }
}

fn callback_cause(error: &str, description: &str) -> Cause {
    let number = match Number::of(description) {
        Number::None => return by_word(error).into(),
        // No number of Microsoft's is that long: a refusal all the same, and no Cancel.
        Number::TooLong => return by_word_with_number(error, C::Unknown).into(),
        Number::Is(number) => number,
    };
    let known = at_the_browser(number).or_else(|| cause_of(number));
    let code = known.unwrap_or_else(|| by_word_with_number(error, C::AccessRefused));
    Cause::with_aadsts(code, number)
}

fn at_the_browser(number: u32) -> Option<CauseCode> {
    let mut rows = AT_THE_BROWSER.iter();
    let row = rows.find(|(_, numbers)| numbers.contains(&number));
    row.map(|(cause, _)| *cause)
}

/// What the word alone says, where no number came with it.
fn by_word(error: &str) -> CauseCode {
    match error {
        // v1's adminconsent says `permission_denied`, v2.0's `consent_required`.
        "access_denied" | "permission_denied" | "consent_required" => C::ConsentDeclined,
        "temporarily_unavailable" | "server_error" => C::Unavailable,
        "login_required" | "interaction_required" | "account_selection_required" => C::SignInFailed,
        "invalid_resource" => C::ResourceMissing,
        "invalid_client"
        | "invalid_request"
        | "invalid_scope"
        | "unauthorized_client"
        | "unsupported_response_type" => C::RequestRefused,
        _ => C::Unknown,
    }
}

/// The same where a number came that we do not know. Who presses Cancel has no other number
/// than 65004: `refused` is what a refusal is then.
fn by_word_with_number(error: &str, refused: CauseCode) -> CauseCode {
    match (error, by_word(error)) {
        ("consent_required", _) => C::NotConsented,
        (_, C::ConsentDeclined) => refused,
        (_, code) => code,
    }
}

/// The AADSTS number of a description.
enum Number {
    None,
    Is(u32),
    TooLong,
}

impl Number {
    /// The first, wherever it stands: others' words can come before it.
    fn of(description: &str) -> Self {
        let description = description.to_ascii_uppercase();
        let mut places = description.split("AADSTS").skip(1);
        let digits = places.find_map(|text| {
            let end = text.find(|c: char| !c.is_ascii_digit());
            let digits = &text[..end.unwrap_or(text.len())];
            (!digits.is_empty()).then_some(digits)
        });
        match digits.map(str::parse) {
            None => Number::None,
            Some(Ok(number)) => Number::Is(number),
            Some(Err(_)) => Number::TooLong,
        }
    }
}

/// The id behind `Correlation ID:` in a description (protocol notes §5.1).
fn described_correlation_id(description: &str) -> Option<String> {
    let (_, rest) = description.split_once("Correlation ID:")?;
    let id = rest.split_whitespace().next()?;
    is_correlation_id(id).then(|| id.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(error: &str, description: &str) -> Cause {
        callback_error(error, Some(description)).cause
    }

    #[test]
    fn no_number_has_two_causes() {
        for (index, (_, numbers)) in AT_THE_BROWSER.iter().enumerate() {
            for number in *numbers {
                let mut others = AT_THE_BROWSER[..index].iter();
                assert!(
                    !others.any(|(_, others)| others.contains(number)),
                    "{number}"
                );
            }
        }
    }

    #[test]
    fn a_number_decides_where_it_is_known_and_is_kept_where_it_is_not() {
        let unknown = "AADSTS12345678: x";
        let rows = [
            (
                "access_denied",
                "AADSTS65004: x",
                C::ConsentDeclined,
                Some(65004),
            ),
            (
                "consent_required",
                "AADSTS65004: x",
                C::ConsentDeclined,
                Some(65004),
            ),
            (
                "invalid_client",
                "AADSTS650051: x",
                C::StillSettingUp,
                Some(650_051),
            ),
            (
                "access_denied",
                "AADSTS53003: x",
                C::BlockedByPolicy,
                Some(53003),
            ),
            ("server_error", "AADSTS90094: x", C::NotAnAdmin, Some(90094)),
            // The table of the token endpoint holds the rest.
            (
                "access_denied",
                "AADSTS65001: x",
                C::NotConsented,
                Some(65001),
            ),
            (
                "server_error",
                "AADSTS90033: x",
                C::Unavailable,
                Some(90033),
            ),
            ("access_denied", unknown, C::AccessRefused, Some(12_345_678)),
            (
                "permission_denied",
                unknown,
                C::AccessRefused,
                Some(12_345_678),
            ),
            (
                "consent_required",
                unknown,
                C::NotConsented,
                Some(12_345_678),
            ),
            ("login_required", unknown, C::SignInFailed, Some(12_345_678)),
            (
                "temporarily_unavailable",
                unknown,
                C::Unavailable,
                Some(12_345_678),
            ),
            (
                "invalid_client",
                unknown,
                C::RequestRefused,
                Some(12_345_678),
            ),
            ("no_such_word", unknown, C::Unknown, Some(12_345_678)),
        ];
        for (error, description, code, aadsts) in rows {
            let found = cause(error, description);
            assert_eq!(
                (found.code, found.aadsts),
                (code, aadsts),
                "{error} {description}"
            );
        }
    }

    #[test]
    fn only_a_refusal_without_any_number_is_a_cancel() {
        let rows = [
            ("", None, C::ConsentDeclined),
            ("The user pressed Cancel.", None, C::ConsentDeclined),
            ("AADSTS: x", None, C::ConsentDeclined),
            ("aadsts90094: x", Some(90094), C::NotAnAdmin),
            ("AADSTS99999999999: x", None, C::Unknown),
            ("AADSTS0", Some(0), C::AccessRefused),
            ("AADSTS90094", Some(90094), C::NotAnAdmin),
            (" AADSTS90094: x", Some(90094), C::NotAnAdmin),
            ("Refused. AADSTS90094: x", Some(90094), C::NotAnAdmin),
            ("AADSTS: AADSTS90094: x", Some(90094), C::NotAnAdmin),
            ("AADSTS90094: x AADSTS65004: y", Some(90094), C::NotAnAdmin),
            ("AADSTS90094\u{661}: x", Some(90094), C::NotAnAdmin),
        ];
        for (description, aadsts, code) in rows {
            let found = cause("access_denied", description);
            assert_eq!((found.aadsts, found.code), (aadsts, code), "{description}");
        }
        let found = callback_error("access_denied", None).cause;
        assert_eq!(found, C::ConsentDeclined.into());
    }

    #[test]
    fn a_correlation_id_is_passed_on_when_it_is_one() {
        let id = "5a2f6e8c-0d4f-4d0f-9b57-3f1d1d6f7a10";
        let rows = [
            (
                format!("AADSTS1: x.\r\nTrace ID: y\r\nCorrelation ID: {id}\r\nTimestamp: z"),
                true,
            ),
            (format!("Correlation ID: {}", id.to_uppercase()), true),
            (format!("Correlation ID: {id}<script>"), false),
            (
                "Correlation ID: <script>alert(1)</script>".to_owned(),
                false,
            ),
            ("Correlation ID:".to_owned(), false),
            (String::new(), false),
        ];
        for (description, passed_on) in rows {
            let found = callback_error("server_error", Some(&description)).correlation_id;
            assert_eq!(found.as_deref(), passed_on.then_some(id), "{description}");
        }
    }
}
