//! What Microsoft's pages refuse with, as the person reads it: what it is, whose turn it is,
//! what to do, and the number, whether we know it or not. The number stands in the log too.

use tests::{Browser, Flow, Page};

use super::pages::check_history;
use super::stage::{Stage, with};

/// The word, the number (-: none came), the code on the page, its heading, whose turn it is,
/// and words of the next step.
const TABLE: &str = "\
# Cancel: its own number, or none at all.
access_denied | 65004 | consent_declined | nothing | you | Start again and accept
consent_required | 65004 | consent_declined | nothing | you | Start again and accept
access_denied | - | consent_declined | nothing | you | Start again and accept
consent_required | - | consent_declined | nothing | you | Start again and accept
permission_denied | - | consent_declined | nothing | you | Start again and accept
# Refused with a number that is not known: the word's meaning, and the number.
access_denied | 1234567 | access_refused | nothing | you | login.microsoftonline.com/error
permission_denied | 7 | access_refused | nothing | you | login.microsoftonline.com/error
consent_required | 1234567 | not_consented | nothing | admin | accepts
login_required | 1234567 | sign_in_failed | nothing | you | Sign in again
interaction_required | 1234567 | sign_in_failed | nothing | you | Sign in again
server_error | 1234567 | unavailable | nothing | Microsoft | in a few minutes
temporarily_unavailable | 1234567 | unavailable | nothing | Microsoft | in a few minutes
invalid_client | 1234567 | request_refused | nothing | operator | AADSTS code
invalid_request | 1234567 | request_refused | nothing | operator | AADSTS code
unauthorized_client | 1234567 | request_refused | nothing | operator | AADSTS code
invalid_resource | 1234567 | resource_missing | nothing | admin | subscription
no_such_word | 1234567 | unknown | nothing | Microsoft | in a few minutes
# An account of another directory.
access_denied | 50020 | account_of_another_directory | another | you | an account of that organisation
access_denied | 500200 | account_of_another_directory | another | you | an account of that organisation
invalid_request | 90072 | account_of_another_directory | another | you | an account of that organisation
# Not available in this organisation.
access_denied | 65005 | resource_missing | nothing | admin | subscription
invalid_resource | 650052 | resource_missing | nothing | admin | subscription
# A partner before the customer's own admin.
access_denied | 90099 | own_admin_first | admin | admin | own directory opens the consent link
interaction_required | 5000224 | tenant_inactive | nothing | admin | asks Microsoft to open
interaction_required | 5000225 | tenant_inactive | nothing | admin | asks Microsoft to open
# Another cloud.
invalid_request | 900382 | wrong_cloud | nothing | operator | under the cloud
invalid_request | 900432 | wrong_cloud | nothing | operator | under the cloud
invalid_request | 900439 | wrong_cloud | nothing | operator | under the cloud
# The registration.
unauthorized_client | 700011 | registration_unknown | nothing | operator | ENTRA_CLIENT_ID
unauthorized_client | 700016 | registration_unknown | nothing | operator | ENTRA_CLIENT_ID
invalid_client | 650054 | permission_out_of_date | nothing | operator | API permissions
invalid_request | 650056 | request_refused | nothing | operator | AADSTS code
invalid_request | 50011 | request_refused | nothing | operator | AADSTS code
# Who has to be assigned.
invalid_client | 501051 | assignment_required | nothing | admin | assigns the account
access_denied | 50105 | assignment_required | nothing | admin | Assignment required to No
# Who may accept.
access_denied | 90093 | not_an_admin | admin | admin | pass the link on
access_denied | 90094 | not_an_admin | admin | admin | pass the link on
access_denied | 90095 | approval_needed | admin | admin | approves the request
access_denied | 900941 | consent_blocked | admin | admin | looks at the publisher
access_denied | 900981 | consent_blocked | admin | admin | looks at the publisher
access_denied | 65001 | not_consented | nothing | admin | accepts
# The person's sign-in.
access_denied | 53003 | blocked_by_policy | nothing | you | sign-in log
interaction_required | 50076 | sign_in_failed | nothing | you | Sign in again
# Microsoft's own.
server_error | 90033 | unavailable | nothing | Microsoft | in a few minutes
invalid_request | 90002 | tenant_not_found | nothing | you | Check the tenant ID
access_denied | 50196 | throttled | nothing | Microsoft | in a few minutes
";

/// Headings, by their name in the table.
const HEADINGS: [(&str, &str); 3] = [
    ("nothing", "Nothing was connected"),
    ("admin", "An admin has to do this"),
    ("another", "Another account is needed"),
];
/// Whose turn it is, with the status of the page.
const TURNS: [(&str, &str, u16); 4] = [
    ("you", "It is your turn.", 400),
    (
        "admin",
        "It is the turn of an admin of your organisation.",
        400,
    ),
    ("operator", "The operator of this service must act", 503),
    ("Microsoft", "It is Microsoft&#39;s turn", 503),
];

fn rows() -> Vec<[&'static str; 6]> {
    let rows = TABLE.lines().filter(|line| !line.starts_with('#'));
    let cells = |line: &'static str| line.split(" | ").collect::<Vec<_>>().try_into().unwrap();
    rows.map(cells).collect()
}

fn check(row: [&str; 6], page: &Page) {
    let [_, _, _, heading, turn, next] = row;
    let (_, heading) = HEADINGS.iter().find(|(name, _)| *name == heading).unwrap();
    assert_eq!(page.heading(), *heading, "{row:?}");
    for (name, words, status) in TURNS {
        let said = page.body.contains(words);
        assert_eq!(said, name == turn, "{row:?}: {}", page.body);
        assert!(!said || page.status == status, "{row:?}: {}", page.status);
    }
    let when = page.headers.get("retry-after").map(|when| when.as_bytes());
    assert_eq!(when, (page.status == 503).then_some(&b"2"[..]), "{row:?}");
    for words in [next, "Nothing was connected by this."] {
        assert!(page.body.contains(words), "{row:?}: {}", page.body);
    }
}

#[tokio::test]
async fn every_word_with_every_number_says_what_it_is_whose_turn_and_what_to_do() {
    let stage = Stage::start(Flow::V2).await;
    let admin = stage.person(0).admin.clone();
    let mut browser = Browser::default();
    let proper = stage.signed_in(&mut browser, &admin).await;
    assert!(rows().len() >= 40);
    for row in rows() {
        let [error, number, code, ..] = row;
        let (description, cause) = match number {
            "-" => ("The person did something.".to_owned(), code.to_owned()),
            number => (
                format!("AADSTS{number}: Microsoft's words.\r\nTrace ID: x"),
                format!("{code} (AADSTS{number})"),
            ),
        };
        let url = with(&proper, "error", error);
        let url = with(&url, "error_description", &description);
        let page = browser.open(url.as_str()).await;
        assert_eq!(page.cause(), cause, "{row:?}");
        check(row, &page);
        let log = stage.log();
        let line = log.lines().rfind(|line| line.contains("consent_refused"));
        assert!(line.is_some_and(|line| line.contains(&cause)), "{line:?}");
    }
    stage.unchanged("errors").await;
    // None of them has used the attempt up.
    let confirm = browser.open(proper.as_str()).await;
    assert_eq!(confirm.heading(), "Connect this organisation?");
    check_history(&browser, &proper);
}
