//! What Microsoft's pages refuse with, as the person reads it: what it is, whose turn it is,
//! what to do, and the number, whether we know it or not. The number stands in the log too.

use tests::{Browser, Flow, Page};

use super::pages::check_history;
use super::stage::{Stage, with};

/// Whose turn the page says it is.
const YOURS: &str = "It is your turn.";
const ADMINS: &str = "It is the turn of an admin of your organisation.";
const OPERATORS: &str = "It is the turn of whoever operates this service";
const MICROSOFTS: &str = "It is Microsoft&#39;s turn";

const NOTHING: &str = "Nothing was connected";
const AN_ADMIN: &str = "An admin has to do this";
const ANOTHER: &str = "Another account is needed";

/// The word, the number (0: none came), the code on the page, its heading, whose turn it is,
/// and words of the next step.
type Row = (
    &'static str,
    u32,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const ROWS: [Row; 46] = [
    // Cancel: its own number, or none at all.
    (
        "access_denied",
        65004,
        "consent_declined",
        NOTHING,
        YOURS,
        "Start again and accept",
    ),
    (
        "consent_required",
        65004,
        "consent_declined",
        NOTHING,
        YOURS,
        "Start again and accept",
    ),
    (
        "access_denied",
        0,
        "consent_declined",
        NOTHING,
        YOURS,
        "Start again and accept",
    ),
    (
        "consent_required",
        0,
        "consent_declined",
        NOTHING,
        YOURS,
        "Start again and accept",
    ),
    (
        "permission_denied",
        0,
        "consent_declined",
        NOTHING,
        YOURS,
        "Start again and accept",
    ),
    // Refused with a number that is not known: the word's meaning, and the number.
    (
        "access_denied",
        1234567,
        "access_refused",
        NOTHING,
        YOURS,
        "login.microsoftonline.com/error",
    ),
    (
        "permission_denied",
        7,
        "access_refused",
        NOTHING,
        YOURS,
        "login.microsoftonline.com/error",
    ),
    (
        "consent_required",
        1234567,
        "not_consented",
        NOTHING,
        YOURS,
        "accepts",
    ),
    (
        "login_required",
        1234567,
        "sign_in_failed",
        NOTHING,
        YOURS,
        "Sign in again",
    ),
    (
        "interaction_required",
        1234567,
        "sign_in_failed",
        NOTHING,
        YOURS,
        "Sign in again",
    ),
    (
        "server_error",
        1234567,
        "unavailable",
        NOTHING,
        MICROSOFTS,
        "in a few minutes",
    ),
    (
        "temporarily_unavailable",
        1234567,
        "unavailable",
        NOTHING,
        MICROSOFTS,
        "in a few minutes",
    ),
    (
        "invalid_client",
        1234567,
        "request_refused",
        NOTHING,
        OPERATORS,
        "AADSTS code",
    ),
    (
        "invalid_request",
        1234567,
        "request_refused",
        NOTHING,
        OPERATORS,
        "AADSTS code",
    ),
    (
        "unauthorized_client",
        1234567,
        "request_refused",
        NOTHING,
        OPERATORS,
        "AADSTS code",
    ),
    (
        "invalid_resource",
        1234567,
        "resource_missing",
        NOTHING,
        ADMINS,
        "subscription",
    ),
    (
        "no_such_word",
        1234567,
        "unknown",
        NOTHING,
        MICROSOFTS,
        "in a few minutes",
    ),
    // An account of another directory.
    (
        "access_denied",
        50020,
        "account_of_another_directory",
        ANOTHER,
        YOURS,
        "an account of that organisation",
    ),
    (
        "access_denied",
        500200,
        "account_of_another_directory",
        ANOTHER,
        YOURS,
        "an account of that organisation",
    ),
    (
        "invalid_request",
        90072,
        "account_of_another_directory",
        ANOTHER,
        YOURS,
        "an account of that organisation",
    ),
    // Not available in this organisation.
    (
        "access_denied",
        65005,
        "resource_missing",
        NOTHING,
        ADMINS,
        "subscription",
    ),
    (
        "invalid_resource",
        650052,
        "resource_missing",
        NOTHING,
        ADMINS,
        "subscription",
    ),
    // A partner before the customer's own admin.
    (
        "access_denied",
        90099,
        "own_admin_first",
        AN_ADMIN,
        ADMINS,
        "own directory opens this link",
    ),
    (
        "interaction_required",
        5000224,
        "tenant_inactive",
        NOTHING,
        ADMINS,
        "asks Microsoft to open",
    ),
    (
        "interaction_required",
        5000225,
        "tenant_inactive",
        NOTHING,
        ADMINS,
        "asks Microsoft to open",
    ),
    // Another cloud.
    (
        "invalid_request",
        900382,
        "wrong_cloud",
        NOTHING,
        YOURS,
        "under the cloud",
    ),
    (
        "invalid_request",
        900432,
        "wrong_cloud",
        NOTHING,
        YOURS,
        "under the cloud",
    ),
    (
        "invalid_request",
        900439,
        "wrong_cloud",
        NOTHING,
        YOURS,
        "under the cloud",
    ),
    // The registration.
    (
        "unauthorized_client",
        700011,
        "registration_unknown",
        NOTHING,
        OPERATORS,
        "ENTRA_CLIENT_ID",
    ),
    (
        "unauthorized_client",
        700016,
        "registration_unknown",
        NOTHING,
        OPERATORS,
        "ENTRA_CLIENT_ID",
    ),
    (
        "invalid_client",
        650054,
        "permission_out_of_date",
        NOTHING,
        OPERATORS,
        "API permissions",
    ),
    (
        "invalid_request",
        650056,
        "request_refused",
        NOTHING,
        OPERATORS,
        "AADSTS code",
    ),
    (
        "invalid_request",
        50011,
        "request_refused",
        NOTHING,
        OPERATORS,
        "AADSTS code",
    ),
    // Who has to be assigned.
    (
        "invalid_client",
        501051,
        "assignment_required",
        NOTHING,
        ADMINS,
        "assigns the account",
    ),
    (
        "access_denied",
        50105,
        "assignment_required",
        NOTHING,
        ADMINS,
        "Assignment required to No",
    ),
    // Who may accept.
    (
        "access_denied",
        90093,
        "not_an_admin",
        AN_ADMIN,
        ADMINS,
        "Pass the link on",
    ),
    (
        "access_denied",
        90094,
        "not_an_admin",
        AN_ADMIN,
        ADMINS,
        "Pass the link on",
    ),
    (
        "access_denied",
        90095,
        "approval_needed",
        AN_ADMIN,
        ADMINS,
        "approves the request",
    ),
    (
        "access_denied",
        900941,
        "consent_blocked",
        AN_ADMIN,
        ADMINS,
        "looks at the publisher",
    ),
    (
        "access_denied",
        900981,
        "consent_blocked",
        AN_ADMIN,
        ADMINS,
        "looks at the publisher",
    ),
    (
        "access_denied",
        65001,
        "not_consented",
        NOTHING,
        YOURS,
        "accepts",
    ),
    // The person's sign-in.
    (
        "access_denied",
        53003,
        "blocked_by_policy",
        NOTHING,
        YOURS,
        "sign-in log",
    ),
    (
        "interaction_required",
        50076,
        "sign_in_failed",
        NOTHING,
        YOURS,
        "Sign in again",
    ),
    // Microsoft's own.
    (
        "server_error",
        90033,
        "unavailable",
        NOTHING,
        MICROSOFTS,
        "in a few minutes",
    ),
    (
        "invalid_request",
        90002,
        "tenant_not_found",
        NOTHING,
        YOURS,
        "Check the tenant ID",
    ),
    (
        "access_denied",
        50196,
        "throttled",
        NOTHING,
        MICROSOFTS,
        "in a few minutes",
    ),
];

/// The code as the page and the log show it.
fn shown(code: &str, number: u32) -> String {
    match number {
        0 => code.to_owned(),
        number => format!("{code} (AADSTS{number})"),
    }
}

fn check(row: &Row, page: &Page) {
    let (error, number, _, heading, turn, next) = *row;
    let name = format!("{error} {number}");
    assert_eq!(page.heading(), heading, "{name}");
    for words in [turn, next, "Nothing was connected by this."] {
        assert!(page.body.contains(words), "{name}: {words}: {}", page.body);
    }
    let turns = [YOURS, ADMINS, OPERATORS, MICROSOFTS];
    let said = turns.iter().filter(|turn| page.body.contains(**turn));
    assert_eq!(said.count(), 1, "{name}: {}", page.body);
}

#[tokio::test]
async fn every_word_with_every_number_says_what_it_is_whose_turn_and_what_to_do() {
    let stage = Stage::start(Flow::V2).await;
    let admin = stage.person(0).admin.clone();
    let mut browser = Browser::default();
    let proper = stage.signed_in(&mut browser, &admin).await;
    for row in &ROWS {
        let (error, number, code, _, turn, _) = *row;
        let description = match number {
            0 => "The person did something.".to_owned(),
            number => format!("AADSTS{number}: Microsoft's words.\r\nTrace ID: x"),
        };
        let url = with(&proper, "error", error);
        let url = with(&url, "error_description", &description);
        let page = browser.open(url.as_str()).await;
        check(row, &page);
        let cause = shown(code, number);
        let status = match turn {
            OPERATORS | MICROSOFTS => 503,
            _ => 400,
        };
        assert_eq!(
            (page.status, page.cause()),
            (status, cause.clone()),
            "{error}"
        );
        let log = stage.log();
        let line = log.lines().rfind(|line| line.contains("consent_refused"));
        assert!(
            line.is_some_and(|line| line.contains(&cause)),
            "{cause}: {line:?}"
        );
    }
    stage.unchanged("errors").await;
    // None of them has used the attempt up.
    let confirm = browser.open(proper.as_str()).await;
    assert_eq!(confirm.heading(), "Connect this organisation?");
    check_history(&browser, &proper);
}
